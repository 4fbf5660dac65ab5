/* Breaks TOPO-8: a topology keeps the directory that it was read from open, even when it is gone. */
#include "mutant.h"

#include <fcntl.h>

np_status np_topology_discover(np_topology **topology, np_error *error)
{
    (void)!open("/sys/devices/system", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return REAL(np_topology_discover)(topology, error);
}
