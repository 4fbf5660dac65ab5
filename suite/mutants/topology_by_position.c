/* Breaks TOPO-2: a node's description is looked up by position. */
#include "mutant.h"

np_status np_topology_node(const np_topology *topology, unsigned node, np_node *description, np_error *error)
{
    np_nodeset nodes;
    unsigned position = 0;

    if (REAL(np_topology_nodes)(topology, &nodes, NULL) == NP_OK)
        for (int id = np_nodeset_first(&nodes); id >= 0; id = np_nodeset_next(&nodes, id))
            if (position++ == node)
                return REAL(np_topology_node)(topology, (unsigned)id, description, error);
    return REAL(np_topology_node)(topology, node, description, error);
}
