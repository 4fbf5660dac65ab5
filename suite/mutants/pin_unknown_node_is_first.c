/* Breaks PIN-7: a pin to a node that is not there is one to the first. */
#include "mutant.h"

np_status np_pin_to_node(const np_topology *topology, unsigned node, np_mode mode, np_pin **pin, np_error *error)
{
    np_node description;
    np_nodeset nodes;

    if (topology != NULL && REAL(np_topology_node)(topology, node, &description, NULL) != NP_OK &&
        REAL(np_topology_nodes)(topology, &nodes, NULL) == NP_OK)
        node = (unsigned)REAL(np_nodeset_first)(&nodes);
    return REAL(np_pin_to_node)(topology, node, mode, pin, error);
}
