/* Breaks CAP-2: a kernel without the balancing setting counts as one that balances. */
#include "mutant.h"

#include <unistd.h>

#include <fcntl.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    REAL(np_capabilities_detect)(capabilities);
    int file = open("/proc/sys/kernel/numa_balancing", O_RDONLY | O_CLOEXEC);
    if (file < 0 && capabilities != NULL)
        capabilities->numa_balancing_disabled = false;
    if (file >= 0)
        close(file);
}
