/*
 * The baseline of the wake-up rows ends when it is told to, even where its thread was stopped between being woken and saying so
 * until the other side had lost its patience. The executor is a double that runs a task at once; the clock and the end go
 * through this file (--wrap), which can thereby hold the thread up.
 */
#include "api_rows.h"
#include "run_suites.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

#define LONGEST_SECONDS 20

static sem_t is_held_up, is_over;
static pthread_t tester;
static atomic_bool holds_up;
static bool has_ended;

static void await(sem_t *moment)
{
    while (sem_wait(moment) != 0)
        continue;
}

static void *live(void *closure)
{
    await(closure);
    return NULL;
}

/* One worker, which sleeps: it is there to be found. */
static sem_t worker_may_end;
static pthread_t worker;

static np_status create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    (void)topology, (void)options, (void)error;
    *executor = (np_executor *)(void *)&worker;
    return pthread_create(&worker, NULL, live, &worker_may_end) == 0 ? NP_OK : NP_SYSTEM;
}

static np_status submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    (void)executor, (void)node, (void)error;
    task(argument);
    return NP_OK;
}

static np_status shut_down(np_executor *executor, uint64_t nanoseconds, uint64_t *left, np_error *error)
{
    (void)executor, (void)nanoseconds, (void)left, (void)error;
    return NP_OK;
}

int __real_pthread_join(pthread_t thread, void **result);
int __wrap_pthread_join(pthread_t thread, void **result);

static np_status destroy(np_executor *executor, np_error *error)
{
    (void)executor, (void)error;
    sem_post(&worker_may_end);
    return __real_pthread_join(worker, NULL) == 0 ? NP_OK : NP_SYSTEM;
}

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

/* The thread looks at the clock when it has seen the ping, and before it says so. */
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    if (!pthread_equal(pthread_self(), tester) && atomic_exchange(&holds_up, false)) {
        sem_post(&is_held_up);
        await(&is_over);
    }
    return __real_clock_gettime(clock, now);
}

/* The thread has been told to end. One that does not is left behind. */
int __wrap_pthread_join(pthread_t thread, void **result)
{
    struct timespec end;

    sem_post(&is_over);
    __real_clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += LONGEST_SECONDS;
    has_ended = pthread_timedjoin_np(thread, result, &end) == 0;
    return 0;
}

static void who_was_stopped_still_ends(void)
{
    struct api_machine machine = {.patience = 0,
        .api = {.executor_create = create,
            .executor_submit = submit,
            .executor_shutdown_timeout = shut_down,
            .executor_destroy = destroy}};
    const struct api_row *row = &api_wakeup_rows.rows[0];
    double nanoseconds;
    np_error why = {0};

    CU_ASSERT_EQUAL_FATAL(sem_init(&is_held_up, 0, 0) | sem_init(&is_over, 0, 0) | sem_init(&worker_may_end, 0, 0), 0);
    memset(machine.cpus.words, 0xff, sizeof machine.cpus.words);
    tester = pthread_self();
    void *state = row->begin(&machine, row, &why);
    CU_ASSERT_PTR_NOT_NULL_FATAL(state);
    atomic_store(&holds_up, true);
    CU_ASSERT_FALSE(row->sample(state, true, &nanoseconds, &why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.reason, "a task was not run"));
    await(&is_held_up);
    row->end(state);
    CU_ASSERT_TRUE(has_ended);
}

int main(void)
{
    CU_TestInfo tests[] = {{"who was stopped still ends", who_was_stopped_still_ends}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"wake-up", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
