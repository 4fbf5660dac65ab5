/* Breaks TOPO-4: the distance to a node that is not there is 0. */
#include "mutant.h"

np_status np_topology_distance(
    const np_topology *topology, unsigned initiator, unsigned target, unsigned *distance, np_error *error)
{
    np_status status = REAL(np_topology_distance)(topology, initiator, target, distance, error);

    if (status == NP_OK || topology == NULL || distance == NULL)
        return status;
    *distance = 0;
    return status;
}
