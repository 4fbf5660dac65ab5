/* Breaks TOPO-5: a node has one socket more than it has. */
#include "mutant.h"

np_status np_topology_group_count(
    const np_topology *topology, np_group group, unsigned node, unsigned *count, np_error *error)
{
    np_status status = REAL(np_topology_group_count)(topology, group, node, count, error);

    if (status == NP_OK && group == NP_GROUP_SOCKET)
        *count += 1;
    return status;
}
