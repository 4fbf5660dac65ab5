/* Breaks CAP-3: where the nodes cannot be read there are none. */
#include "mutant.h"

#include <fcntl.h>
#include <unistd.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    REAL(np_capabilities_detect)(capabilities);
    int file = open("/sys/devices/system/node/online", O_RDONLY | O_CLOEXEC);
    if (file < 0 && capabilities != NULL)
        capabilities->node_count = 0;
    if (file >= 0)
        close(file);
}
