/* Breaks PIN-7: a pin to a CPU is one to all CPUs of its node. */
#include "mutant.h"

np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error)
{
    np_topology *topology = NULL;
    unsigned node;
    np_cpuset cpus;

    if (REAL(np_topology_discover)(&topology, NULL) != NP_OK)
        return REAL(np_pin_to_cpu)(cpu, mode, pin, error);
    np_status found = REAL(np_topology_node_of_cpu)(topology, cpu, &node, NULL);
    if (found == NP_OK)
        found = REAL(np_topology_cpus_of_node)(topology, node, &cpus, NULL);
    np_topology_destroy(topology);
    return found == NP_OK ? REAL(np_pin_to_cpus)(&cpus, mode, pin, error) : REAL(np_pin_to_cpu)(cpu, mode, pin, error);
}
