/* Breaks TOPO-2: a node that is not there is taken for node 0. */
#include "mutant.h"

np_status np_topology_cpus_of_node(const np_topology *topology, unsigned node, np_cpuset *cpus, np_error *error)
{
    np_node description;

    if (REAL(np_topology_node)(topology, node, &description, NULL) != NP_OK)
        node = 0;
    return REAL(np_topology_cpus_of_node)(topology, node, cpus, error);
}
