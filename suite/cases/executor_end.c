/*
 * The end of an executor: all that was accepted is run, every thread ends, a timeout holds, and nobody waits for himself
 * (EXEC-8, EXEC-9, LAW-8).
 */
#include "executor_case.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* So many may wait to be run; who submits more is held back. */
enum { UNRUN_MAX = 10000 };

/* Submits until it is refused, and then lets the gate's task go on. */
struct late {
    np_executor *executor;
    unsigned node;
    struct gate gate;
    atomic_ulong ran;
    unsigned long accepted;
    np_status last;
};

/* It goes on at one a millisecond when too many are unrun: only the refusal lets them be run. */
static void *submit_until_refused(void *closure)
{
    struct late *late = closure;

    while ((late->last = api->executor_submit(late->executor, late->node, count_task, &late->ran, NULL)) == NP_OK)
        if (++late->accepted > atomic_load(&late->ran) + UNRUN_MAX)
            nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);
    gate_opened(&late->gate, 1);
    return NULL;
}

CASE(executor_shutdown_runs_all, "shutdown runs all that was accepted and ends every thread; later submits are refused",
    CLAUSES("EXEC-8"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    struct threads before = threads_now();
    struct late late = {.executor = executor_made(&options, error), .node = first_run_node()};
    pthread_t thread;

    gate_made(&late.gate);
    submitted(late.executor, late.node, gate_task, &late.gate, error);
    gate_await(&late.gate, 1);
    submitted_times(late.executor, late.node, count_task, &late.ran, 1000, error);
    EXPECT_INT(pthread_create(&thread, NULL, submit_until_refused, &late), ==, 0);
    EXPECT_OK(api->executor_shutdown(late.executor, error));
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    EXPECT_INT(late.last, ==, NP_SHUT_DOWN);
    EXPECT_INT(late.ran, ==, 1000 + late.accepted);
    struct threads left = threads_since(&before);
    EXPECT_INT(left.count, ==, 0);
    EXPECT_STATUS(api->executor_submit(late.executor, late.node, count_task, &late.ran, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_submit_local(late.executor, count_task, &late.ran, error), NP_SHUT_DOWN);
    EXPECT_OK(api->executor_shutdown(late.executor, error));
    executor_ended(late.executor, error);
    EXPECT_INT(late.ran, ==, 1000 + late.accepted);
}

CASE(executor_destroy_runs_all, "destroying without a shutdown runs what was accepted, and leaves no thread",
    CLAUSES("EXEC-8"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);
    struct threads before = threads_now();
    np_executor *executor = executor_made(&options, error);
    atomic_ulong count = 0;

    submitted_times(executor, first_run_node(), count_task, &count, 5000, error);
    executor_ended(executor, error);
    EXPECT_INT(count, ==, 5000);
    struct threads left = threads_since(&before);
    EXPECT_INT(left.count, ==, 0);
    EXPECT_OK(api->executor_destroy(NULL, error));
}

CASE(executor_timeout_holds,
    "shutdown with a timeout ends while a task does not, tells how many were not started, and can be done again",
    CLAUSES("EXEC-9"), NEEDS_NOTHING)
{
    const uint64_t timeouts[] = {0, 1, 20000000};
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    struct gate gate;
    atomic_ulong count = 0;

    gate_made(&gate);
    submitted(executor, first_run_node(), gate_task, &gate, error);
    gate_await(&gate, 1);
    submitted_times(executor, first_run_node(), count_task, &count, 13, error);
    EXPECT_STATUS(api->executor_wait(executor, 1000000, error), NP_TIMED_OUT);
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        uint64_t not_started = 99;
        EXPECT_STATUS(api->executor_shutdown_timeout(executor, timeouts[i], &not_started, error), NP_TIMED_OUT);
        EXPECT_INT(not_started, ==, 13);
        EXPECT_STATUS(api->executor_submit(executor, first_run_node(), count_task, &count, error), NP_SHUT_DOWN);
    }
    EXPECT_STATUS(api->executor_shutdown_timeout(executor, 0, NULL, error), NP_TIMED_OUT);
    EXPECT_INT(count, ==, 0);
    gate_opened(&gate, 1);
    uint64_t not_started = 99;
    EXPECT_OK(api->executor_shutdown_timeout(executor, NP_NO_TIMEOUT, &not_started, error));
    EXPECT_INT(not_started, ==, 0);
    EXPECT_INT(count, ==, 13);
    executor_ended(executor, error);
}

/* It comes only when half of the time is over. */
CASE(executor_timeout_waits, "a timeout that is long enough waits for the last task", CLAUSES("EXEC-9"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    struct late late = {.executor = executor_made(&options, error), .node = first_run_node()};
    pthread_t thread;
    uint64_t not_started = 99;

    gate_made(&late.gate);
    submitted(late.executor, late.node, gate_task, &late.gate, error);
    gate_await(&late.gate, 1);
    EXPECT_INT(pthread_create(&thread, NULL, submit_until_refused, &late), ==, 0);
    EXPECT_OK(api->executor_shutdown_timeout(late.executor, UINT64_C(20000000000), &not_started, error));
    EXPECT_INT(not_started, ==, 0);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    EXPECT_INT(late.ran, ==, late.accepted);
    executor_ended(late.executor, error);
}

struct inside {
    np_executor *executor;
    np_status wait, shutdown, destroy;
};

static void end_from_inside(void *closure)
{
    struct inside *inside = closure;

    inside->wait = api->executor_wait(inside->executor, NP_NO_TIMEOUT, NULL);
    inside->shutdown = api->executor_shutdown(inside->executor, NULL);
    inside->destroy = api->executor_destroy(inside->executor, NULL);
}

CASE(executor_task_waits_for_itself, "a task that waits for its own executor, or ends it, is told that it cannot",
    CLAUSES("LAW-8", "LAW-6"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    struct inside inside = {.executor = executor_made(&options, error)};

    submitted(inside.executor, first_run_node(), end_from_inside, &inside, error);
    finished(inside.executor, error);
    EXPECT_INT(inside.wait, ==, NP_INVALID_ARGUMENT);
    EXPECT_INT(inside.shutdown, ==, NP_INVALID_ARGUMENT);
    EXPECT_INT(inside.destroy, ==, NP_INVALID_ARGUMENT);
    submitted(inside.executor, first_run_node(), end_from_inside, &inside, error);
    executor_ended(inside.executor, error);
}

static void use_after_fork(np_executor *executor, np_error *error)
{
    atomic_ulong count = 0;

    EXPECT_STATUS(api->executor_submit(executor, first_run_node(), count_task, &count, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_wait(executor, NP_NO_TIMEOUT, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_shutdown(executor, error), NP_SHUT_DOWN);
    EXPECT_OK(api->executor_destroy(executor, error));
}

CASE(executor_after_fork, "the child of a fork, which has none of the workers, is told so and does not hang",
    CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);
    np_executor *executor = executor_made(&options, error);
    atomic_ulong count = 0;
    int status = -1;

    pid_t child = fork();
    if (child == 0) {
        use_after_fork(executor, error);
        _exit(0);
    }
    EXPECT_INT(waitpid(child, &status, 0), ==, child);
    EXPECT_INT(status, ==, 0);
    submitted(executor, first_run_node(), count_task, &count, error);
    finished(executor, error);
    EXPECT_INT(count, ==, 1);
    executor_ended(executor, error);
}

CASE_LIST(executor_end_cases, &executor_shutdown_runs_all, &executor_destroy_runs_all, &executor_timeout_holds,
    &executor_timeout_waits, &executor_task_waits_for_itself, &executor_after_fork);
