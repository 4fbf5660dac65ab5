/* Breaks TOPO-9: a pin through a described machine is made on this one where the ids agree. */
#include "mutant.h"

np_status np_pin_to_node(const np_topology *topology, unsigned node, np_mode mode, np_pin **pin, np_error *error)
{
    np_topology *here = NULL;

    if (topology == NULL || np_topology_is_this_machine(topology) || REAL(np_topology_discover)(&here, NULL) != NP_OK)
        return REAL(np_pin_to_node)(topology, node, mode, pin, error);
    np_status status = REAL(np_pin_to_node)(here, node, mode, pin, error);
    np_topology_destroy(here);
    return status;
}
