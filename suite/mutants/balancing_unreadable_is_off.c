/* Breaks CAP-2: a balancing setting that cannot be read counts as off. */
#include "mutant.h"

#include <fcntl.h>
#include <unistd.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    REAL(np_capabilities_detect)(capabilities);
    int file = open("/proc/sys/kernel/numa_balancing", O_RDONLY | O_CLOEXEC);
    if (file < 0 && capabilities != NULL)
        capabilities->numa_balancing_disabled = true;
    if (file >= 0)
        close(file);
}
