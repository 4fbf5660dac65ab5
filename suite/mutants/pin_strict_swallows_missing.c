/* Breaks PIN-3: a strict pin with a CPU missing takes the rest and calls it strict. */
#include "mutant.h"

#include <stdbool.h>

static bool swallowed;

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_error own = {.code = 0};

    swallowed = false;
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, &own);
    if (status == NP_HARD_MODE_UNAVAILABLE && strstr(own.reason, "not fully applied") != NULL) {
        swallowed = true;
        return REAL(np_pin_to_cpus)(cpus, NP_SOFT, pin, error);
    }
    if (status != NP_OK && error != NULL)
        *error = own;
    return status;
}

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    np_status status = REAL(np_pin_enforcement)(pin, enforcement, error);

    if (status == NP_OK && swallowed)
        *enforcement = (np_enforcement){.level = NP_LEVEL_STRICT};
    return status;
}
