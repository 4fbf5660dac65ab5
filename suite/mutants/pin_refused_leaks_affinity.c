/* Breaks LAW-2: a refused strict pin leaves the thread pinned to what could be had of the set. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    if (status == NP_HARD_MODE_UNAVAILABLE)
        sched_setaffinity(0, sizeof cpus->words, (const cpu_set_t *)cpus->words);
    return status;
}
