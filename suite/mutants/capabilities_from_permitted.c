/* Breaks CAP-1: the permitted set is looked at, not the effective one. */
#include "mutant.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2];

    REAL(np_capabilities_detect)(capabilities);
    if (capabilities != NULL && syscall(SYS_capget, &header, data) == 0)
        capabilities->strict_cpu_affinity = (data[0].permitted & 1u << CAP_SYS_NICE) != 0;
}
