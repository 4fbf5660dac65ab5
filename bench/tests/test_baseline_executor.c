/*
 * The baseline executor is an executor: each task runs once, from however many submitters and from tasks, on the node that
 * it was meant for; what is compared with it would be flattered by one that loses tasks.
 */
#include "baseline_executor.h"

#include <CUnit/Basic.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SUBMITTERS = 4, TASKS = 20000 };

static atomic_uchar runs[SUBMITTERS * TASKS];
static atomic_uint off_node;

/* Both nodes have the CPU of the test: what is told apart are queues and workers, on any machine. */
static struct baseline_executor *create(unsigned workers)
{
    struct baseline_node nodes[2] = {{.id = 3}, {.id = 7}};
    unsigned cpu = (unsigned)sched_getcpu();

    for (unsigned i = 0; i < 2; i++)
        nodes[i].cpus.words[cpu / 64] = UINT64_C(1) << cpu % 64;
    return baseline_executor_create(nodes, 2, workers);
}

static void count_run(void *argument)
{
    atomic_fetch_add((atomic_uchar *)argument, 1);
}

struct submitter {
    struct baseline_executor *executor;
    size_t first;
};

static void *submit_all(void *closure)
{
    struct submitter *submitter = closure;

    for (size_t i = submitter->first; i < submitter->first + TASKS; i++)
        if (baseline_executor_submit(submitter->executor, i % 2 == 0 ? 3 : 7, count_run, &runs[i]) != NP_OK)
            abort();
    return NULL;
}

static void each_task_runs_once(void)
{
    struct baseline_executor *executor = create(2);
    struct submitter submitters[SUBMITTERS];
    pthread_t threads[SUBMITTERS];

    CU_ASSERT_PTR_NOT_NULL_FATAL(executor);
    for (size_t i = 0; i < SUBMITTERS; i++) {
        submitters[i] = (struct submitter){executor, i * TASKS};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, submit_all, &submitters[i]), 0);
    }
    for (size_t i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    baseline_executor_wait(executor);
    size_t wrong = 0;
    for (size_t i = 0; i < SUBMITTERS * TASKS; i++)
        wrong += atomic_load(&runs[i]) != 1;
    CU_ASSERT_EQUAL(wrong, 0);
    baseline_executor_destroy(executor);
}

static struct baseline_executor *chained;
static atomic_uint links;

static void submit_next(void *argument)
{
    (void)argument;
    unsigned link = atomic_fetch_add(&links, 1);
    if (link < 999 && baseline_executor_submit(chained, link % 2 == 0 ? 7 : 3, submit_next, NULL) != NP_OK)
        abort();
}

static void a_wait_sees_what_tasks_submit(void)
{
    chained = create(1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(chained);
    atomic_store(&links, 0);
    CU_ASSERT_EQUAL(baseline_executor_submit(chained, 3, submit_next, NULL), NP_OK);
    baseline_executor_wait(chained);
    CU_ASSERT_EQUAL(atomic_load(&links), 1000);
    baseline_executor_destroy(chained);
}

/* The CPUs that the worker of a node was pinned to are its own, as the thread itself sees them. */
static void note_affinity(void *argument)
{
    cpu_set_t now;

    if (sched_getaffinity(0, sizeof now, &now) != 0 || CPU_COUNT(&now) != 1 || !CPU_ISSET(*(size_t *)argument, &now))
        atomic_fetch_add(&off_node, 1);
}

static void workers_are_pinned(void)
{
    size_t cpu = (size_t)sched_getcpu();
    struct baseline_node node = {.id = 0};

    node.cpus.words[cpu / 64] = UINT64_C(1) << cpu % 64;
    struct baseline_executor *executor = baseline_executor_create(&node, 1, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(executor);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(baseline_executor_submit(executor, 0, note_affinity, &cpu), NP_OK);
    baseline_executor_wait(executor);
    CU_ASSERT_EQUAL(atomic_load(&off_node), 0);
    baseline_executor_destroy(executor);
}

static void an_end_runs_what_was_accepted(void)
{
    struct baseline_executor *executor = create(1);
    atomic_uchar once = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(executor);
    CU_ASSERT_EQUAL(baseline_executor_submit(executor, 3, count_run, &once), NP_OK);
    CU_ASSERT_EQUAL(baseline_executor_submit(executor, 4, count_run, &once), NP_INVALID_ARGUMENT);
    CU_ASSERT_EQUAL(baseline_executor_submit(executor, 3, NULL, &once), NP_INVALID_ARGUMENT);
    baseline_executor_destroy(executor);
    CU_ASSERT_EQUAL(atomic_load(&once), 1);
    baseline_executor_destroy(NULL);
}

int main(void)
{
    CU_TestInfo executor[] = {{"each task runs once", each_task_runs_once},
        {"a wait sees what tasks submit", a_wait_sees_what_tasks_submit}, {"workers are pinned", workers_are_pinned},
        {"an end runs what was accepted", an_end_runs_what_was_accepted}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"baseline executor", NULL, NULL, NULL, NULL, executor}, CU_SUITE_INFO_NULL};

    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
