/* Breaks PIN-3: the refusal names no CPU. */
#include "mutant.h"

#include <stdio.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    if (status == NP_HARD_MODE_UNAVAILABLE && error != NULL && strstr(error->reason, "not fully applied") != NULL)
        snprintf(error->reason, sizeof error->reason, "affinity not fully applied: a CPU is offline or isolated");
    return status;
}
