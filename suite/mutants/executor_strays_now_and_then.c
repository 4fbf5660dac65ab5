/* Breaks EXEC-4 [needs an access counter]: one task in a thousand runs on another node, and nothing is counted there. */
#include "mutant.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

struct stray {
    np_task *task;
    void *argument;
};

/* The worker goes to the first CPU that is not its node's, runs the task there, and comes back. */
static void run_elsewhere(void *closure)
{
    struct stray stray = *(struct stray *)closure;
    cpu_set_t home, other;

    free(closure);
    sched_getaffinity(0, sizeof home, &home);
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        CPU_ZERO(&other);
        CPU_SET(cpu, &other);
        if (!CPU_ISSET(cpu, &home) && sched_setaffinity(0, sizeof other, &other) == 0)
            break;
    }
    stray.task(stray.argument);
    sched_setaffinity(0, sizeof home, &home);
}

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    static atomic_uint submitted;
    struct stray *stray = NULL;

    if (executor == NULL || task == NULL || atomic_fetch_add(&submitted, 1) % 1000 != 999 ||
        (stray = malloc(sizeof *stray)) == NULL)
        return REAL(np_executor_submit)(executor, node, task, argument, error);
    *stray = (struct stray){task, argument};
    np_status status = REAL(np_executor_submit)(executor, node, run_elsewhere, stray, error);
    if (status != NP_OK)
        free(stray);
    return status;
}
