/*
 * Threads of the library's own that come and go within a call: how they are started, and that their end is waited for
 * neither for ever, nor in vain, nor half (LAW-2). And what else is asked of a kernel that says no, or not yet.
 *
 * What only chance would bring about is made up: an id that another thread has by now, a kernel without memory, and files
 * of /sys that contradict each other for a while. The program's own functions stand before the real ones.
 */
#include "../src/linux.h"
#include "../src/linux_thread.h"
#include "../src/region_internal.h"
#include "../src/topology_internal.h"
#include "executor_lab.h"
#include "unit.h"
#include <errno.h>
#include <numaproof/topology.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/capability.h>
#include <sys/mman.h>

#define SECOND UINT64_C(1000000000)

static uint64_t listed_until;      /* Until then each thread is listed, as if another had its id. */
static atomic_bool listed_in_vain; /* Somebody has waited for all that time. */
static int wipe_errno;             /* What the kernel says to a page that is wiped in a fork; 0 for what it says. */
static uint64_t contradictory_for; /* How long /sys contradicts itself from the first look on. */
static uint64_t contradictory_until;
static bool all_blocked; /* Whether the last thread was started with all signals blocked. */

int __real_tgkill(pid_t process, pid_t thread, int signal);
int __wrap_tgkill(pid_t process, pid_t thread, int signal);
int __real_madvise(void *address, size_t bytes, int advice);
int __wrap_madvise(void *address, size_t bytes, int advice);
np_status __real_topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory, np_topology **topology, np_error *error);
np_status __wrap_topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory, np_topology **topology, np_error *error);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *closure);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *closure);

int __wrap_tgkill(pid_t process, pid_t thread, int signal)
{
    if (listed_until == 0)
        return __real_tgkill(process, thread, signal);
    if (linux_now() < listed_until)
        return 0;
    listed_in_vain = true;
    errno = ESRCH;
    return -1;
}

int __wrap_madvise(void *address, size_t bytes, int advice)
{
    if (advice != MADV_WIPEONFORK || wipe_errno == 0)
        return __real_madvise(address, bytes, advice);
    errno = wipe_errno;
    return -1;
}

np_status __wrap_topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory, np_topology **topology, np_error *error)
{
    if (contradictory_for != 0) {
        contradictory_until = linux_now() + contradictory_for;
        contradictory_for = 0;
    }
    return linux_now() < contradictory_until ? NP_SYSTEM
                                             : __real_topology_read_sysfs(sysfs, root, memory, topology, error);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *closure)
{
    sigset_t mask;
    sigemptyset(&mask);
    all_blocked = attributes != NULL && pthread_attr_getsigmask_np(attributes, &mask) == 0 &&
                  sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGSEGV) == 1;
    return __real_pthread_create(thread, attributes, run, closure);
}

static np_region *untouched(void)
{
    np_topology *topology = NULL;
    np_nodeset nodes = {{1}};
    EXPECT_NUMBER(np_topology_discover(&topology, NULL), NP_OK);
    np_topology_usable_nodes(topology, &nodes, NULL);
    np_topology_destroy(topology);
    np_region_options options = {.policy = {.kind = NP_POLICY_BIND}, .mode = NP_SOFT};
    np_nodeset_add(&options.policy.nodes, (unsigned)np_nodeset_first(&nodes), NULL);
    np_region *region = NULL;
    EXPECT_NUMBER(np_region_create((size_t)1 << 20, &options, &region, NULL), NP_OK);
    return region;
}

static void a_reused_id_is_not_waited_for(void)
{
    np_region *region = untouched();
    region->options.prefault = NP_PREFAULT_PARALLEL_TOUCH;
    listed_in_vain = false;
    listed_until = linux_now() + 60 * SECOND;
    EXPECT_NUMBER(region_prefault(region, NULL), NP_OK);
    EXPECT(!listed_in_vain);
    listed_until = 0;
    np_region_release(region);
}

struct ending {
    sem_t started;
    sem_t go;
    pid_t id;
};

static void *wait_and_end(void *closure)
{
    struct ending *ending = closure;
    ending->id = linux_thread_id();
    sem_post(&ending->started);
    sem_wait(&ending->go);
    return NULL;
}

/*
 * How long the wait takes for one that ends on the CPU of a caller that comes before it in rank, and that it so has only while the
 * caller sleeps. UINT64_MAX: no rank is given to this process.
 */
static uint64_t await_in_real_time(struct ending *ending)
{
    np_cpuset one = {0};
    np_cpuset_add(&one, (unsigned)lab_cpu(0), NULL);
    EXPECT_NUMBER(linux_set_affinity(0, &one), 0);
    pthread_t thread;
    EXPECT_NUMBER(pthread_create(&thread, NULL, wait_and_end, ending), 0);
    sem_wait(&ending->started);
    const bool has_rank = linux_set_real_time(0, 1) == 0;
    sem_post(&ending->go);
    const uint64_t start = linux_now();
    linux_await_thread_end(ending->id);
    const uint64_t took = linux_now() - start;
    const struct sched_param none = {0};
    EXPECT_NUMBER(sched_setscheduler(0, SCHED_OTHER, &none), 0);
    pthread_join(thread, NULL);
    return has_rank ? took : UINT64_MAX;
}

/* It gives up after a second; others on this machine may make some waits long, and not all. */
static void a_real_time_caller_lets_it_end(void)
{
    enum { TRIES = 10 };
    uint64_t took = SECOND;
    struct ending ending;
    np_cpuset before;
    if (!unit_has_capability(CAP_SYS_NICE)) {
        puts("skipped: needs CAP_SYS_NICE");
        return;
    }
    sem_init(&ending.started, 0, 0);
    sem_init(&ending.go, 0, 0);
    EXPECT_NUMBER(linux_get_affinity(0, &before), 0);
    for (int i = 0; i < TRIES && took >= SECOND / 2 && took != UINT64_MAX; i++)
        took = await_in_real_time(&ending);
    if (took == UINT64_MAX)
        puts("skipped: real-time priorities are refused");
    else
        unit_expect(took < SECOND / 2, __FILE__, __LINE__, "it took %llu ns", (unsigned long long)took);
    EXPECT_NUMBER(linux_set_affinity(0, &before), 0);
    sem_destroy(&ending.started);
    sem_destroy(&ending.go);
}

/* What a thread does that is to be cancelled, and whether it came to its end. */
struct cancelled {
    void (*run)(void *argument);
    void *argument;
    bool returned;
};

static void *cancel_and_run(void *closure)
{
    struct cancelled *cancelled = closure;
    pthread_cancel(pthread_self());
    cancelled->run(cancelled->argument);
    cancelled->returned = true;
    pthread_testcancel();
    return NULL;
}

static void expect_not_cancelled_within(void (*run)(void *), void *argument)
{
    struct cancelled cancelled = {.run = run, .argument = argument};
    pthread_t thread;
    void *result = NULL;
    EXPECT_NUMBER(pthread_create(&thread, NULL, cancel_and_run, &cancelled), 0);
    EXPECT_NUMBER(pthread_join(thread, &result), 0);
    EXPECT(cancelled.returned);
    EXPECT(result == PTHREAD_CANCELED);
}

static void ask_for_cpus(void *cpus)
{
    EXPECT_NUMBER(linux_usable_cpus(cpus), 0);
}

static void prefault(void *region)
{
    EXPECT_NUMBER(region_prefault(region, NULL), NP_OK);
}

static void shut_down(void *executor)
{
    EXPECT_NUMBER(np_executor_shutdown(executor, NULL), NP_OK);
}

static void a_call_that_ends_threads_is_not_cancelled(void)
{
    np_cpuset cpus = {0};
    expect_not_cancelled_within(ask_for_cpus, &cpus);
    EXPECT(np_cpuset_count(&cpus) > 0);
    np_region *region = untouched();
    region->options.prefault = NP_PREFAULT_PARALLEL_TOUCH;
    expect_not_cancelled_within(prefault, region);
    np_region_release(region);
}

static np_status build(np_executor **executor, np_error *error)
{
    const struct lab_node node = {0, lab_all_cpus(), 0};
    const np_executor_options options = {.workers_per_node = 1};
    return lab_build(&node, 1, NULL, &options, executor, error);
}

static void a_shutdown_is_not_cancelled(void)
{
    np_executor *executor = NULL;
    EXPECT_NUMBER(build(&executor, NULL), NP_OK);
    expect_not_cancelled_within(shut_down, executor);
    const int problem = pthread_mutex_trylock(&executor->control);
    EXPECT_NUMBER(problem, 0);
    if (problem != 0)
        return;
    pthread_mutex_unlock(&executor->control);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

static void signals_are_blocked(void)
{
    np_cpuset cpus = {0};
    all_blocked = false;
    EXPECT_NUMBER(linux_usable_cpus(&cpus), 0);
    EXPECT(all_blocked);
}

static void a_contradiction_passes(void)
{
    np_topology *topology = NULL;
    contradictory_for = SECOND / 1000;
    EXPECT_NUMBER(np_topology_discover(&topology, NULL), NP_OK);
    np_topology_destroy(topology);
    contradictory_for = 60 * SECOND;
    EXPECT_NUMBER(np_topology_discover(&topology, NULL), NP_SYSTEM);
    contradictory_until = 0;
}

/* An executor that could not tell that it was forked would wait there for threads that are not; an old kernel cannot. */
static void a_fork_is_told_or_refused(void)
{
    np_executor *executor = NULL;
    np_error error = {0};
    const unsigned threads = lab_threads();
    wipe_errno = ENOMEM;
    EXPECT_ERROR(build(&executor, &error), NP_ALLOCATION, error, "forked");
    EXPECT_NUMBER(error.system_errno, ENOMEM);
    EXPECT(executor == NULL);
    EXPECT(lab_threads() <= threads);
    wipe_errno = EINVAL;
    EXPECT_NUMBER(build(&executor, NULL), NP_OK);
    EXPECT(executor->fork_mark == NULL);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    wipe_errno = 0;
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a reused id is not waited for", a_reused_id_is_not_waited_for},
        {"a real-time caller lets it end", a_real_time_caller_lets_it_end},
        {"a call that ends threads is not cancelled", a_call_that_ends_threads_is_not_cancelled},
        {"a shutdown is not cancelled", a_shutdown_is_not_cancelled},
        {"signals are blocked", signals_are_blocked},
        {"a contradiction passes", a_contradiction_passes},
        {"a fork is told or refused", a_fork_is_told_or_refused},
    };
    return unit_main("threads of a call", tests, sizeof tests / sizeof tests[0]);
}
