/*
 * An executor of this machine, in soft mode: what is accepted is run once, waiting and shutdown, wrong arguments.
 */
#include "executor_lab.h"
#include "unit.h"
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

static np_topology *topology;
static unsigned first_node;

static np_executor *create_stealing(unsigned workers, np_steal steal)
{
    np_executor *executor = NULL;
    const np_executor_options options = {.workers_per_node = workers, .steal = (int32_t)steal};
    EXPECT(np_executor_create(topology, &options, &executor, NULL) == NP_OK);
    return executor;
}

static np_executor *create(unsigned workers)
{
    return create_stealing(workers, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
}

static void end(np_executor *executor)
{
    np_error error = {0};
    EXPECT_NUMBER(np_executor_destroy(executor, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
}

static void wrong_arguments(void)
{
    np_executor *executor = NULL;
    np_error error = {0};
    np_executor_options options;
    np_executor_options_init(&options);
    EXPECT_ERROR(np_executor_create(NULL, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "topology");
    EXPECT_ERROR(np_executor_create(topology, &options, NULL, &error), NP_INVALID_ARGUMENT, error, "executor");
    options = (np_executor_options){.mode = 2};
    EXPECT_ERROR(np_executor_create(topology, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "mode 2");
    options = (np_executor_options){.steal = 3};
    EXPECT_ERROR(np_executor_create(topology, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "steal 3");
    options = (np_executor_options){.workers_per_node = NP_CPU_MAX + 1};
    EXPECT_ERROR(np_executor_create(topology, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "8193");
    options = (np_executor_options){.real_time_priority = 100};
    EXPECT_ERROR(np_executor_create(topology, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "100");
    options = (np_executor_options){.reserved = {0, 1}};
    EXPECT_ERROR(np_executor_create(topology, &options, &executor, &error), NP_INVALID_ARGUMENT, error, "reserved");
    EXPECT(executor == NULL);

    executor = create(1);
    atomic_long count = 0;
    EXPECT_ERROR(
        np_executor_submit(executor, first_node, NULL, NULL, &error), NP_INVALID_ARGUMENT, error, "task is NULL");
    EXPECT_ERROR(np_executor_submit(executor, 1023, count_task, &count, &error), NP_INVALID_ARGUMENT, error, "1023");
    EXPECT_ERROR(np_executor_submit(executor, 1024, count_task, &count, &error), NP_INVALID_ARGUMENT, error, "1024");
    EXPECT_ERROR(np_executor_submit(NULL, 0, count_task, &count, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_executor_submit_local(executor, NULL, NULL, &error), NP_INVALID_ARGUMENT, error, "task is NULL");
    EXPECT_ERROR(np_executor_wait(NULL, 0, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_executor_health(NULL, NULL, NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_executor_enforcement(executor, NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_NUMBER(np_executor_destroy(NULL, &error), NP_OK);
    end(executor);
    EXPECT_NUMBER(count, 0);
}

struct visit {
    np_cpuset cpus;
    atomic_uint times;
    atomic_uint elsewhere;
};

static void visit_task(void *closure)
{
    struct visit *visit = closure;
    atomic_fetch_add(&visit->times, 1);
    atomic_fetch_add(&visit->elsewhere, !np_cpuset_contains(&visit->cpus, (unsigned)sched_getcpu()));
}

static void every_task_runs_once_on_its_node(void)
{
    enum { TASKS = 5000 };
    np_executor *executor = create_stealing(0, NP_STEAL_LOCAL_ONLY);
    struct visit *visits = calloc(TASKS, sizeof *visits);
    for (int i = 0; i < TASKS; i++) {
        np_topology_cpus_of_node(topology, first_node, &visits[i].cpus, NULL);
        const np_status status = i % 2 == 0 ? np_executor_submit(executor, first_node, visit_task, &visits[i], NULL)
                                            : np_executor_submit_local(executor, visit_task, &visits[i], NULL);
        EXPECT_NUMBER(status, NP_OK);
    }
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    unsigned wrong = 0;
    for (int i = 0; i < TASKS; i++)
        wrong += visits[i].times != 1 || (visits[i].elsewhere != 0 && i % 2 == 0);
    EXPECT_NUMBER(wrong, 0);
    end(executor);
    free(visits);
}

struct tree {
    np_executor *executor;
    atomic_long *leaves;
    int depth;
};

static void grow(void *closure)
{
    struct tree *tree = closure;
    if (tree->depth == 0)
        atomic_fetch_add(tree->leaves, 1);
    for (int i = 0; i < 2 && tree->depth > 0; i++) {
        struct tree *branch = malloc(sizeof *branch);
        *branch = (struct tree){tree->executor, tree->leaves, tree->depth - 1};
        EXPECT(np_executor_submit_local(tree->executor, grow, branch, NULL) == NP_OK);
    }
    free(tree);
}

static void tasks_submit_tasks(void)
{
    np_executor *executor = create(2);
    atomic_long leaves = 0;
    struct tree *root = malloc(sizeof *root);
    *root = (struct tree){executor, &leaves, 12};
    EXPECT(np_executor_submit(executor, first_node, grow, root, NULL) == NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(leaves, 1 << 12);
    end(executor);
}

/* Tasks that need one another come together: no task waits behind another while a worker sleeps. */
static void tasks_meet(void)
{
    enum { WORKERS = 6, ROUNDS = 200 };
    np_executor *executor = create(WORKERS);
    struct gate gate;
    gate_init(&gate);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < WORKERS; i++)
            EXPECT(np_executor_submit(executor, first_node, gate_task, &gate, NULL) == NP_OK);
        gate_await(&gate, WORKERS);
        gate_open(&gate, WORKERS);
    }
    end(executor);
    gate_end(&gate);
}

static void shutdown_runs_what_was_accepted(void)
{
    const unsigned threads = lab_threads();
    np_executor *executor = create(3);
    EXPECT_NUMBER(lab_threads(), threads + 3 * np_topology_node_count(topology));
    atomic_long count = 0;
    np_error error = {0};
    for (int i = 0; i < 30000; i++)
        EXPECT(np_executor_submit(executor, first_node, count_task, &count, NULL) == NP_OK);
    EXPECT_NUMBER(np_executor_shutdown(executor, &error), NP_OK);
    EXPECT_NUMBER(count, 30000);
    EXPECT_NUMBER(lab_threads(), threads);
    EXPECT_ERROR(
        np_executor_submit(executor, first_node, count_task, &count, &error), NP_SHUT_DOWN, error, "shut down");
    EXPECT_ERROR(np_executor_submit_local(executor, count_task, &count, &error), NP_SHUT_DOWN, error, "shut down");
    EXPECT_ERROR(np_executor_health(executor, NULL, NULL, &error), NP_SHUT_DOWN, error, "shut down");
    EXPECT_ERROR(np_executor_repair(executor, &error), NP_SHUT_DOWN, error, "shut down");
    EXPECT_NUMBER(np_executor_wait(executor, 0, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_shutdown(executor, NULL), NP_OK);
    end(executor);
    EXPECT_NUMBER(count, 30000);
}

static void timeouts_hold(void)
{
    np_executor *executor = create(1);
    struct gate gate;
    gate_init(&gate);
    atomic_long count = 0;
    np_error error = {0};
    EXPECT(np_executor_submit(executor, first_node, gate_task, &gate, NULL) == NP_OK);
    gate_await(&gate, 1);
    for (int i = 0; i < 7; i++)
        EXPECT(np_executor_submit(executor, first_node, count_task, &count, NULL) == NP_OK);
    EXPECT_ERROR(np_executor_wait(executor, SECOND / 100, &error), NP_TIMED_OUT, error, "7 tasks");
    EXPECT_ERROR(np_executor_wait(executor, 0, &error), NP_TIMED_OUT, error, "7 tasks");
    uint64_t not_started = 0;
    EXPECT_ERROR(np_executor_shutdown_timeout(executor, SECOND / 100, &not_started, &error), NP_TIMED_OUT, error, "7");
    EXPECT_NUMBER(not_started, 7);
    EXPECT_NUMBER(np_executor_submit(executor, first_node, count_task, &count, NULL), NP_SHUT_DOWN);
    EXPECT_NUMBER(count, 0);
    gate_open(&gate, 1);
    EXPECT_NUMBER(np_executor_shutdown_timeout(executor, NP_NO_TIMEOUT, &not_started, NULL), NP_OK);
    EXPECT_NUMBER(not_started, 0);
    EXPECT_NUMBER(count, 7);
    end(executor);
    gate_end(&gate);
}

struct inside {
    np_executor *executor;
    np_status wait, shutdown, destroy;
};

static void end_from_inside(void *closure)
{
    struct inside *inside = closure;
    inside->wait = np_executor_wait(inside->executor, NP_NO_TIMEOUT, NULL);
    inside->shutdown = np_executor_shutdown(inside->executor, NULL);
    inside->destroy = np_executor_destroy(inside->executor, NULL);
}

static void a_task_cannot_wait_for_itself(void)
{
    np_executor *executor = create(1);
    struct inside inside = {.executor = executor};
    EXPECT(np_executor_submit(executor, first_node, end_from_inside, &inside, NULL) == NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(inside.wait, NP_INVALID_ARGUMENT);
    EXPECT_NUMBER(inside.shutdown, NP_INVALID_ARGUMENT);
    EXPECT_NUMBER(inside.destroy, NP_INVALID_ARGUMENT);
    EXPECT_NUMBER(np_executor_submit(executor, first_node, end_from_inside, &inside, NULL), NP_OK);
    end(executor);
}

static np_executor *of_the_parent;

static void use_the_parents(void)
{
    np_error error = {0};
    atomic_long count = 0;
    EXPECT_ERROR(
        np_executor_submit(of_the_parent, first_node, count_task, &count, &error), NP_SHUT_DOWN, error, "forked");
    EXPECT_ERROR(np_executor_wait(of_the_parent, NP_NO_TIMEOUT, &error), NP_SHUT_DOWN, error, "forked");
    EXPECT_ERROR(np_executor_shutdown(of_the_parent, &error), NP_SHUT_DOWN, error, "forked");
    EXPECT_ERROR(np_executor_repair(of_the_parent, &error), NP_SHUT_DOWN, error, "forked");
    EXPECT_NUMBER(np_executor_destroy(of_the_parent, NULL), NP_OK);
}

static void a_fork_has_no_workers(void)
{
    of_the_parent = create(2);
    atomic_long count = 0;
    EXPECT(np_executor_submit(of_the_parent, first_node, count_task, &count, NULL) == NP_OK);
    unit_in_child(use_the_parents);
    EXPECT(np_executor_submit(of_the_parent, first_node, count_task, &count, NULL) == NP_OK);
    EXPECT_NUMBER(np_executor_wait(of_the_parent, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(count, 2);
    end(of_the_parent);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"wrong arguments", wrong_arguments},
        {"every task runs once, on its node", every_task_runs_once_on_its_node},
        {"tasks submit tasks", tasks_submit_tasks},
        {"tasks that need one another meet", tasks_meet},
        {"shutdown runs what was accepted", shutdown_runs_what_was_accepted},
        {"timeouts hold", timeouts_hold},
        {"a task cannot wait for itself", a_task_cannot_wait_for_itself},
        {"a fork has no workers", a_fork_has_no_workers},
    };
    np_nodeset nodes = {0};
    if (np_topology_discover(&topology, NULL) != NP_OK || np_topology_nodes(topology, &nodes, NULL) != NP_OK)
        return EXIT_FAILURE;
    first_node = (unsigned)np_nodeset_first(&nodes);
    const int result = unit_main("executor", tests, sizeof tests / sizeof tests[0]);
    np_topology_destroy(topology);
    return result;
}
