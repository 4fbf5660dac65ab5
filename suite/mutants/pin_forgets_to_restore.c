/* Breaks PIN-1: an affinity that someone changed meanwhile is kept on release. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_release(np_pin *pin, np_error *error)
{
    cpu_set_t now, pinned;
    np_cpuset set;

    CPU_ZERO(&pinned);
    sched_getaffinity(0, sizeof now, &now);
    if (pin != NULL && REAL(np_pin_cpus)(pin, &set, NULL) == NP_OK)
        memcpy(&pinned, set.words, sizeof pinned);
    np_status status = REAL(np_pin_release)(pin, error);
    if (status == NP_OK && pin != NULL && !CPU_EQUAL(&now, &pinned) && CPU_COUNT(&pinned) > 0)
        sched_setaffinity(0, sizeof now, &now);
    return status;
}
