/* Breaks PIN-9: a pin holds as long as the thread runs within the set, even on fewer CPUs. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error)
{
    np_cpuset asked, now = {{0}};

    np_status status = REAL(np_pin_verify)(pin, holds, present, error);
    if (status != NP_OK || REAL(np_pin_cpus)(pin, &asked, NULL) != NP_OK ||
        sched_getaffinity(0, sizeof now.words, (cpu_set_t *)now.words) != 0)
        return status;
    if (REAL(np_cpuset_count)(&asked) > 0 && REAL(np_cpuset_subset)(&now, &asked)) {
        *holds = true;
        if (present != NULL)
            *present = (np_enforcement){.level = NP_LEVEL_STRICT};
    }
    return status;
}
