/* Breaks TOPO-10: usable is what the caller's affinity allows just now. */
#include "mutant.h"

#include <sched.h>

np_status np_topology_usable_cpus(const np_topology *topology, np_cpuset *cpus, np_error *error)
{
    cpu_set_t own;
    np_cpuset allowed = {{0}};

    np_status status = REAL(np_topology_usable_cpus)(topology, cpus, error);
    if (status != NP_OK || sched_getaffinity(0, sizeof own, &own) != 0)
        return status;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &own))
            REAL(np_cpuset_add)(&allowed, cpu, NULL);
    return REAL(np_cpuset_intersection)(cpus, &allowed, cpus, error);
}
