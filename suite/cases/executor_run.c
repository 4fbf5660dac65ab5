/*
 * Tasks: each runs once, where it was meant to, and what is accepted is run (EXEC-4, 6, 7, 8, 14).
 */
#include "executor_case.h"
#include "pin_case.h"

#include <pthread.h>
#include <stdlib.h>

enum { MANY = 5000 };

CASE(executor_runs_each_task_once, "every accepted task runs exactly once", CLAUSES("EXEC-4", "EXEC-11"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, 3);
    np_executor *executor = executor_made(&options, error);
    struct run *runs = calloc(MANY, sizeof *runs);
    unsigned node = first_run_node();

    for (int i = 0; i < MANY; i++)
        submitted(executor, node, run_task, &runs[i], error);
    finished(executor, error);
    for (int i = 0; i < MANY; i++)
        if (runs[i].times != 1)
            EXPECT_INT(runs[i].times, ==, 1);
    np_node_statistics total = counts_of_all(executor, error);
    EXPECT_INT(total.submitted, ==, MANY);
    EXPECT_INT(total.local + total.remote, ==, MANY);
    executor_ended(executor, error);
}

/* Local only: each task of each node on a CPU of that node, while all nodes have tasks. */
static void expect_each_on_its_node(np_error *error)
{
    enum { EACH = 300 };
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);
    np_executor *executor = executor_made(&options, error);
    struct ids nodes = nodes_to_run_on();
    struct run *runs = calloc(NP_NODE_MAX, EACH * sizeof *runs);

    for (int i = 0; i < EACH; i++)
        for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
            submitted(executor, (unsigned)node, run_task, &runs[node * EACH + i], error);
    finished(executor, error);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        EXPECT_WITH("node %d", node);
        for (int i = 0; i < EACH; i++) {
            const struct run *run = &runs[node * EACH + i];
            if (run->times != 1 || oracle_node_of_cpu(run->cpu) != node)
                EXPECT_INT(oracle_node_of_cpu(run->cpu), ==, run->times == 1 ? node : -1);
        }
        EXPECT_INT(counts_of(executor, (unsigned)node, error).local, ==, EACH);
    }
    executor_ended(executor, error);
}

CASE(executor_runs_on_its_node, "with the local-only policy each task runs on a CPU of its node", CLAUSES("EXEC-4"),
    NEEDS_NOTHING)
{
    expect_each_on_its_node(error);
}

CASE(executor_node_ids_with_gaps, "node ids with gaps are ids, and each node runs its own tasks", CLAUSES("EXEC-14"),
    NEEDS(.gap_in_nodes = true))
{
    expect_each_on_its_node(error);
}

CASE(executor_local_only_under_load, "with the local-only policy an idle node leaves a busy node's tasks alone",
    CLAUSES("EXEC-4"), NEEDS(.nodes = 2))
{
    enum { WAITING = 200 };
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    unsigned busy = first_run_node();
    int idle = second_run_node();
    struct gate gate;
    atomic_ulong count = 0;
    struct run other = {0};

    if (idle < 0)
        case_skipped("needs two nodes with CPUs");
    np_executor *executor = executor_made(&options, error);
    gate_made(&gate);
    submitted(executor, busy, gate_task, &gate, error);
    gate_await(&gate, 1);
    for (unsigned i = 1; i <= WAITING; i++) {
        submitted(executor, busy, count_task, &count, error);
        submitted(executor, (unsigned)idle, run_task, &other, error);
        while (other.times < i)
            sched_yield();
    }
    EXPECT_INT(count, ==, 0);
    gate_opened(&gate, 1);
    finished(executor, error);
    EXPECT_INT(count, ==, WAITING);
    EXPECT_INT(counts_of(executor, busy, error).stolen_from, ==, 0);
    executor_ended(executor, error);
}

/* A task that submits without a node. */
struct from_task {
    np_executor *executor;
    struct run run;
    np_status status;
};

static void submit_from_task(void *closure)
{
    struct from_task *from = closure;

    from->status = api->executor_submit_local(from->executor, run_task, &from->run, NULL);
}

CASE(executor_submit_without_node, "submitting without a node means the node of the CPU that the caller runs on",
    CLAUSES("EXEC-6"), NEEDS(.nodes = 2))
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    struct ids nodes = nodes_to_run_on();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct run run = {0};
        struct from_task from = {.executor = executor};
        EXPECT_WITH("from node %d", node);
        stand_on(cpus_to_run_on((unsigned)node));
        EXPECT_OK(api->executor_submit_local(executor, run_task, &run, error));
        submitted(executor, (unsigned)node, submit_from_task, &from, error);
        finished(executor, error);
        EXPECT_INT(oracle_node_of_cpu(run.cpu), ==, node);
        EXPECT_INT(from.status, ==, NP_OK);
        EXPECT_INT(oracle_node_of_cpu(from.run.cpu), ==, node);
        EXPECT_INT(counts_of(executor, (unsigned)node, error).submitted, ==, 3);
    }
    executor_ended(executor, error);
}

CASE(executor_unknown_node, "an unknown node is a wrong argument and never another node", CLAUSES("EXEC-7", "LAW-6"),
    NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_ANY, 1);
    np_executor *executor = executor_made(&options, error);
    const unsigned unknown[] = {unknown_node(), NP_NODE_MAX, UINT32_MAX};
    atomic_ulong count = 0;

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        EXPECT_WITH("node %u", unknown[i]);
        EXPECT_INVALID(api->executor_submit(executor, unknown[i], count_task, &count, error));
        EXPECT_NAMES_NUMBER(error->reason, unknown[i]);
    }
    EXPECT_INVALID(api->executor_submit(executor, first_run_node(), NULL, &count, error));
    EXPECT_INVALID(api->executor_submit(NULL, first_run_node(), count_task, &count, error));
    EXPECT_INVALID(api->executor_submit_local(executor, NULL, &count, error));
    EXPECT_INVALID(api->executor_submit_local(NULL, count_task, &count, error));
    finished(executor, error);
    EXPECT_INT(count, ==, 0);
    EXPECT_INT(counts_of_all(executor, error).submitted, ==, 0);
    executor_ended(executor, error);
}

static unsigned node_without_cpus(void)
{
    struct ids online = oracle_online_nodes(), running = nodes_to_run_on();
    struct ids without = ids_minus(&online, &running);

    if (ids_count(&without) == 0)
        case_skipped("needs a node without CPUs");
    return (unsigned)ids_first(&without);
}

/* Whether some node with CPUs is nearer to @node than @chosen is. */
static bool is_nearest(unsigned node, int chosen)
{
    struct ids others = nodes_to_run_on();

    for (int other = ids_first(&others); other >= 0; other = ids_next(&others, other))
        if (oracle_distance(node, (unsigned)other) < oracle_distance(node, (unsigned)chosen))
            return false;
    return true;
}

CASE(executor_node_without_cpus_soft,
    "soft runs the tasks of a node without CPUs on the nearest, and counts them remote", CLAUSES("EXEC-7", "EXEC-3"),
    NEEDS(.node_without_cpus = true))
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    unsigned node = node_without_cpus();
    np_executor *executor = executor_made(&options, error);
    struct run run = {0};

    for (int i = 0; i < 20; i++) {
        submitted(executor, node, run_task, &run, error);
        finished(executor, error);
        EXPECT(is_nearest(node, oracle_node_of_cpu(run.cpu)));
    }
    EXPECT_INT(run.times, ==, 20);
    EXPECT_INT(counts_of(executor, node, error).remote, ==, 20);
    EXPECT_INT(counts_of(executor, node, error).local, ==, 0);
    executor_ended(executor, error);
}

CASE(executor_node_without_cpus_strict, "strict refuses a task for a node without CPUs", CLAUSES("EXEC-7", "LAW-1"),
    NEEDS(NEEDS_STRICT_EXECUTOR, .node_without_cpus = true))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_ANY, 1);
    unsigned node = node_without_cpus();
    np_executor *executor = executor_made(&options, error);
    atomic_ulong count = 0;

    EXPECT_REFUSED(api->executor_submit(executor, node, count_task, &count, error));
    EXPECT_NAMES_ID(error->reason, node);
    finished(executor, error);
    EXPECT_INT(count, ==, 0);
    executor_ended(executor, error);
}

struct branch {
    np_executor *executor;
    unsigned node, depth;
    atomic_ulong *leaves;
};

static void grow(void *closure)
{
    struct branch *branch = closure;

    if (branch->depth == 0)
        atomic_fetch_add(branch->leaves, 1);
    for (int i = 0; i < 2 && branch->depth > 0; i++) {
        struct branch *child = malloc(sizeof *child);
        *child = *branch;
        child->depth--;
        if (api->executor_submit(branch->executor, branch->node, grow, child, NULL) != NP_OK)
            case_failed("a task cannot submit a task");
    }
    free(branch);
}

CASE(executor_tasks_submit_tasks, "tasks submit tasks, and waiting waits for those too", CLAUSES("EXEC-8"),
    NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, 2);
    np_executor *executor = executor_made(&options, error);
    atomic_ulong leaves = 0;
    struct branch *root = malloc(sizeof *root);

    *root = (struct branch){executor, first_run_node(), 12, &leaves};
    submitted(executor, root->node, grow, root, error);
    finished(executor, error);
    EXPECT_INT(leaves, ==, 1 << 12);
    executor_ended(executor, error);
}

/* Tasks that cannot end before others have begun: as many as there are workers must be running at a time. */
CASE(executor_tasks_meet, "while a worker sleeps no task waits: as many tasks as workers run at a time",
    CLAUSES("EXEC-10", "EXEC-4"), NEEDS_NOTHING)
{
    enum { WORKERS = 5, ROUNDS = 100 };
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, WORKERS);
    np_executor *executor = executor_made(&options, error);
    struct gate gate;
    unsigned node = first_run_node();

    gate_made(&gate);
    for (int round = 0; round < ROUNDS; round++) {
        submitted_times(executor, node, gate_task, &gate, WORKERS, error);
        gate_await(&gate, WORKERS);
        gate_opened(&gate, WORKERS);
    }
    executor_ended(executor, error);
}

CASE_LIST(executor_run_cases, &executor_runs_each_task_once, &executor_runs_on_its_node, &executor_node_ids_with_gaps,
    &executor_local_only_under_load, &executor_submit_without_node, &executor_unknown_node,
    &executor_node_without_cpus_soft, &executor_node_without_cpus_strict, &executor_tasks_submit_tasks,
    &executor_tasks_meet);
