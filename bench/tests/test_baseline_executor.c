/*
 * The baseline executor is an executor: each task runs once, from however many submitters and from tasks, on the node that
 * it was meant for; what is compared with it would be flattered by one that loses tasks. Its locks and waits go through this
 * file (--wrap), which can thereby choose the moment at which a task submits or ends.
 */
#include "baseline_executor.h"
#include "run_suites.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
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

/* The moments of the test below: each begins when its semaphore is posted. */
static sem_t may_submit, is_idle_again, may_end;
static atomic_uint looks; /* Locks that who waits has taken, once it is told to count them. */
static _Thread_local bool counts_looks, has_submitted;
static atomic_bool has_ended;

static void await(sem_t *moment)
{
    while (sem_wait(moment) != 0)
        continue;
}

int __real_pthread_mutex_lock(pthread_mutex_t *lock);
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock);
int __real_pthread_cond_wait(pthread_cond_t *changed, pthread_mutex_t *lock);
int __wrap_pthread_cond_wait(pthread_cond_t *changed, pthread_mutex_t *lock);

/* Between the look at the first node and that at the second the task there submits to the first, and ends. */
int __wrap_pthread_mutex_lock(pthread_mutex_t *lock)
{
    unsigned look = counts_looks ? atomic_fetch_add(&looks, 1) + 1 : 0;

    if (look == 2) {
        sem_post(&may_submit);
        await(&is_idle_again);
    }
    /* Whoever looks so often has not given up. */
    if (look == 4)
        sem_post(&may_end);
    return __real_pthread_mutex_lock(lock);
}

int __wrap_pthread_cond_wait(pthread_cond_t *changed, pthread_mutex_t *lock)
{
    if (has_submitted) {
        has_submitted = false;
        sem_post(&is_idle_again);
    }
    return __real_pthread_cond_wait(changed, lock);
}

static void end_late(void *argument)
{
    (void)argument;
    await(&may_end);
    atomic_store(&has_ended, true);
}

static void submit_late(void *argument)
{
    (void)argument;
    await(&may_submit);
    if (baseline_executor_submit(chained, 3, end_late, NULL) != NP_OK)
        abort();
    has_submitted = true;
}

static void a_wait_sees_what_is_submitted_behind_its_back(void)
{
    CU_ASSERT_EQUAL_FATAL(sem_init(&may_submit, 0, 0) | sem_init(&is_idle_again, 0, 0) | sem_init(&may_end, 0, 0), 0);
    chained = create(1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(chained);
    CU_ASSERT_EQUAL(baseline_executor_submit(chained, 7, submit_late, NULL), NP_OK);
    counts_looks = true;
    baseline_executor_wait(chained);
    counts_looks = false;
    CU_ASSERT_TRUE(atomic_load(&has_ended));
    sem_post(&may_end);
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
        {"a wait sees what tasks submit", a_wait_sees_what_tasks_submit},
        {"a wait sees what is submitted behind its back", a_wait_sees_what_is_submitted_behind_its_back},
        {"workers are pinned", workers_are_pinned}, {"an end runs what was accepted", an_end_runs_what_was_accepted},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"baseline executor", NULL, NULL, NULL, NULL, executor}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
