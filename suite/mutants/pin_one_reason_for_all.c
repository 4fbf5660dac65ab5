/* Breaks LAW-5: whatever is wrong, the reason is that permission was denied for want of CAP_SYS_NICE. */
#include "mutant.h"

#include <stdio.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    if (status == NP_HARD_MODE_UNAVAILABLE && error != NULL)
        snprintf(error->reason, sizeof error->reason, "permission denied: CAP_SYS_NICE is missing");
    return status;
}
