/*
 * A worker's life: settle on its node, then take, run, search and sleep, until the executor ends.
 *
 * How sleepers and submitters find one another. A worker without work searches for a few microseconds, one at a time on
 * each node, and then sleeps; who submits wakes a sleeper only where nobody searches. So under a stream of small tasks
 * nobody is put to sleep or woken for each of them, and yet no task waits while a worker sleeps:
 *
 *   submitter: publishes its task, then looks at `searching`, then at `sleeping`;
 *   worker:    leaves `searching` or enters `sleeping`, then looks at the queues again.
 *
 * All of these are sequentially consistent, so that of a submitter and a worker that cross, at least one sees the other.
 *
 * Before each task a worker looks at the CPU it runs on: a read of memory that the kernel keeps up to date (rseq, through
 * sched_getcpu() of glibc 2.35 and later), 1 or 2 ns. It looks before it takes a task, so that a worker off its node takes
 * none, and again before it begins it: what it has taken by then, it holds until it has been repaired (EXEC-12).
 */
#include "worker.h"
#include "executor_internal.h"
#include "linux_thread.h"

/* How long a worker searches before it sleeps: about what a sleep and a wake-up cost. */
#define SEARCH_NANOSECONDS 10000

static _Thread_local const np_executor *executor_of_this_thread;

bool executor_called_from_task(const np_executor *executor)
{
    return executor_of_this_thread == executor;
}

/* Between two looks of a searcher: often enough to be quick, and not so often that each look takes the line that a
 * submitter writes to away from it. */
#define PAUSES_A_LOOK 8

static void add_one(_Atomic uint64_t *count)
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Claim a sleeper of @node, and count it as searching from now on. NULL: none sleeps. */
static struct worker *claim_sleeper(struct executor_node *node)
{
    for (unsigned word = 0; word * 64 < node->worker_count; word++) {
        uint64_t bits;
        while ((bits = atomic_load(&node->sleeping[word])) != 0) {
            const unsigned bit = (unsigned)__builtin_ctzll(bits);
            if ((atomic_fetch_and(&node->sleeping[word], ~(UINT64_C(1) << bit)) >> bit & 1) == 0)
                continue;
            atomic_fetch_add(&node->searching, 1);
            return node->workers[word * 64 + bit];
        }
    }
    return NULL;
}

void executor_rouse(const struct executor_node *node)
{
    for (unsigned i = 0; i < node->server_count; i++) {
        if (i > 0 && atomic_load(&node->lost) != 0)
            return;
        struct executor_node *server = node->servers[i];
        if (atomic_load(&server->searching) != 0)
            return;
        struct worker *worker = claim_sleeper(server);
        if (worker != NULL) {
            atomic_store(&worker->wake, 1);
            linux_wake_one(&worker->wake);
            return;
        }
    }
}

/* Whether @node's workers may take from the queue of their source @i: none is taken away from a node that is lost. */
static bool may_take(const struct executor_node *node, const struct executor_node *source, unsigned i)
{
    return i < node->own_count || atomic_load(&source->lost) == 0;
}

/*
 * The node that has the longest queue of those that @node's workers may steal from; NULL where all are empty. Tasks count that
 * cannot be taken yet, since whoever submits them has not published them.
 */
static struct executor_node *longest_queue(const struct executor_node *node)
{
    struct executor_node *longest = NULL;
    uint64_t most = 0;
    for (unsigned i = node->own_count; i < node->source_count; i++) {
        struct executor_node *source = node->sources[i];
        const uint64_t taken = node_queue_taken(&source->queue);
        const uint64_t waiting = node_queue_accepted(&source->queue) - taken;
        if (waiting > most && may_take(node, source, i)) {
            most = waiting;
            longest = source;
        }
    }
    return longest;
}

/* Take a task, from the first of the worker's sources that has one. NULL: none has. Else the node it was meant for. */
static struct executor_node *take(struct worker *worker, struct task *task)
{
    const struct executor_node *node = worker->node;
    const bool by_length = worker->executor->steal == NP_STEAL_ANY;
    for (unsigned i = 0; i < node->source_count; i++) {
        struct executor_node *source = node->sources[i];
        if (by_length && i == node->own_count) {
            struct executor_node *longest = longest_queue(node);
            if (longest == NULL || node_queue_take(&longest->queue, &worker->other_lanes, task))
                return longest;
        }
        if (may_take(node, source, i) &&
            node_queue_take(&source->queue, i == 0 ? &worker->own_lanes : &worker->other_lanes, task))
            return source;
    }
    return NULL;
}

/* The first of the worker's sources from number @i on that has a task; as many as there are where none has. */
static unsigned source_with_task(const struct worker *worker, unsigned i)
{
    const struct executor_node *node = worker->node;
    while (i < node->source_count &&
           !(may_take(node, node->sources[i], i) && node_queue_has_task(&node->sources[i]->queue)))
        i++;
    return i;
}

static bool has_a_source_with_task(const struct worker *worker)
{
    return source_with_task(worker, 0) < worker->node->source_count;
}

/* Out of work: say how many tasks have ended, and tell whoever waits for that. */
static void come_to_rest(struct worker *worker)
{
    if (atomic_load_explicit(&worker->ended_in_public, memory_order_relaxed) == worker->ended)
        return;
    atomic_exchange(&worker->ended_in_public, worker->ended);
    executor_tell_waiters(worker->executor);
}

static void search_from_now(struct worker *worker)
{
    worker->searching = true;
    worker->search_until = linux_now() + SEARCH_NANOSECONDS;
}

/*
 * Leave the search. Submitters relied on the last one searching: if there is more to do, others take its place. In each queue,
 * since those who may serve the one need not hear of the other: of a lost node's tasks nobody elsewhere is told.
 */
static void stop_searching(struct worker *worker)
{
    if (!worker->searching)
        return;
    worker->searching = false;
    if (atomic_fetch_sub(&worker->node->searching, 1) != 1)
        return;
    const struct executor_node *node = worker->node;
    for (unsigned i = source_with_task(worker, 0); i < node->source_count; i = source_with_task(worker, i + 1))
        executor_rouse(node->sources[i]);
}

/* Whether to look for a task once more: not when another worker of the node does, and not for ever. */
static bool search_on(struct worker *worker)
{
    if (!worker->searching) {
        come_to_rest(worker);
        uint32_t none = 0;
        if (!atomic_compare_exchange_strong(&worker->node->searching, &none, 1))
            return false;
        search_from_now(worker);
    } else if (linux_now() >= worker->search_until) {
        worker->searching = false;
        atomic_fetch_sub(&worker->node->searching, 1);
        return false;
    }
    linux_pause(PAUSES_A_LOOK);
    return true;
}

static void sleep_until_woken(struct worker *worker)
{
    _Atomic uint64_t *sleeping = &worker->node->sleeping[worker->index / 64];
    const uint64_t bit = UINT64_C(1) << (worker->index % 64);
    atomic_fetch_or(sleeping, bit);
    const bool stay_up = has_a_source_with_task(worker) || atomic_load(&worker->executor->phase) != EXECUTOR_RUNNING;
    if (stay_up && (atomic_fetch_and(sleeping, ~bit) & bit) != 0) {
        /* Those who submitted while it searched relied on it: it must pass on what it does not take. */
        atomic_fetch_add(&worker->node->searching, 1);
        search_from_now(worker);
        return;
    }
    while (atomic_load(&worker->wake) == 0)
        linux_sleep(&worker->wake, 0, LINUX_NO_DEADLINE);
    atomic_store(&worker->wake, 0);
    if (atomic_load(&worker->executor->phase) == EXECUTOR_RUNNING)
        search_from_now(worker);
}

/* Off its node: run nothing until repaired. False: the executor ends. */
static bool wait_for_repair(struct worker *worker, bool holding)
{
    worker_look(worker, true);
    stop_searching(worker);
    atomic_store(&worker->holding, holding);
    atomic_exchange(&worker->ended_in_public, worker->ended);
    executor_tell_waiters(worker->executor);
    while (atomic_load(&worker->standing) == WORKER_LOST)
        linux_sleep(&worker->standing, WORKER_LOST, LINUX_NO_DEADLINE);
    atomic_store(&worker->holding, 0);
    return atomic_load(&worker->executor->phase) == EXECUTOR_RUNNING;
}

/* Whether the worker may take a task, or begin the one it is @holding; a lost one waits. False: the executor ends. */
static bool fit_to_run(struct worker *worker, bool holding)
{
    const np_executor *executor = worker->executor;
    do {
        if (atomic_load_explicit(&executor->phase, memory_order_acquire) != EXECUTOR_RUNNING)
            return false;
        worker->on_node = has_cpu(&worker->node->cpus, linux_cpu_now());
        const uint32_t standing = atomic_load(&worker->standing);
        if (!executor->strict || (worker->on_node && standing == WORKER_KEPT))
            return true;
    } while (wait_for_repair(worker, holding));
    return false;
}

static void run(struct worker *worker, const struct executor_node *meant_for, struct task task)
{
    add_one(&worker->begun[meant_for->position]);
    if (!worker->on_node && meant_for == worker->node)
        atomic_fetch_add_explicit(&worker->astray, 1, memory_order_release);
    task.function(task.argument);
    worker->ended++;
}

static void work(struct worker *worker)
{
    struct task task;
    while (fit_to_run(worker, false)) {
        const struct executor_node *meant_for = take(worker, &task);
        if (meant_for != NULL) {
            stop_searching(worker);
            if (!worker->executor->strict || fit_to_run(worker, true))
                run(worker, meant_for, task);
        } else if (!search_on(worker)) {
            sleep_until_woken(worker);
        }
    }
    come_to_rest(worker);
}

void *worker_main(void *closure)
{
    struct worker *worker = closure;
    np_executor *executor = worker->executor;
    executor_of_this_thread = executor;
    worker->own_lanes.lane = worker->index;
    worker_settle(worker);
    if (atomic_fetch_sub(&executor->unsettled, 1) == 1)
        linux_wake_one(&executor->unsettled);
    while (atomic_load(&executor->phase) == EXECUTOR_BUILDING)
        linux_sleep(&executor->phase, EXECUTOR_BUILDING, LINUX_NO_DEADLINE);
    work(worker);
    np_pin_release(worker->pin, NULL);
    worker->pin = NULL;
    return NULL;
}
