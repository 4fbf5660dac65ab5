/*
 * An implementation that does all that the reference does, and takes its time: every bound of bench api must fail it.
 *
 * Before or after a call it passes some times as long as such a call took, so that it is slow on any machine by the same
 * measure. A strict executor takes longer over each task than a soft one, and an executor that has been built is
 * looked after by a thread that never rests.
 */
#include <numaproof/numaproof.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#define EXPORT   __attribute__((visibility("default")))
#define SLOWNESS 3

/* The function of the same name in the library that this one is linked with. */
#define REAL(name) ((__typeof__(&(name)))(uintptr_t)find_real(&real_##name, #name))

static _Atomic(void *) real_np_pin_to_cpus, real_np_region_create, real_np_capabilities_detect,
    real_np_topology_discover, real_np_counter_add, real_np_executor_create, real_np_executor_submit;

/* Looked up once: a lookup takes longer than many a call. */
static void *find_real(_Atomic(void *) *known, const char *name)
{
    void *found = atomic_load_explicit(known, memory_order_relaxed);

    if (found == NULL) {
        found = dlsym(RTLD_NEXT, name);
        atomic_store_explicit(known, found, memory_order_relaxed);
    }
    return found;
}

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void pass(uint64_t nanoseconds)
{
    uint64_t end = now() + nanoseconds;

    while (now() < end)
        continue;
}

static void dawdle(uint64_t start)
{
    pass(SLOWNESS * (now() - start));
}

EXPORT np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    uint64_t start = now();
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    dawdle(start);
    return status;
}

EXPORT np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    uint64_t start = now();
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    dawdle(start);
    return status;
}

EXPORT void np_capabilities_detect(np_capabilities *capabilities)
{
    uint64_t start = now();

    REAL(np_capabilities_detect)(capabilities);
    dawdle(start);
}

EXPORT np_status np_topology_discover(np_topology **topology, np_error *error)
{
    uint64_t start = now();
    np_status status = REAL(np_topology_discover)(topology, error);

    dawdle(start);
    return status;
}

EXPORT void np_counter_add(np_counter *counter, int64_t amount)
{
    uint64_t start = now();

    REAL(np_counter_add)(counter, amount);
    dawdle(start);
}

/* The executors that were built strict, oldest first; the test builds few. */
static const np_executor *strict[64];
static atomic_uint strict_count;

static void *look_after(void *unused)
{
    (void)unused;
    for (;;) {
        const struct timespec rest = {.tv_nsec = 1000000};
        nanosleep(&rest, NULL);
    }
    return NULL;
}

EXPORT np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    pthread_t thread;
    np_status status = REAL(np_executor_create)(topology, options, executor, error);

    if (status != NP_OK)
        return status;
    if (pthread_create(&thread, NULL, look_after, NULL) == 0)
        pthread_detach(thread);
    /* One that has ended may have been at the same address. */
    for (unsigned i = 0; i < 64; i++)
        strict[i] = strict[i] == *executor ? NULL : strict[i];
    if (options != NULL && options->mode == NP_STRICT)
        strict[atomic_fetch_add(&strict_count, 1) % 64] = *executor;
    return NP_OK;
}

static bool is_strict(const np_executor *executor)
{
    for (unsigned i = 0; i < 64; i++)
        if (strict[i] == executor)
            return true;
    return false;
}

/*
 * Before the task is handed over, so that a wake-up is late too: by the measure of the fastest submit in a stream of them, and of
 * the last one after a pause, which had to wake somebody: by far more, since where a host delays CPUs that rest, being woken
 * takes many times as long as waking.
 */
EXPORT np_status np_executor_submit(
    np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    static _Thread_local uint64_t fastest = 1000, last, ended;
    bool paused = now() - ended > last + 2000;

    pass(paused ? 16 * SLOWNESS * last : (is_strict(executor) ? 8U : 4U) * SLOWNESS * fastest);
    uint64_t start = now();
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, error);
    ended = now();
    last = ended - start;
    fastest = last < fastest ? last : fastest;
    return status;
}
