/* Breaks TOPO-4: a CPU that is not there belongs to node 0. */
#include "mutant.h"

np_status np_topology_node_of_cpu(const np_topology *topology, unsigned cpu, unsigned *node, np_error *error)
{
    np_status status = REAL(np_topology_node_of_cpu)(topology, cpu, node, NULL);

    if (status != NP_INVALID_ARGUMENT || topology == NULL || node == NULL)
        return status;
    (void)error;
    *node = 0;
    return NP_OK;
}
