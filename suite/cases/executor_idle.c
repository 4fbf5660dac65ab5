/*
 * Idle workers sleep, and a submit wakes one (EXEC-10), or the end of all (EXEC-8).
 *
 * Sleep shows in what the kernel counts for each thread: one that sleeps neither uses the processor nor is switched to. So
 * nothing here is measured against a clock: the switches of a while in which nothing happens are none, and those of a
 * task come from one worker.
 */
#include "executor_case.h"

#include <stdlib.h>
#include <time.h>

/* What the kernel says of all the threads together. */
struct activity {
    uint64_t switches; /* How often they were switched to, so far: one that was not has done nothing. */
    bool asleep;       /* None of them runs, or waits for a processor that others keep busy. */
};

static struct activity activity_of(const struct threads *threads)
{
    struct activity activity = {.switches = 0, .asleep = true};

    for (size_t i = 0; i < threads->count; i++) {
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)threads->ids[i]);
        if (!oracle_read_file(path, text, sizeof text))
            case_failed("a worker ended by itself: %s cannot be read", path);
        activity.switches += (uint64_t)oracle_field(text, "voluntary_ctxt_switches:");
        activity.switches += (uint64_t)oracle_field(text, "nonvoluntary_ctxt_switches:");
        activity.asleep = activity.asleep && strstr(text, "\nState:\tS") != NULL;
    }
    return activity;
}

static void pass_milliseconds(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/*
 * Let them come to rest: all sleep, and none is switched to for 10 ms. They have many seconds, which no search for work
 * takes, however busy the machine is.
 */
static uint64_t rested(const struct threads *threads)
{
    struct activity before = activity_of(threads);

    for (int i = 0; i < 700; i++) {
        pass_milliseconds(10);
        struct activity after = activity_of(threads);
        if (before.asleep && after.asleep && after.switches == before.switches)
            return after.switches;
        before = after;
    }
    case_failed("idle workers do not come to rest: they were switched to %" PRIu64 " times so far", before.switches);
}

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

    (void)rested(&workers);
    EXPECT_OK(api->executor_shutdown(executor, error));
    struct threads left = threads_since(&before);
    EXPECT_INT(left.count, ==, 0);
    EXPECT_STATUS(api->executor_submit(executor, first_run_node(), count_task, &count, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_submit_local(executor, count_task, &count, error), NP_SHUT_DOWN);
    executor_ended(executor, error);
    EXPECT_INT(count, ==, 0);
}

CASE_LIST(executor_idle_cases, &executor_idle_workers_sleep, &executor_submit_wakes_one, &executor_sleepers_end);
