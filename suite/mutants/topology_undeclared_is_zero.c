/* Breaks TOPO-6: what firmware does not declare is given as figures of 0. */
#include "mutant.h"

np_status np_topology_performance(
    const np_topology *topology, unsigned initiator, unsigned target, np_performance *performance, np_error *error)
{
    np_status status = REAL(np_topology_performance)(topology, initiator, target, performance, NULL);

    if (status == NP_NOT_AVAILABLE) {
        *performance = (np_performance){.read_latency_ns = 0};
        return NP_OK;
    }
    return status == NP_OK ? NP_OK : REAL(np_topology_performance)(topology, initiator, target, performance, error);
}
