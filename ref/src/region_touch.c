/*
 * Making pages present, in the calling thread or by threads on the home nodes.
 *
 * The range is done slice by slice, and before each slice the room for all that is left is looked at again: another
 * process may be filling the machine meanwhile, and the kernel's answer to the last page is a kill (LAW-8). Where the
 * pages go is the policy's business and not the toucher's, so that both ways place alike, and a slice may be done by
 * whoever comes first.
 *
 * Parallel touch (MEM-12) makes threads that are pinned to the CPUs of the home nodes from their first instruction on, by
 * their attributes, so that the caller's own affinity is never borrowed. Their stacks are a mapping of ours: glibc keeps
 * stacks of its own for later, and then the process would not be as it was found (LAW-2). Where threads cannot be made,
 * or a node has no CPUs, the caller touches: the promise is where the pages lie.
 */
#include "error_internal.h"
#include "linux.h"
#include "linux_thread.h"
#include "region_internal.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLICE_BYTES ((size_t)32 << 20)
/* A thread is worth its making from this much on, and no memory controller needs more threads than this. */
#define BYTES_PER_THREAD  ((size_t)16 << 20)
#define THREADS_PER_NODE  ((size_t)8)
#define THREADS_MAX       64
#define STACK_EXTRA_BYTES ((size_t)256 << 10)

/* What all who touch share. */
struct touch {
    const np_region *region;
    size_t slice_bytes;
    atomic_size_t next; /* Offset of the first slice that nobody has taken. */
    atomic_int failed;  /* The status of the first failure, NP_OK so far. */
    np_error error;     /* Of that failure; its writer is joined before it is read. */
};

/* One thread, and the CPUs it is kept to. */
struct toucher {
    struct touch *touch;
    pthread_t thread;
    pid_t id;
};

/* What the threads of one call have in common, as attributes and as memory. */
struct crew {
    struct toucher members[THREADS_MAX];
    size_t count;
    unsigned char *stacks;
    size_t stack_bytes;
};

bool region_prefaults(const np_region *region)
{
    return region->options.prefault != NP_PREFAULT_NONE;
}

static np_status touch_slice(struct touch *touch, size_t offset, np_error *error)
{
    const np_region *region = touch->region;
    const size_t left = region->mapped_bytes - offset;
    /* For the first slice, which is all there is of most regions, that was looked at before. */
    const np_status status = offset > 0 ? region_require_memory(region, offset, error) : NP_OK;
    if (status != NP_OK)
        return status;
    const size_t bytes = left < touch->slice_bytes ? left : touch->slice_bytes;
    const enum memory_access access = region->file.shared ? MEMORY_READABLE : MEMORY_WRITABLE;
    const int problem = memory_populate(region->address + offset, bytes, access, region->file.descriptor < 0);
    if (problem == 0)
        return NP_OK;
    if (region_is_huge(region))
        return region_fail_huge(region, problem, error);
    return fail(error, problem == ENOMEM ? NP_ALLOCATION : NP_SYSTEM, problem, REGION_OPERATION,
        "%zu bytes asked to be present at once, and the kernel gave up at byte %zu: %s", region->bytes, offset,
        strerrordesc_np(problem));
}

static void touch_all(struct touch *touch)
{
    while (atomic_load(&touch->failed) == NP_OK) {
        const size_t offset = atomic_fetch_add(&touch->next, touch->slice_bytes);
        if (offset >= touch->region->mapped_bytes)
            return;
        np_error error;
        const np_status status = touch_slice(touch, offset, &error);
        int none = NP_OK;
        if (status != NP_OK && atomic_compare_exchange_strong(&touch->failed, &none, (int)status))
            touch->error = error;
    }
}

static void *thread_main(void *closure)
{
    struct toucher *toucher = closure;
    toucher->id = linux_thread_id();
    touch_all(toucher->touch);
    return NULL;
}

static int start(struct crew *crew, struct touch *touch, const np_cpuset *cpus)
{
    sigset_t all_signals;
    sigfillset(&all_signals); /* The program's handlers have no business in our threads. */
    pthread_attr_t attributes;
    int problem = pthread_attr_init(&attributes);
    if (problem != 0)
        return problem;
    struct toucher *member = &crew->members[crew->count];
    *member = (struct toucher){.touch = touch};
    problem = pthread_attr_setaffinity_np(&attributes, sizeof cpus->words, (const cpu_set_t *)(const void *)cpus);
    if (problem == 0)
        problem = pthread_attr_setsigmask_np(&attributes, &all_signals);
    if (problem == 0)
        problem = pthread_attr_setstack(&attributes, crew->stacks + crew->count * crew->stack_bytes, crew->stack_bytes);
    if (problem == 0)
        problem = pthread_create(&member->thread, &attributes, thread_main, member);
    if (problem == 0)
        crew->count++;
    pthread_attr_destroy(&attributes);
    return problem;
}

/* As many on each home node as its CPUs and the size of the region are worth, and at least one. */
static void start_on_home_nodes(struct crew *crew, struct touch *touch)
{
    const np_nodeset *home = &touch->region->home;
    const size_t share = touch->region->mapped_bytes / (np_nodeset_count(home) > 0 ? np_nodeset_count(home) : 1);
    for (int node = np_nodeset_first(home); node >= 0; node = np_nodeset_next(home, node)) {
        np_cpuset cpus;
        if (linux_node_cpus((unsigned)node, &cpus) != 0)
            continue;
        size_t wanted = 1 + share / BYTES_PER_THREAD;
        if (wanted > THREADS_PER_NODE)
            wanted = THREADS_PER_NODE;
        if (wanted > np_cpuset_count(&cpus))
            wanted = np_cpuset_count(&cpus);
        while (wanted-- > 0 && crew->count < THREADS_MAX)
            if (start(crew, touch, &cpus) != 0)
                break;
    }
}

/* Gone from /proc and the count of RLIMIT_NPROC too, so that not one is left when the call returns. */
static void join(const struct crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        linux_join(crew->members[i].thread, &crew->members[i].id);
}

/* Not to be cancelled between the start of the first thread and the end of the last: they use what is on this stack. */
static void touch_in_parallel(struct touch *touch)
{
    struct crew crew = {.count = 0};
    const long least = sysconf(_SC_THREAD_STACK_MIN);
    const size_t page = memory_page_bytes();
    crew.stack_bytes = ((least > 0 ? (size_t)least : 0) + STACK_EXTRA_BYTES + page - 1) / page * page;
    const struct memory_mapping mapping = {.bytes = crew.stack_bytes * THREADS_MAX, .file = -1};
    void *stacks = NULL;
    if (memory_reserve(&mapping, &stacks) != 0)
        return;
    if (memory_open(stacks, mapping.bytes) == 0) {
        int state = PTHREAD_CANCEL_ENABLE;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
        crew.stacks = stacks;
        start_on_home_nodes(&crew, touch);
        join(&crew);
        pthread_setcancelstate(state, NULL);
    }
    memory_unmap(stacks, mapping.bytes);
}

static size_t slice_for(const np_region *region)
{
    const size_t page = region->page_bytes;
    const size_t least = page > TRANSPARENT_HUGE_BYTES ? page : TRANSPARENT_HUGE_BYTES;
    const size_t most = page > SLICE_BYTES ? page : SLICE_BYTES;
    if (region->options.prefault != NP_PREFAULT_PARALLEL_TOUCH)
        return most;
    /* Several for each thread, so that none waits long for the last. */
    const size_t slice = region->mapped_bytes / (THREADS_PER_NODE * 4) / least * least;
    return slice < least ? least : slice > most ? most : slice;
}

np_status region_prefault(np_region *region, np_error *error)
{
    struct touch touch = {.region = region, .slice_bytes = slice_for(region)};
    if (region->options.prefault == NP_PREFAULT_PARALLEL_TOUCH)
        touch_in_parallel(&touch);
    touch_all(&touch); /* What nobody else has done: all of it, or nothing. */
    const np_status status = (np_status)atomic_load(&touch.failed);
    if (status != NP_OK && error != NULL)
        *error = touch.error;
    return status;
}
