/*
 * Publications at the moments that matter: read while another one is made, read and made while the process forks, and after
 * their executor has ended.
 *
 * Reading is what PAPI would do, by the function that libsde was given. libsde is the real one, and what it is asked
 * passes through here. On demand it gets a lock here as it has of its own after 7.0: held while it registers and while it calls
 * back (publish.c).
 */
#include "executor_lab.h"
#include "unit.h"
#include <numaproof/statistics.h>
#include <sde_lib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOO_LONG 20 /* Seconds: what takes them would take for ever. */

papi_handle_t __real_papi_sde_init(const char *library);
papi_handle_t __wrap_papi_sde_init(const char *library);
int __real_papi_sde_register_counter_cb(
    papi_handle_t library, const char *event, int mode, int type, papi_sde_fptr_t read, void *closure);
int __wrap_papi_sde_register_counter_cb(
    papi_handle_t library, const char *event, int mode, int type, papi_sde_fptr_t read, void *closure);
void __real_statistics_collect(const np_executor *executor, np_node_statistics *all);
void __wrap_statistics_collect(const np_executor *executor, np_node_statistics *all);
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);
const char *__tsan_default_options(void);

/* Children have executors of their own, and thereby threads. */
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

static np_executor *executor;
static np_publication *publication;

/* What was registered last under the name "submitted". */
static papi_sde_fptr_t read_submitted_of;
static void *submitted;

static long long read_submitted(void)
{
    return read_submitted_of(submitted);
}

static np_executor *build(void)
{
    const struct lab_node nodes[] = {{1, lab_all_cpus(), 0}};
    const np_executor_options options = {.steal = NP_STEAL_LOCAL_ONLY, .workers_per_node = 1};
    np_executor *built = NULL;
    EXPECT_NUMBER(lab_build(nodes, 1, NULL, &options, &built, NULL), NP_OK);
    return built;
}

static np_executor *build_published(const char *name, np_publication **as)
{
    np_executor *built = build();
    EXPECT_NUMBER(np_statistics_publish(built, name, as, NULL), NP_OK);
    return built;
}

static void submit(np_executor *to, int times)
{
    static atomic_long count;
    for (int i = 0; i < times; i++)
        EXPECT_NUMBER(np_executor_submit(to, 1, count_task, &count, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(to, NP_NO_TIMEOUT, NULL), NP_OK);
}

static void end(np_executor *ended)
{
    EXPECT_NUMBER(np_executor_destroy(ended, NULL), NP_OK);
}

/* A thread is stopped with the first lock that it took, until whoever forks is about to wait for that. */
static _Thread_local bool stops, forks;
static _Atomic(pthread_mutex_t *) locked;
static struct gate gate;
/* Until this is posted the stopped one does not end: ASan (LLVM 14) does not take its allocator's locks over a fork. */
static sem_t has_forked;
static bool waited_for;

static void stop_here(void)
{
    if (!stops)
        return;
    stops = false;
    gate_task(&gate);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (forks && mutex == locked) {
        forks = false;
        waited_for = true;
        gate_open(&gate, 1);
    }
    const int error = __real_pthread_mutex_lock(mutex);
    if (stops && locked == NULL)
        locked = mutex;
    return error;
}

void __wrap_statistics_collect(const np_executor *of, np_node_statistics *all)
{
    stop_here();
    __real_statistics_collect(of, all);
}

/* libsde's lock, while a test wants it to have one; and a reader that has got it just before libsde registers. */
static pthread_mutex_t lock_of_libsde = PTHREAD_MUTEX_INITIALIZER;
static bool libsde_locks;
static pthread_t reader;
static sem_t reader_has_lock;

static void *read_under_lock(void *value)
{
    pthread_mutex_lock(&lock_of_libsde);
    sem_post(&reader_has_lock);
    *(long long *)value = read_submitted();
    pthread_mutex_unlock(&lock_of_libsde);
    return NULL;
}

static long long read_meanwhile;

static void let_a_reader_be_first(void)
{
    EXPECT_NUMBER(pthread_create(&reader, NULL, read_under_lock, &read_meanwhile), 0);
    while (sem_wait(&reader_has_lock) != 0)
        continue;
}

papi_handle_t __wrap_papi_sde_init(const char *library)
{
    stop_here();
    if (!libsde_locks)
        return __real_papi_sde_init(library);
    let_a_reader_be_first();
    struct timespec deadline;
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += TOO_LONG;
    const int error = pthread_mutex_timedlock(&lock_of_libsde, &deadline);
    EXPECT_NUMBER(error, 0);
    papi_handle_t handle = __real_papi_sde_init(library);
    if (error == 0)
        pthread_mutex_unlock(&lock_of_libsde);
    return handle;
}

int __wrap_papi_sde_register_counter_cb(
    papi_handle_t library, const char *event, int mode, int type, papi_sde_fptr_t read, void *closure)
{
    if (strcmp(event, "submitted") == 0) {
        read_submitted_of = read;
        submitted = closure;
    }
    return __real_papi_sde_register_counter_cb(library, event, mode, type, read, closure);
}

/* Each has what the other one waits for, unless a reader waits for nothing that is held around libsde. */
static void publishing_meets_reading(void)
{
    np_publication *second = NULL;
    executor = build_published("read", &publication);
    submit(executor, 4);
    sem_init(&reader_has_lock, 0, 0);
    libsde_locks = true;
    EXPECT_NUMBER(np_statistics_publish(executor, "made", &second, NULL), NP_OK);
    libsde_locks = false;
    pthread_join(reader, NULL);
    EXPECT_NUMBER(read_meanwhile, 4);
    sem_destroy(&reader_has_lock);
    end(executor);
}

static void await_fork(void)
{
    while (sem_wait(&has_forked) != 0)
        continue;
}

static void *read_and_stop(void *unused)
{
    stops = true;
    read_meanwhile = read_submitted();
    await_fork();
    return unused;
}

static void *publish_and_stop(void *unused)
{
    np_publication *made = NULL;
    stops = true;
    const np_status status = np_statistics_publish(executor, "made_amid_a_fork", &made, NULL);
    await_fork();
    EXPECT_NUMBER(status, NP_OK);
    return unused;
}

static void use_all_locks(void)
{
    alarm(TOO_LONG);
    np_executor *own = build();
    end(own);
    np_statistics_unpublish(publication);
    own = build_published("child", &publication);
    end(own);
}

static void fork_amid(void *(*stopped)(void *))
{
    pthread_t thread;
    locked = NULL;
    waited_for = false;
    gate_init(&gate);
    sem_init(&has_forked, 0, 0);
    EXPECT_NUMBER(pthread_create(&thread, NULL, stopped, NULL), 0);
    gate_await(&gate, 1);
    forks = true;
    unit_in_child(use_all_locks);
    forks = false;
    EXPECT(waited_for);
    if (!waited_for)
        gate_open(&gate, 1);
    sem_post(&has_forked);
    pthread_join(thread, NULL);
    sem_destroy(&has_forked);
    gate_end(&gate);
}

static void forking_meets_both(void)
{
    executor = build_published("forking", &publication);
    submit(executor, 4);
    fork_amid(read_and_stop);
    EXPECT_NUMBER(read_meanwhile, 4);
    fork_amid(publish_and_stop);
    EXPECT_NUMBER(read_submitted(), 4);
    end(executor);
}

static void destroy_the_parents(void)
{
    end(executor);
    EXPECT_NUMBER(read_submitted(), 0);
    np_executor *own = build_published("forked", &publication);
    submit(own, 3);
    EXPECT_NUMBER(read_submitted(), 3);
    end(own);
}

static void a_fork_may_publish_under_the_same_name(void)
{
    executor = build_published("forked", &publication);
    submit(executor, 2);
    unit_in_child(destroy_the_parents);
    EXPECT_NUMBER(read_submitted(), 2);
    end(executor);
}

static void what_has_ended_ends_no_other(void)
{
    np_publication *second = NULL;
    np_publication *third = NULL;
    np_error error = {0};
    end(build_published("again", &publication));
    executor = build_published("again", &second);
    submit(executor, 2);
    np_statistics_unpublish(publication);
    EXPECT_NUMBER(read_submitted(), 2);
    EXPECT_ERROR(np_statistics_publish(executor, "again", &third, &error), NP_INVALID_ARGUMENT, error, "in use");
    np_statistics_unpublish(second);
    EXPECT_NUMBER(read_submitted(), 0);
    EXPECT_NUMBER(np_statistics_publish(executor, "again", &third, NULL), NP_OK);
    np_statistics_unpublish(second);
    EXPECT_NUMBER(read_submitted(), 2);
    end(executor);
    np_statistics_unpublish(third);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"publishing meets reading", publishing_meets_reading},
        {"forking meets reading and publishing", forking_meets_both},
        {"a fork may publish under the same name", a_fork_may_publish_under_the_same_name},
        {"what has ended ends no other", what_has_ended_ends_no_other},
    };
    return unit_main("publish", tests, sizeof tests / sizeof tests[0]);
}
