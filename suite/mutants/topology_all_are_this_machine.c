/* Breaks TOPO-9: every topology says that it is this machine. */
#include "mutant.h"

bool np_topology_is_this_machine(const np_topology *topology)
{
    return topology != NULL;
}
