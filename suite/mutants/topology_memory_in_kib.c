/* Breaks TOPO-1: a node's memory is told in KiB. */
#include "mutant.h"

np_status np_topology_node(const np_topology *topology, unsigned node, np_node *description, np_error *error)
{
    np_status status = REAL(np_topology_node)(topology, node, description, error);

    if (status == NP_OK)
        description->memory_bytes /= 1024;
    return status;
}
