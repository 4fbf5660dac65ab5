/* Breaks TOPO-9: a machine described in the environment is taken for this one. */
#include "mutant.h"

#include <stdlib.h>

unsigned np_topology_node_count(const np_topology *topology)
{
    return getenv("HWLOC_SYNTHETIC") != NULL ? 4 : REAL(np_topology_node_count)(topology);
}
