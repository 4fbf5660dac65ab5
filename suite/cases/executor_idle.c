/*
 * Idle workers sleep, and a submit wakes one (EXEC-10), or the end of all (EXEC-8).
 *
 * Nothing here is measured against a clock: the switches of a while in which nothing happens are none, and those of a task
 * come from one worker (executor_rest.h).
 */
#include "executor_rest.h"

static np_executor *made_with(np_mode mode, unsigned workers, struct threads *threads, np_error *error)
{
    np_executor_options options = executor_options_of(mode, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, workers);
    struct threads before = threads_now();
    np_executor *executor = executor_made(&options, error);

    *threads = threads_since(&before);
    return executor;
}

CASE(executor_idle_workers_sleep, "while there is no work no worker is so much as switched to", CLAUSES("EXEC-10"),
    NEEDS_NOTHING, .alone = true)
{
    struct threads workers;
    np_executor *executor = made_with(NP_SOFT, 2, &workers, error);
    atomic_ulong count = 0;

    submitted_times(executor, first_run_node(), count_task, &count, 100, error);
    finished(executor, error);
    uint64_t before = rested(&workers);
    pass_milliseconds(1000);
    EXPECT_INT(activity_of(&workers).switches - before, ==, 0);
    executor_ended(executor, error);
}

CASE(executor_submit_wakes_one, "a task wakes one sleeping worker, and not all of them", CLAUSES("EXEC-10"),
    NEEDS_NOTHING, .alone = true)
{
    enum { WORKERS = 9, TASKS = 10 };
    struct threads workers;
    np_executor *executor = made_with(NP_SOFT, WORKERS, &workers, error);
    atomic_ulong count = 0;

    uint64_t before = rested(&workers);
    unsigned node = first_run_node();
    for (int i = 0; i < TASKS; i++) {
        submitted(executor, node, count_task, &count, error);
        finished(executor, error);
        (void)rested(&workers);
    }
    EXPECT_INT(count, ==, TASKS);
    /* One worker, switched to and perhaps preempted; all of them would be nine times as much. */
    EXPECT_INT(activity_of(&workers).switches - before, <=, TASKS * WORKERS / 3);
    executor_ended(executor, error);
}

CASE(executor_sleepers_end,
    "a strict executor whose workers sleep can be shut down, and later submits are refused for that and not for lost "
    "workers",
    CLAUSES("EXEC-8", "LAW-5"), NEEDS(NEEDS_STRICT_EXECUTOR))
{
    struct threads workers, before = threads_now();
    np_executor *executor = made_with(NP_STRICT, 1, &workers, error);
    atomic_ulong count = 0;

    await_sleep(&workers);
    EXPECT_OK(api->executor_shutdown(executor, error));
    struct threads left = threads_since(&before);
    EXPECT_INT(left.count, ==, 0);
    EXPECT_STATUS(api->executor_submit(executor, first_run_node(), count_task, &count, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_submit_local(executor, count_task, &count, error), NP_SHUT_DOWN);
    executor_ended(executor, error);
    EXPECT_INT(count, ==, 0);
}

CASE_LIST(executor_idle_cases, &executor_idle_workers_sleep, &executor_submit_wakes_one, &executor_sleepers_end);
