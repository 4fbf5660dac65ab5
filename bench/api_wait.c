/*
 * Waiting for an implementation that may never answer, and for no longer than it may take.
 *
 * Whose calls are measured may lose a task. A wait without end would then hang the whole measurement, without a word of what
 * happened; so each wait here ends, and says so. An executor that still owes a task is not destroyed either, which would wait
 * for it again: it is left behind, threads and all, until this process ends.
 */
#include "api_rows.h"
#include "failure.h"

#include <math.h>
#include <sched.h>

#define PATIENCE_SECONDS 10.0
#define LEAST_PATIENCE   1.0
/* What has nothing left to do ends at once. */
#define END_SECONDS 2.0

void api_set_limit(struct api_machine *machine, double seconds)
{
    machine->end = api_now() + seconds * 1e9;
    machine->patience = fmax(LEAST_PATIENCE, fmin(PATIENCE_SECONDS, seconds));
}

double api_seconds_left(const struct api_machine *machine)
{
    return (machine->end - api_now()) / 1e9;
}

static np_status lost(np_error *error, const char *what, double seconds)
{
    return failure(error, NP_TIMED_OUT,
        "%s within %.0f s, though there was next to nothing to do: the implementation has lost a task", what, seconds);
}

np_status api_await_all(const struct api_machine *machine, np_executor *executor, np_error *error)
{
    np_status status = machine->api.executor_wait(executor, (uint64_t)(machine->patience * 1e9), error);

    return status == NP_TIMED_OUT ? lost(error, "the executor was not done", machine->patience) : status;
}

np_status api_await_count(
    const struct api_machine *machine, const atomic_ulong *count, unsigned long least, np_error *error)
{
    double limit = api_now() + machine->patience * 1e9;

    while (atomic_load(count) < least) {
        if (api_now() > limit)
            return lost(error, "a task was not run", machine->patience);
        sched_yield();
    }
    return NP_OK;
}

bool api_let_go(const struct api_machine *machine, np_executor *executor)
{
    double seconds = fmin(END_SECONDS, machine->patience);

    if (executor == NULL)
        return true;
    if (machine->api.executor_shutdown_timeout(executor, (uint64_t)(seconds * 1e9), NULL, NULL) == NP_TIMED_OUT)
        return false;
    machine->api.executor_destroy(executor, NULL);
    return true;
}
