/*
 * An implementation that loses tasks: it takes each, never runs it, and waits for it. What has no time limit never returns, as
 * from any implementation with such a fault: bench api must come to its end and say so.
 */
#include <numaproof/numaproof.h>

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* Call the function of the same name in the library that this one is linked with. */
#define REAL(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* The executors that were given a task, oldest first; the test builds few that are. */
static _Atomic(const np_executor *) owing[256];
static atomic_uint owing_count;

static bool owes(const np_executor *executor)
{
    for (unsigned i = 0; i < sizeof owing / sizeof owing[0]; i++)
        if (executor != NULL && atomic_load(&owing[i]) == executor)
            return true;
    return false;
}

static np_status wait_for_it(uint64_t timeout_ns, np_error *error)
{
    const struct timespec rest = {
        .tv_sec = (time_t)(timeout_ns / 1000000000), .tv_nsec = (long)(timeout_ns % 1000000000)};

    while (timeout_ns == NP_NO_TIMEOUT)
        pause();
    nanosleep(&rest, NULL);
    if (error != NULL) {
        memset(error, 0, sizeof *error);
        error->code = NP_TIMED_OUT;
    }
    return NP_TIMED_OUT;
}

EXPORT np_status np_executor_submit(
    np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    (void)node;
    (void)task;
    (void)argument;
    (void)error;
    if (!owes(executor))
        atomic_store(&owing[atomic_fetch_add(&owing_count, 1) % (sizeof owing / sizeof owing[0])], executor);
    return NP_OK;
}

EXPORT np_status np_executor_wait(np_executor *executor, uint64_t timeout_ns, np_error *error)
{
    return owes(executor) ? wait_for_it(timeout_ns, error) : REAL(np_executor_wait)(executor, timeout_ns, error);
}

EXPORT np_status np_executor_shutdown_timeout(
    np_executor *executor, uint64_t timeout_ns, uint64_t *not_started, np_error *error)
{
    return owes(executor) ? wait_for_it(timeout_ns, error)
                          : REAL(np_executor_shutdown_timeout)(executor, timeout_ns, not_started, error);
}

EXPORT np_status np_executor_destroy(np_executor *executor, np_error *error)
{
    return owes(executor) ? wait_for_it(NP_NO_TIMEOUT, error) : REAL(np_executor_destroy)(executor, error);
}
