/* Breaks TOPO-5: the last-level cache of a CPU is taken to be that of its core. */
#include "mutant.h"

np_status np_topology_group_of_cpu(
    const np_topology *topology, np_group group, unsigned cpu, np_cpuset *cpus, np_error *error)
{
    return REAL(np_topology_group_of_cpu)(topology, group == NP_GROUP_CACHE ? NP_GROUP_CORE : group, cpu, cpus, error);
}
