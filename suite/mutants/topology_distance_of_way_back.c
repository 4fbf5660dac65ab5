/* Breaks TOPO-4: the distance is that of the way back. */
#include "mutant.h"

np_status np_topology_distance(
    const np_topology *topology, unsigned initiator, unsigned target, unsigned *distance, np_error *error)
{
    return REAL(np_topology_distance)(topology, target, initiator, distance, error);
}
