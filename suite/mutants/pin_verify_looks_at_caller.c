/* Breaks PIN-9: verifying looks at the thread that asks, not at the one that is pinned. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error)
{
    np_cpuset asked, now = {{0}};

    np_status status = REAL(np_pin_verify)(pin, holds, present, error);
    if (status != NP_OK || REAL(np_pin_cpus)(pin, &asked, NULL) != NP_OK ||
        sched_getaffinity(0, sizeof now.words, (cpu_set_t *)now.words) != 0)
        return status;
    *holds = REAL(np_cpuset_equal)(&now, &asked);
    return status;
}
