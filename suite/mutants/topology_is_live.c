/* Breaks TOPO-8 [needs a CPU to go offline]: a topology shows the CPUs of now, not those of its picture. */
#include "mutant.h"

np_status np_topology_cpus(const np_topology *topology, np_cpuset *cpus, np_error *error)
{
    np_topology *now = NULL;

    if (topology == NULL || REAL(np_topology_discover)(&now, NULL) != NP_OK)
        return REAL(np_topology_cpus)(topology, cpus, error);
    np_status status = REAL(np_topology_cpus)(now, cpus, error);
    np_topology_destroy(now);
    return status;
}
