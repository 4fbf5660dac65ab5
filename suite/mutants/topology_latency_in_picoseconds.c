/* Breaks TOPO-6 [needs firmware that declares figures]: the latency is told in picoseconds. */
#include "mutant.h"

np_status np_topology_performance(
    const np_topology *topology, unsigned initiator, unsigned target, np_performance *performance, np_error *error)
{
    np_status status = REAL(np_topology_performance)(topology, initiator, target, performance, error);

    if (status == NP_OK)
        performance->read_latency_ns *= 1000;
    return status;
}
