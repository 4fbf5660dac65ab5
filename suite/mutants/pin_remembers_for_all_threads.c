/* Breaks PIN-1: what was before the last pin of any thread is what a released pin restores. */
#include "mutant.h"

#include <sched.h>

static cpu_set_t before;

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    sched_getaffinity(0, sizeof before, &before);
    return REAL(np_pin_to_cpus)(cpus, mode, pin, error);
}

np_status np_pin_release(np_pin *pin, np_error *error)
{
    np_status status = REAL(np_pin_release)(pin, error);

    if (status == NP_OK && pin != NULL)
        sched_setaffinity(0, sizeof before, &before);
    return status;
}
