/* Breaks PIN-6: a refused release on another thread sets that thread's affinity all the same. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_release(np_pin *pin, np_error *error)
{
    np_status status = REAL(np_pin_release)(pin, error);
    np_cpuset set;

    if (status == NP_INVALID_ARGUMENT && REAL(np_pin_cpus)(pin, &set, NULL) == NP_OK)
        sched_setaffinity(0, sizeof set.words, (const cpu_set_t *)set.words);
    return status;
}
