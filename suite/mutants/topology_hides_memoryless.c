/* Breaks TOPO-3 [needs a node without memory]: every node is said to have memory. */
#include "mutant.h"

np_status np_topology_node(const np_topology *topology, unsigned node, np_node *description, np_error *error)
{
    np_status status = REAL(np_topology_node)(topology, node, description, error);

    if (status == NP_OK)
        description->has_memory = true;
    return status;
}
