/*
 * Nodes that this machine does not have: ids with gaps, who steals from whom, nodes without CPUs, exact counts, and where
 * the memory lies. The nodes are laid out over the CPUs that there are (executor_lab.h).
 */
#include "executor_lab.h"
#include "unit.h"
#include <numaif.h>
#include <numaproof/statistics.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define NODES 3

static np_executor *build(const struct lab_node nodes[NODES], const unsigned *distances, np_steal steal)
{
    const np_executor_options options = {.steal = (int32_t)steal, .workers_per_node = 1};
    np_executor *executor = NULL;
    np_error error = {0};
    EXPECT_NUMBER(lab_build(nodes, NODES, distances, &options, &executor, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    return executor;
}

static void end(np_executor *executor)
{
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

static np_node_statistics counts_of(const np_executor *executor, unsigned node)
{
    np_node_statistics all[NODES];
    size_t count = 0;
    EXPECT_NUMBER(np_statistics_snapshot(executor, all, NODES, &count, NULL), NP_OK);
    EXPECT_NUMBER(count, NODES);
    for (size_t i = 0; i < NODES; i++)
        if (all[i].node == node)
            return all[i];
    EXPECT(false);
    return all[0];
}

/* Which nodes' tasks were begun, in order. */
static struct log {
    atomic_uint length;
    unsigned nodes[64];
} begun;

struct logged {
    unsigned node;
};

static void log_task(void *closure)
{
    const struct logged *task = closure;
    begun.nodes[atomic_fetch_add(&begun.length, 1)] = task->node;
}

static void submit_logged(np_executor *executor, struct logged *task, int times)
{
    for (int i = 0; i < times; i++)
        EXPECT_NUMBER(np_executor_submit(executor, task->node, log_task, task, NULL), NP_OK);
}

static void ids_have_gaps(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {2, lab_all_cpus(), 0}, {700, lab_all_cpus(), 0}};
    np_executor *executor = build(nodes, NULL, NP_STEAL_LOCAL_ONLY);
    atomic_long counts[NODES] = {0};
    np_error error = {0};
    for (int i = 0; i < NODES; i++)
        for (int j = 0; j <= i; j++)
            EXPECT_NUMBER(np_executor_submit(executor, nodes[i].id, count_task, &counts[i], NULL), NP_OK);
    EXPECT_ERROR(
        np_executor_submit(executor, 1, count_task, &counts[0], &error), NP_INVALID_ARGUMENT, error, "no node 1");
    EXPECT_ERROR(np_executor_submit(executor, UINT32_MAX, count_task, &counts[0], &error), NP_INVALID_ARGUMENT, error,
        "no node 4294967295");
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    for (int i = 0; i < NODES; i++) {
        EXPECT_NUMBER(counts[i], i + 1);
        EXPECT_NUMBER(counts_of(executor, nodes[i].id).submitted, i + 1);
        EXPECT_NUMBER(counts_of(executor, nodes[i].id).local, i + 1);
        EXPECT_NUMBER(counts_of(executor, nodes[i].id).remote, 0);
    }
    end(executor);
}

/* Three nodes, all workers held at gates; then the worker of node 0 alone is let through. */
struct held {
    np_executor *executor;
    struct gate gates[NODES];
};

static void hold(struct held *held, const struct lab_node nodes[NODES], const unsigned *distances, np_steal steal)
{
    held->executor = build(nodes, distances, steal);
    atomic_store(&begun.length, 0);
    /* While all sleep, a task wakes the worker of its own node. */
    lab_await_sleep(held->executor);
    for (int i = 0; i < NODES; i++)
        gate_init(&held->gates[i]);
    for (int i = 0; i < NODES; i++) {
        EXPECT_NUMBER(np_executor_submit(held->executor, nodes[i].id, gate_task, &held->gates[i], NULL), NP_OK);
        gate_await(&held->gates[i], 1);
    }
}

static void let_go(struct held *held)
{
    for (int i = 0; i < NODES; i++)
        gate_open(&held->gates[i], 1);
    EXPECT_NUMBER(np_executor_wait(held->executor, NP_NO_TIMEOUT, NULL), NP_OK);
    end(held->executor);
    for (int i = 0; i < NODES; i++)
        gate_end(&held->gates[i]);
}

static const unsigned near_and_far[NODES * NODES] = {10, 31, 12, 31, 10, 31, 12, 31, 10};

static void steals_from_the_nearest_first(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}, {2, lab_all_cpus(), 0}};
    struct held held;
    hold(&held, nodes, near_and_far, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    struct logged tasks[NODES] = {{0}, {1}, {2}};
    submit_logged(held.executor, &tasks[1], 6);
    submit_logged(held.executor, &tasks[2], 3);
    submit_logged(held.executor, &tasks[0], 2);
    gate_open(&held.gates[0], 1);
    while (counts_of(held.executor, 0).queue_depth + counts_of(held.executor, 1).queue_depth +
               counts_of(held.executor, 2).queue_depth >
           0)
        sched_yield();
    let_go(&held);
    const unsigned expected[] = {0, 0, 2, 2, 2, 1, 1, 1, 1, 1, 1};
    EXPECT_NUMBER(begun.length, 11);
    EXPECT(memcmp(begun.nodes, expected, sizeof expected) == 0);
}

/* Though the other is nearer by distance. */
static void steals_from_the_same_socket_first(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}, {2, lab_all_cpus(), 1}};
    struct held held;
    hold(&held, nodes, near_and_far, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    struct logged tasks[NODES] = {{0}, {1}, {2}};
    submit_logged(held.executor, &tasks[2], 3);
    submit_logged(held.executor, &tasks[1], 3);
    gate_open(&held.gates[0], 1);
    while (atomic_load(&begun.length) < 6)
        sched_yield();
    let_go(&held);
    const unsigned expected[] = {1, 1, 1, 2, 2, 2};
    EXPECT(memcmp(begun.nodes, expected, sizeof expected) == 0);
}

static void any_takes_from_the_longest_queue(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}, {2, lab_all_cpus(), 0}};
    struct held held;
    hold(&held, nodes, near_and_far, NP_STEAL_ANY);
    struct logged tasks[NODES] = {{0}, {1}, {2}};
    submit_logged(held.executor, &tasks[1], 6);
    submit_logged(held.executor, &tasks[2], 3);
    submit_logged(held.executor, &tasks[0], 2);
    gate_open(&held.gates[0], 1);
    while (atomic_load(&begun.length) < 11)
        sched_yield();
    const np_node_statistics thief = counts_of(held.executor, 0);
    const np_node_statistics far = counts_of(held.executor, 1);
    const np_node_statistics near = counts_of(held.executor, 2);
    EXPECT_NUMBER(thief.stolen_by, 9);
    EXPECT_NUMBER(far.stolen_from, 6);
    EXPECT_NUMBER(near.stolen_from, 3);
    EXPECT_NUMBER(far.remote, 6);
    EXPECT_NUMBER(far.local, 1);
    let_go(&held);
    const unsigned expected[] = {0, 0, 1, 1, 1};
    EXPECT(memcmp(begun.nodes, expected, sizeof expected) == 0);
}

/* An idle worker of another node leaves them alone: it runs what it is given after them, and they still wait. */
static void local_only_steals_nothing(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}, {2, lab_all_cpus(), 0}};
    np_executor *executor = build(nodes, NULL, NP_STEAL_LOCAL_ONLY);
    struct gate gate;
    struct gate passed;
    gate_init(&gate);
    gate_init(&passed);
    gate_open(&passed, 50);
    EXPECT_NUMBER(np_executor_submit(executor, 1, gate_task, &gate, NULL), NP_OK);
    gate_await(&gate, 1);
    atomic_long count = 0;
    for (int i = 0; i < 50; i++) {
        EXPECT_NUMBER(np_executor_submit(executor, 1, count_task, &count, NULL), NP_OK);
        EXPECT_NUMBER(np_executor_submit(executor, 2, gate_task, &passed, NULL), NP_OK);
        gate_await(&passed, 1);
    }
    EXPECT_NUMBER(count, 0);
    EXPECT_NUMBER(counts_of(executor, 1).queue_depth, 50);
    gate_open(&gate, 1);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(counts_of(executor, 1).local, 51);
    EXPECT_NUMBER(counts_of(executor, 1).stolen_from, 0);
    end(executor);
    gate_end(&gate);
    gate_end(&passed);
}

static void a_node_without_cpus_is_served_by_the_nearest(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, "", 0}, {2, lab_all_cpus(), 0}};
    const unsigned distances[NODES * NODES] = {10, 20, 20, 40, 10, 17, 20, 17, 10};
    for (int steal = NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE; steal <= NP_STEAL_ANY; steal++) {
        np_executor *executor = build(nodes, distances, (np_steal)steal);
        np_enforcement got = {0};
        np_executor_enforcement(executor, &got, NULL);
        EXPECT_NUMBER(got.level, NP_LEVEL_BEST_EFFORT);
        EXPECT_PART(got.reason, "nodes 1 have no CPUs");
        atomic_long count = 0;
        for (int i = 0; i < 20; i++)
            EXPECT_NUMBER(np_executor_submit(executor, 1, count_task, &count, NULL), NP_OK);
        EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
        EXPECT_NUMBER(count, 20);
        EXPECT_NUMBER(counts_of(executor, 1).remote, 20);
        EXPECT_NUMBER(counts_of(executor, 1).workers, 0);
        if (steal == NP_STEAL_LOCAL_ONLY) {
            EXPECT_NUMBER(counts_of(executor, 1).stolen_from, 0);
            EXPECT_NUMBER(counts_of(executor, 2).stolen_by, 0);
        }
        end(executor);
    }
}

static void memory_is_on(const void *address, unsigned node)
{
    int mode = -1;
    unsigned long mask[NP_NODE_MAX / (8 * sizeof(unsigned long))] = {0};
    EXPECT(get_mempolicy(&mode, mask, NP_NODE_MAX, (void *)(uintptr_t)address, MPOL_F_ADDR) == 0);
    EXPECT((mask[node / (8 * sizeof mask[0])] >> (node % (8 * sizeof mask[0])) & 1) != 0);
    int at = -1;
    EXPECT(get_mempolicy(&at, NULL, 0, (void *)(uintptr_t)address, MPOL_F_NODE | MPOL_F_ADDR) == 0);
    EXPECT_NUMBER(at, node);
}

/* Also what comes with a queue that has grown. */
static void memory_lies_on_the_node(void)
{
    const struct lab_node nodes[NODES] = {{0, lab_all_cpus(), 0}, {1, lab_all_cpus(), 0}, {2, lab_all_cpus(), 0}};
    struct held held;
    hold(&held, nodes, NULL, NP_STEAL_LOCAL_ONLY);
    atomic_long count = 0;
    for (int i = 0; i < 100000; i++)
        EXPECT_NUMBER(np_executor_submit(held.executor, 1, count_task, &count, NULL), NP_OK);
    const struct executor_node *node = held.executor->nodes[1];
    const unsigned real = held.executor->memory[1].node;
    memory_is_on(node, real);
    memory_is_on(node->workers[0], real);
    memory_is_on((const void *)node->workers[0]->begun, real);
    memory_is_on(node->queue.lanes, real);
    memory_is_on(atomic_load(&node->queue.lanes[0].tail_segment), real);
    let_go(&held);
    EXPECT_NUMBER(count, 100000);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"ids have gaps", ids_have_gaps},
        {"steals from the nearest first", steals_from_the_nearest_first},
        {"steals from the same socket first", steals_from_the_same_socket_first},
        {"any takes from the longest queue", any_takes_from_the_longest_queue},
        {"local only steals nothing", local_only_steals_nothing},
        {"a node without CPUs is served by the nearest", a_node_without_cpus_is_served_by_the_nearest},
        {"memory lies on the node", memory_lies_on_the_node},
    };
    return unit_main("executor nodes", tests, sizeof tests / sizeof tests[0]);
}
