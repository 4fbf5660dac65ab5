/*
 * A strict executor whose workers are moved from outside: nothing of the node runs elsewhere, it is told, and it is mended
 * (EXEC-12). Two laid-out nodes of one CPU each, so that a worker can be sent from the one to the other.
 */
#include "../src/linux.h"
#include "executor_lab.h"
#include "unit.h"
#include <numaproof/capabilities.h>
#include <numaproof/statistics.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static np_executor *executor;
static np_cpuset cpus[2];

static void build(unsigned workers, np_steal steal)
{
    char lists[2][16];
    for (unsigned i = 0; i < 2; i++) {
        snprintf(lists[i], sizeof lists[i], "%d", lab_cpu(i));
        EXPECT(np_cpuset_parse(lists[i], &cpus[i], NULL) == NP_OK);
    }
    const struct lab_node nodes[] = {{0, lists[0], 0}, {1, lists[1], 0}};
    const np_executor_options options = {.mode = NP_STRICT, .steal = (int32_t)steal, .workers_per_node = workers};
    np_error error = {0};
    EXPECT_NUMBER(lab_build(nodes, 2, NULL, &options, &executor, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
}

static pid_t thread_of(unsigned node, unsigned worker)
{
    return executor->nodes[node]->workers[worker]->thread_id;
}

static void move(unsigned node, unsigned worker, const np_cpuset *to)
{
    EXPECT_NUMBER(linux_set_affinity(thread_of(node, worker), to), 0);
}

static void expect_lost(const char *part)
{
    np_error error = {0};
    np_nodeset lost = {0};
    np_enforcement present = {0};
    EXPECT_ERROR(np_executor_health(executor, &lost, &present, &error), NP_HARD_MODE_UNAVAILABLE, error, part);
    EXPECT_NUMBER(present.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_TEXT(present.reason, error.reason);
    EXPECT(np_nodeset_contains(&lost, 0) && np_nodeset_count(&lost) == 1);
}

static void expect_well(void)
{
    np_error error = {0};
    np_nodeset lost = {{1}};
    np_enforcement present = {0};
    EXPECT_NUMBER(np_executor_health(executor, &lost, &present, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    EXPECT_NUMBER(present.level, NP_LEVEL_STRICT);
    EXPECT_NUMBER(np_nodeset_count(&lost), 0);
}

struct place {
    atomic_long begun[2];
    atomic_long elsewhere;
};

static void place_task_0(void *closure)
{
    struct place *place = closure;
    atomic_fetch_add(&place->begun[0], 1);
    atomic_fetch_add(&place->elsewhere, !np_cpuset_contains(&cpus[0], (unsigned)sched_getcpu()));
}

static void place_task_1(void *closure)
{
    struct place *place = closure;
    atomic_fetch_add(&place->begun[1], 1);
}

static void end(np_status expected, uint64_t expected_left)
{
    uint64_t left = 99;
    np_error error = {0};
    EXPECT_NUMBER(np_executor_shutdown_timeout(executor, NP_NO_TIMEOUT, &left, &error), expected);
    EXPECT_NUMBER(left, expected_left);
    const unsigned threads = lab_threads();
    const unsigned workers = executor->nodes[0]->worker_count + executor->nodes[1]->worker_count;
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    EXPECT_NUMBER(lab_threads(), expected == NP_OK ? threads : threads - workers);
}

/* The next submit after the move is refused, though nobody has looked and nothing has run. */
static void a_sleeper_is_moved(void)
{
    struct place place = {0};
    np_error error = {0};
    build(1, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    expect_well();
    lab_await_sleep(executor);
    move(0, 0, &cpus[1]);
    EXPECT_ERROR(np_executor_submit(executor, 0, place_task_0, &place, &error), NP_HARD_MODE_UNAVAILABLE, error,
        "affinity not fully applied");
    EXPECT_PART(error.reason, "does not lie within");
    EXPECT_NUMBER(np_executor_submit(executor, 1, place_task_1, &place, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(place.begun[1], 1);
    expect_lost("1 of the 1 workers of node 0");
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    expect_well();
    /* While all sleep, a task wakes the worker of its own node; node 1's may still be searching, and would steal it. */
    lab_await_sleep(executor);
    EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(place.begun[0], 1);
    EXPECT_NUMBER(place.elsewhere, 0);
    end(NP_OK, 0);
}

/* It runs a task when it is moved: what waits behind that waits on, and the idle worker of node 1 leaves it alone. */
static void a_busy_worker_is_moved(void)
{
    struct place place = {0};
    struct gate gates[2];
    np_error error = {0};
    build(1, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    lab_await_sleep(executor);
    for (unsigned i = 0; i < 2; i++) {
        gate_init(&gates[i]);
        EXPECT_NUMBER(np_executor_submit(executor, i, gate_task, &gates[i], NULL), NP_OK);
        gate_await(&gates[i], 1);
    }
    for (int i = 0; i < 10; i++)
        EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_OK);
    move(0, 0, &cpus[1]);
    expect_lost("1 of the 1 workers of node 0");
    gate_open(&gates[0], 1);
    gate_open(&gates[1], 1);
    EXPECT_ERROR(
        np_executor_wait(executor, NP_NO_TIMEOUT, &error), NP_HARD_MODE_UNAVAILABLE, error, "10 tasks may not be run");
    EXPECT_NUMBER(place.begun[0], 0);
    EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(place.begun[0], 10);
    end(NP_OK, 0);
    gate_end(&gates[0]);
    gate_end(&gates[1]);
}

/* The node's other worker is where it should be, and runs what was accepted. */
static void one_of_two_workers_is_moved(void)
{
    struct place place = {0};
    struct gate gate;
    gate_init(&gate);
    build(2, NP_STEAL_LOCAL_ONLY);
    for (int i = 0; i < 2; i++)
        EXPECT_NUMBER(np_executor_submit(executor, 0, gate_task, &gate, NULL), NP_OK);
    gate_await(&gate, 2);
    for (int i = 0; i < 1000; i++)
        EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_OK);
    move(0, 1, &cpus[1]);
    gate_open(&gate, 2);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(place.begun[0], 1000);
    EXPECT_NUMBER(place.elsewhere, 0);
    expect_lost("1 of the 2 workers of node 0");
    end(NP_OK, 0);
    gate_end(&gate);
}

/* Shutdown ends though tasks are left that no worker may run; destroying gives them up, and ends the threads. */
static void shutdown_ends_without_repair(void)
{
    struct place place = {0};
    struct gate gate;
    gate_init(&gate);
    build(1, NP_STEAL_LOCAL_ONLY);
    EXPECT_NUMBER(np_executor_submit(executor, 0, gate_task, &gate, NULL), NP_OK);
    gate_await(&gate, 1);
    for (int i = 0; i < 5; i++)
        EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_OK);
    move(0, 0, &cpus[1]);
    gate_open(&gate, 1);
    end(NP_HARD_MODE_UNAVAILABLE, 5);
    EXPECT_NUMBER(place.begun[0], 0);
    gate_end(&gate);
}

/* What has ended says so, and not that a worker is missing; also where shutdown found tasks that may not be run. */
static void ended_comes_before_lost(void)
{
    struct place place = {0};
    struct gate gate;
    np_error error = {0};
    gate_init(&gate);
    build(1, NP_STEAL_LOCAL_ONLY);
    lab_await_sleep(executor);
    EXPECT_NUMBER(np_executor_shutdown(executor, NULL), NP_OK);
    EXPECT_ERROR(
        np_executor_submit(executor, 0, place_task_0, &place, &error), NP_SHUT_DOWN, error, "has been shut down");
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    build(1, NP_STEAL_LOCAL_ONLY);
    EXPECT_NUMBER(np_executor_submit(executor, 0, gate_task, &gate, NULL), NP_OK);
    gate_await(&gate, 1);
    EXPECT_NUMBER(np_executor_submit(executor, 0, place_task_0, &place, NULL), NP_OK);
    move(0, 0, &cpus[1]);
    gate_open(&gate, 1);
    EXPECT_NUMBER(np_executor_shutdown(executor, NULL), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_ERROR(
        np_executor_submit(executor, 0, place_task_0, &place, &error), NP_SHUT_DOWN, error, "has been shut down");
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    gate_end(&gate);
}

/* What cannot be repaired says so, and does not keep the others from being repaired. */
static void a_priority_is_taken_away(void)
{
    const struct lab_node nodes[] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}};
    const np_executor_options options = {.mode = NP_STRICT, .workers_per_node = 1, .real_time_priority = 2};
    EXPECT_NUMBER(lab_build(nodes, 2, NULL, &options, &executor, NULL), NP_OK);
    expect_well();
    const struct sched_param none = {0};
    EXPECT(sched_setscheduler(thread_of(0, 0), SCHED_OTHER, &none) == 0);
    expect_lost("has SCHED_FIFO priority 0 and not 2");
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    expect_well();
    end(NP_OK, 0);
}

static void storm_task(void *closure)
{
    place_task_0(closure);
    for (volatile int i = 0; i < 200; i++)
        continue;
}

/* Moved to and fro under load: each move can catch a worker at most once, in the task that it is just at. */
static void moves_under_load(void)
{
    enum { MOVES = 100, BURST = 50 };
    struct place place = {0};
    build(1, NP_STEAL_LOCAL_ONLY);
    long accepted = 0;
    for (int round = 0; round < MOVES; round++) {
        for (int i = 0; i < BURST; i++)
            accepted += np_executor_submit(executor, 0, storm_task, &place, NULL) == NP_OK;
        move(0, 0, &cpus[1]);
        np_executor_wait(executor, NP_NO_TIMEOUT, NULL);
        EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
        EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
        EXPECT_NUMBER(place.begun[0], accepted);
    }
    EXPECT(accepted > 0);
    unit_expect(place.elsewhere <= MOVES, __FILE__, __LINE__, "%ld of %ld tasks ran elsewhere in %d moves",
        (long)place.elsewhere, accepted, MOVES);
    end(NP_OK, 0);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"a sleeper is moved", a_sleeper_is_moved},
        {"a busy worker is moved", a_busy_worker_is_moved},
        {"one of two workers is moved", one_of_two_workers_is_moved},
        {"shutdown ends without repair", shutdown_ends_without_repair},
        {"ended comes before lost", ended_comes_before_lost},
        {"a priority is taken away", a_priority_is_taken_away},
        {"moves under load", moves_under_load},
    };
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    if (!np_capabilities_supports_hard_mode(&capabilities) || lab_cpu(1) < 0) {
        puts("skipped: needs hard mode and two CPUs");
        return UNIT_SKIPPED;
    }
    return unit_main("executor health", tests, sizeof tests / sizeof tests[0]);
}
