/*
 * The guarantee of a strict executor while it runs: workers moved from outside, CPUs taken away under load, balancing
 * switched on (EXEC-12, LAW-9).
 *
 * A thread can be moved at any instruction, so that of each worker the one task which it was at when it was moved may see
 * another node. Every task that begins after that must begin on its node.
 */
#include "executor_hold.h"
#include "executor_rest.h"
#include "pin_case.h"

#include <pthread.h>

/* The two nodes of a case, in a strict executor with one worker a node. */
struct pair {
    np_executor *executor;
    unsigned stays, moved;
    struct ids stays_cpus, moved_cpus;
    pid_t worker; /* Of the node that is moved. */
};

/* With all workers held. The case goes to stand on the node that stays. */
static struct pair pair_of(struct held *held)
{
    struct pair pair = {.executor = held->executor, .stays = first_run_node(), .moved = (unsigned)second_run_node()};

    pair.stays_cpus = cpus_to_run_on(pair.stays);
    pair.moved_cpus = cpus_to_run_on(pair.moved);
    pair.worker = hold_on(held, pair.moved)->run.thread;
    stand_on(pair.stays_cpus);
    return pair;
}

static struct threads threads_of(const struct held *held)
{
    struct threads threads = {.count = held->count};

    for (unsigned i = 0; i < held->count; i++)
        threads.ids[i] = held->holds[i].run.thread;
    return threads;
}

/* The same with all workers idle again, and asleep: one that is still on its way there may find out by itself that it was moved. */
static struct pair made_pair(np_error *error)
{
    struct held held;

    hold_all(&held, NP_STRICT, NP_STEAL_LOCAL_ONLY, error);
    struct pair pair = pair_of(&held);
    let_all_go(&held);
    finished(pair.executor, error);
    struct threads workers = threads_of(&held);
    await_sleep(&workers);
    return pair;
}

static void expect_lost(struct pair *pair, np_error *error)
{
    np_nodeset lost = {{0}};
    np_enforcement present;
    atomic_ulong count = 0;

    memset(&present, 0xff, sizeof present);
    EXPECT_STATUS(api->executor_health(pair->executor, &lost, &present, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_REASON("affinity not fully applied");
    EXPECT_NAMES_ID(error->reason, pair->moved);
    EXPECT_HONEST(&present);
    EXPECT_INT(present.level, <, NP_LEVEL_STRICT);
    EXPECT_IDS(ids_of_nodeset(&lost), ids_of(pair->moved));
    EXPECT_STATUS(
        api->executor_submit(pair->executor, pair->moved, count_task, &count, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_NAMES_ID(error->reason, pair->moved);
    submitted(pair->executor, pair->stays, count_task, &count, error);
    while (count == 0)
        sched_yield();
}

static void expect_well(struct pair *pair, np_error *error)
{
    np_enforcement present;
    struct run run = {0};

    EXPECT_OK(api->executor_health(pair->executor, NULL, &present, error));
    EXPECT_LEVEL(&present, NP_LEVEL_STRICT);
    submitted(pair->executor, pair->moved, run_task, &run, error);
    finished(pair->executor, error);
    EXPECT_INT(run.times, ==, 1);
}

CASE(executor_sleeper_moved, "after a sleeping worker was moved the next submit to its node is refused, until repaired",
    CLAUSES("EXEC-12", "LAW-9"), NEEDS(NEEDS_STRICT_EXECUTOR, .nodes = 2))
{
    struct pair pair = made_pair(error);
    atomic_ulong count = 0;

    fault_repin_from_outside(pair.worker, &pair.stays_cpus);
    EXPECT_STATUS(api->executor_submit(pair.executor, pair.moved, count_task, &count, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_REASON("affinity not fully applied");
    expect_lost(&pair, error);
    EXPECT_OK(api->executor_repair(pair.executor, error));
    EXPECT_IDS(oracle_affinity(pair.worker), pair.moved_cpus);
    expect_well(&pair, error);
    EXPECT_INT(count, ==, 0);
    executor_ended(pair.executor, error);
}

CASE(executor_busy_worker_moved,
    "tasks that wait for a worker which was moved run nowhere else, not even with stealing, and run when it is "
    "repaired",
    CLAUSES("EXEC-12"), NEEDS(NEEDS_STRICT_EXECUTOR, .nodes = 2))
{
    struct held held;
    atomic_ulong count = 0;

    hold_all(&held, NP_STRICT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, error);
    struct pair pair = pair_of(&held);
    submitted_times(pair.executor, pair.moved, count_task, &count, 20, error);
    fault_repin_from_outside(pair.worker, &pair.stays_cpus);
    EXPECT_STATUS(api->executor_health(pair.executor, NULL, NULL, error), NP_HARD_MODE_UNAVAILABLE);
    let_all_go(&held);
    EXPECT_STATUS(api->executor_wait(pair.executor, NP_NO_TIMEOUT, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_INT(count, ==, 0);
    expect_lost(&pair, error);
    EXPECT_INT(count, ==, 0);
    EXPECT_OK(api->executor_repair(pair.executor, error));
    finished(pair.executor, error);
    EXPECT_INT(count, ==, 20);
    expect_well(&pair, error);
    executor_ended(pair.executor, error);
}

CASE(executor_ends_without_repair, "shutdown ends though tasks are left that may not be run, and tells how many",
    CLAUSES("EXEC-12", "LAW-8"), NEEDS(NEEDS_STRICT_EXECUTOR, .nodes = 2))
{
    struct threads before = threads_now();
    struct pair pair = made_pair(error);
    struct gate gate;
    atomic_ulong count = 0;
    uint64_t not_started = 99;

    gate_made(&gate);
    submitted(pair.executor, pair.moved, gate_task, &gate, error);
    gate_await(&gate, 1);
    submitted_times(pair.executor, pair.moved, count_task, &count, 7, error);
    fault_repin_from_outside(pair.worker, &pair.stays_cpus);
    gate_opened(&gate, 1);
    EXPECT_STATUS(
        api->executor_shutdown_timeout(pair.executor, NP_NO_TIMEOUT, &not_started, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_INT(not_started, ==, 7);
    EXPECT_STATUS(api->executor_submit(pair.executor, pair.moved, count_task, &count, error), NP_SHUT_DOWN);
    EXPECT_STATUS(api->executor_shutdown(pair.executor, error), NP_HARD_MODE_UNAVAILABLE);
    executor_ended(pair.executor, error);
    EXPECT_INT(count, ==, 0);
    struct threads left = threads_since(&before);
    EXPECT_INT(left.count, ==, 0);
}

/* Submits to the node until it is refused. */
struct stream {
    struct pair pair;
    atomic_ulong ran, elsewhere;
    unsigned long accepted;
    np_status last;
};

static void streamed_task(void *closure)
{
    struct stream *stream = closure;

    if (!ids_has(&stream->pair.moved_cpus, oracle_here().cpu))
        atomic_fetch_add(&stream->elsewhere, 1);
    for (volatile int i = 0; i < 300; i++)
        continue;
    atomic_fetch_add(&stream->ran, 1);
}

static void *submit_stream(void *closure)
{
    struct stream *stream = closure;
    struct pair *pair = &stream->pair;

    while ((stream->last = api->executor_submit(pair->executor, pair->moved, streamed_task, stream, NULL)) == NP_OK)
        if (++stream->accepted > atomic_load(&stream->ran) + 200)
            sched_yield();
    return NULL;
}

CASE(executor_cpus_go_offline,
    "when all CPUs of a node go offline under load its tasks run nowhere else, and on it when the CPUs are back",
    CLAUSES("EXEC-12", "LAW-9"), NEEDS(NEEDS_STRICT_EXECUTOR, .nodes = 2, .faults = FAULT_CPU_OFFLINE))
{
    struct held held;
    struct stream stream = {.last = NP_OK};
    pthread_t thread;

    hold_all(&held, NP_STRICT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, error);
    stream.pair = pair_of(&held);
    struct ids cpus = stream.pair.moved_cpus;
    let_go_on(&held, stream.pair.moved);
    EXPECT_INT(pthread_create(&thread, NULL, submit_stream, &stream), ==, 0);
    while (stream.ran < 1000)
        sched_yield();
    for (int cpu = ids_first(&cpus); cpu >= 0; cpu = ids_next(&cpus, cpu))
        fault_cpu_offline((unsigned)cpu);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    EXPECT_INT(stream.last, ==, NP_HARD_MODE_UNAVAILABLE);
    unsigned long ran = stream.ran;
    let_all_go(&held);
    expect_lost(&stream.pair, error);
    EXPECT_INT(stream.ran - ran, <=, 1);
    EXPECT_INT(stream.elsewhere, <=, 1);
    EXPECT_STATUS(api->executor_repair(stream.pair.executor, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_INT(stream.ran - ran, <=, 1);
    for (int cpu = ids_first(&cpus); cpu >= 0; cpu = ids_next(&cpus, cpu))
        fault_cpu_online((unsigned)cpu);
    EXPECT_OK(api->executor_repair(stream.pair.executor, error));
    finished(stream.pair.executor, error);
    EXPECT_INT(stream.ran, ==, stream.accepted);
    expect_well(&stream.pair, error);
    executor_ended(stream.pair.executor, error);
}

CASE(executor_health_sees_balancing, "health says so when NUMA balancing is switched on", CLAUSES("LAW-9", "EXEC-12"),
    NEEDS(NEEDS_STRICT_EXECUTOR, .faults = FAULT_BALANCING))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    np_nodeset lost = {{1}};

    EXPECT_OK(api->executor_health(executor, &lost, NULL, error));
    EXPECT_IDS(ids_of_nodeset(&lost), ids_none());
    fault_balancing(1);
    EXPECT_STATUS(api->executor_health(executor, &lost, NULL, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_REASON("numa_balancing");
    EXPECT_IDS(ids_of_nodeset(&lost), ids_none());
    fault_balancing(0);
    EXPECT_OK(api->executor_health(executor, &lost, NULL, error));
    executor_ended(executor, error);
}

CASE_LIST(executor_guarantee_cases, &executor_sleeper_moved, &executor_busy_worker_moved, &executor_ends_without_repair,
    &executor_cpus_go_offline, &executor_health_sees_balancing);
