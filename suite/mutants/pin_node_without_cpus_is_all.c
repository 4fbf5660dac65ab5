/* Breaks PIN-7 [needs a node without CPUs]: a pin to a node without CPUs is one to all. */
#include "mutant.h"

np_status np_pin_to_node(const np_topology *topology, unsigned node, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset cpus;

    if (REAL(np_topology_cpus_of_node)(topology, node, &cpus, NULL) == NP_OK && REAL(np_cpuset_count)(&cpus) == 0 &&
        REAL(np_topology_cpus)(topology, &cpus, NULL) == NP_OK)
        return REAL(np_pin_to_cpus)(&cpus, mode, pin, error);
    return REAL(np_pin_to_node)(topology, node, mode, pin, error);
}
