/* Breaks LAW-5: a refusal for want of a privilege does not say which. */
#include "mutant.h"

#include <stdio.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    if (status == NP_HARD_MODE_UNAVAILABLE && error != NULL && strstr(error->reason, "CAP_SYS_NICE") != NULL)
        snprintf(error->reason, sizeof error->reason, "permission denied: a capability is missing");
    return status;
}
