/* Breaks TOPO-7 [needs one node]: a machine without NUMA has no nodes. */
#include "mutant.h"

unsigned np_topology_node_count(const np_topology *topology)
{
    unsigned count = REAL(np_topology_node_count)(topology);

    return count == 1 ? 0 : count;
}
