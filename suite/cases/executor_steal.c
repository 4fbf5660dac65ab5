/*
 * Who takes from whom, and that every task is counted (EXEC-5, EXEC-11, STAT-1).
 *
 * In each case there is one worker a node, and every worker is held in a task of its own. Then tasks are submitted, and one
 * worker alone is let go: what runs, runs on its node, and in the order in which it takes.
 */
#include "executor_hold.h"

/* Which node's tasks were begun, in order: a place is taken first, and later noted. */
static struct order {
    atomic_uint length, noted;
    unsigned nodes[256];
} order;

static void forget_order(void)
{
    atomic_store(&order.length, 0);
    atomic_store(&order.noted, 0);
}

static void note_task(void *node)
{
    order.nodes[atomic_fetch_add(&order.length, 1)] = (unsigned)(uintptr_t)node;
    atomic_fetch_add(&order.noted, 1);
}

static void note(struct held *held, unsigned node, unsigned times, np_error *error)
{
    submitted_times(held->executor, node, note_task, (void *)(uintptr_t)node, times, error);
}

static void await_notes(unsigned count)
{
    while (atomic_load(&order.noted) < count)
        sched_yield();
}

/* The first @count of the order from @start are @node's. */
static void expect_notes(unsigned start, unsigned count, unsigned node)
{
    EXPECT_WITH("tasks of node %u are expected from place %u on", node, start);
    for (unsigned i = start; i < start + count; i++)
        if (order.nodes[i] != node)
            EXPECT_INT(order.nodes[i], ==, node);
}

/* Wait until what @thief took from @victim is counted, which a task may come before. The case's time limit judges. */
static void await_counts(np_executor *executor, const np_node_statistics *victim, const np_node_statistics *thief,
    unsigned stolen, np_error *error)
{
    while (counts_of(executor, victim->node, error).stolen_from - victim->stolen_from < stolen ||
           counts_of(executor, victim->node, error).remote - victim->remote < stolen ||
           counts_of(executor, thief->node, error).stolen_by - thief->stolen_by < stolen)
        sched_yield();
}

CASE(executor_steals_when_idle,
    "a worker without tasks takes those of another node, its own first, and they are counted",
    CLAUSES("EXEC-5", "EXEC-11", "STAT-1"), NEEDS(.nodes = 2))
{
    for (int policy = 0; policy < 2; policy++) {
        struct held held;
        unsigned thief = first_run_node(), victim = (unsigned)second_run_node();
        forget_order();
        hold_all(&held, NP_SOFT, policy == 0 ? NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE : NP_STEAL_ANY, error);
        np_node_statistics before = counts_of(held.executor, victim, error);
        np_node_statistics thief_before = counts_of(held.executor, thief, error);
        note(&held, victim, 50, error);
        note(&held, thief, 3, error);
        EXPECT_INT(counts_of(held.executor, victim, error).queue_depth, ==, 50);
        let_go_on(&held, thief);
        await_notes(53);
        expect_notes(0, 3, thief);
        await_counts(held.executor, &before, &thief_before, 50, error);
        np_node_statistics after = counts_of(held.executor, victim, error);
        EXPECT_INT(after.stolen_from - before.stolen_from, ==, 50);
        EXPECT_INT(after.remote - before.remote, ==, 50);
        EXPECT_INT(after.queue_depth, ==, 0);
        EXPECT_INT(counts_of(held.executor, thief, error).stolen_by - thief_before.stolen_by, ==, 50);
        let_all_go(&held);
        finished(held.executor, error);
        executor_ended(held.executor, error);
    }
}

/* A thief and two victims, one nearer to it than the other; false if there are none such. */
static bool find_near_and_far(unsigned *thief, unsigned *near, unsigned *far)
{
    struct ids nodes = nodes_to_run_on();

    for (int t = ids_first(&nodes); t >= 0; t = ids_next(&nodes, t))
        for (int a = ids_first(&nodes); a >= 0; a = ids_next(&nodes, a))
            for (int b = ids_first(&nodes); b >= 0; b = ids_next(&nodes, b))
                if (a != t && b != t && oracle_distance((unsigned)t, (unsigned)a) >= 0 &&
                    oracle_distance((unsigned)t, (unsigned)a) < oracle_distance((unsigned)t, (unsigned)b)) {
                    *thief = (unsigned)t;
                    *near = (unsigned)a;
                    *far = (unsigned)b;
                    return true;
                }
    return false;
}

CASE(executor_steals_from_the_nearest, "a worker takes from the nearest node that has tasks before it goes farther",
    CLAUSES("EXEC-5"), NEEDS(.nodes = 3))
{
    struct held held;
    unsigned thief, near, far;

    if (!find_near_and_far(&thief, &near, &far))
        case_skipped("needs a node that is nearer to one than to another");
    forget_order();
    hold_all(&held, NP_SOFT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, error);
    note(&held, far, 20, error);
    note(&held, near, 10, error);
    let_go_on(&held, thief);
    await_notes(30);
    expect_notes(0, 10, near);
    expect_notes(10, 20, far);
    let_all_go(&held);
    finished(held.executor, error);
    executor_ended(held.executor, error);
}

/* Tasks of one node, some long enough that others come and take. */
static void spin_task(void *count)
{
    for (volatile int i = 0; i < 500; i++)
        continue;
    count_task(count);
}

CASE(executor_counts_are_exact, "once drained, submitted = local + remote on each node, and stolen from = stolen by",
    CLAUSES("EXEC-11", "STAT-1"), NEEDS_NOTHING)
{
    enum { EACH = 3000 };
    static const np_steal policies[] = {NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, NP_STEAL_LOCAL_ONLY, NP_STEAL_ANY};

    for (size_t policy = 0; policy < 3; policy++) {
        np_executor_options options = executor_options_of(NP_SOFT, policies[policy], 2);
        np_executor *executor = executor_made(&options, error);
        struct ids nodes = oracle_online_nodes();
        atomic_ulong ran = 0;
        unsigned long accepted = 0;
        for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
            for (int i = 0; i < EACH * (node % 3 + 1); i++, accepted++)
                submitted(executor, (unsigned)node, spin_task, &ran, error);
        finished(executor, error);
        EXPECT_INT(ran, ==, accepted);
        for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
            np_node_statistics counts = counts_of(executor, (unsigned)node, error);
            EXPECT_WITH("node %d, policy %d", node, (int)policies[policy]);
            EXPECT_INT(counts.submitted, ==, EACH * (node % 3 + 1));
            EXPECT_INT(counts.local + counts.remote, ==, counts.submitted);
            EXPECT_INT(counts.queue_depth, ==, 0);
            if (policies[policy] == NP_STEAL_LOCAL_ONLY)
                EXPECT_INT(counts.stolen_from + counts.stolen_by, ==, 0);
        }
        np_node_statistics total = counts_of_all(executor, error);
        EXPECT_INT(total.stolen_from, ==, total.stolen_by);
        EXPECT_INT(total.submitted, ==, accepted);
        executor_ended(executor, error);
    }
}

CASE_LIST(
    executor_steal_cases, &executor_steals_when_idle, &executor_steals_from_the_nearest, &executor_counts_are_exact);
