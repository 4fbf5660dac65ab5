/* Breaks CAP-6: each detection leaves a file open. */
#include "mutant.h"

#include <fcntl.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    REAL(np_capabilities_detect)(capabilities);
    (void)!open("/proc/self/status", O_RDONLY | O_CLOEXEC);
}
