/*
 * The threads of an executor.
 *
 * Each worker settles on its node by itself and then waits. When all have, the builder of a strict executor looks at each
 * thread from outside, and lets them go only if every one is where it should be. A soft executor goes on without the
 * workers and the pins that could not be had, and its enforcement says what those are.
 *
 * Workers are started with all signals blocked by their attributes, so that the builder's own mask never changes. A thread
 * that is ended is not only joined: it is gone from /proc when the call returns (EXEC-2).
 */
#include "executor_threads.h"
#include "error_internal.h"
#include "linux_thread.h"
#include "text.h"
#include "worker.h"
#include <signal.h>
#include <string.h>

/* What a soft executor did not get. */
struct shortfall {
    unsigned missing; /* Workers that could not be started. */
    int missing_errno;
    unsigned workers;
    unsigned unpinned;
    unsigned partly; /* Pinned, but not to all of the node's usable CPUs. */
    unsigned without_priority;
    int priority_errno;
    np_nodeset without_workers;
    const char *pin_reason;
};

static int start_worker(struct worker *worker)
{
    sigset_t all;
    sigfillset(&all);
    pthread_attr_t attributes;
    int problem = pthread_attr_init(&attributes);
    if (problem != 0)
        return problem;
    problem = pthread_attr_setsigmask_np(&attributes, &all);
    if (problem == 0)
        problem = pthread_create(&worker->thread, &attributes, worker_main, worker);
    pthread_attr_destroy(&attributes);
    return problem;
}

/* Start the workers of @node until one cannot be; those that there are, are its workers from now on. */
static int start_node(np_executor *executor, struct executor_node *node)
{
    for (node->worker_count = 0; node->worker_count < node->workers_planned; node->worker_count++) {
        atomic_fetch_add(&executor->unsettled, 1);
        const int problem = start_worker(node->workers[node->worker_count]);
        if (problem != 0) {
            atomic_fetch_sub(&executor->unsettled, 1);
            return problem;
        }
    }
    return 0;
}

static void await_settling(np_executor *executor)
{
    uint32_t left;
    while ((left = atomic_load(&executor->unsettled)) != 0)
        linux_sleep(&executor->unsettled, left, LINUX_NO_DEADLINE);
}

static np_status start_all(np_executor *executor, struct shortfall *shortfall, np_error *error)
{
    np_status status = NP_OK;
    for (unsigned i = 0; i < executor->node_count && status == NP_OK; i++) {
        struct executor_node *node = executor->nodes[i];
        const int problem = start_node(executor, node);
        if (problem == 0)
            continue;
        shortfall->missing += node->workers_planned - node->worker_count;
        shortfall->missing_errno = problem;
        if (executor->strict)
            status = fail(error, NP_HARD_MODE_UNAVAILABLE, problem, "executor",
                "worker %u of the %u of node %u cannot be started: %s; see ulimit -u, ulimit -v and the cgroup's "
                "pids.max",
                node->worker_count + 1, node->workers_planned, node->id, strerrordesc_np(problem));
    }
    await_settling(executor);
    return status;
}

/* Strict: every worker has what it should, by its own word and as the builder sees it. */
static np_status verify(const np_executor *executor, np_error *error)
{
    unsigned workers = 0;
    for (unsigned i = 0; i < executor->node_count; i++) {
        const struct executor_node *node = executor->nodes[i];
        for (unsigned w = 0; w < node->worker_count; w++, workers++) {
            const struct worker *worker = node->workers[w];
            const np_error *why = &worker->settling_error;
            char reason[256];
            if (worker->settled != NP_OK)
                return fail(error, worker->settled, why->system_errno, "executor", "worker %u of node %u: %s", w,
                    node->id, why->reason);
            if (!worker_is_kept(worker, reason, sizeof reason))
                return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "executor",
                    "affinity not fully applied: worker %u of node %u: %s", w, node->id, reason);
        }
    }
    if (workers == 0)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "executor",
            "affinity not fully applied: no node has a CPU that this process may use");
    return NP_OK;
}

static void add_shortfall_of(struct shortfall *shortfall, const struct worker *worker)
{
    shortfall->workers++;
    if (worker->real_time_error != 0) {
        shortfall->without_priority++;
        shortfall->priority_errno = worker->real_time_error;
    }
    if (worker->pin_got.level == NP_LEVEL_NONE)
        shortfall->unpinned++;
    else if (!worker->pinned_wholly)
        shortfall->partly++;
    else
        return;
    if (shortfall->pin_reason == NULL)
        shortfall->pin_reason = worker->pin_got.reason;
}

static void describe_pins(struct text *text, const struct shortfall *shortfall)
{
    if (shortfall->unpinned > 0)
        text_add(text, "; %u of %u workers are not pinned", shortfall->unpinned, shortfall->workers);
    if (shortfall->partly > 0)
        text_add(
            text, "; %u of %u workers are pinned to some of their node's CPUs", shortfall->partly, shortfall->workers);
    if (shortfall->pin_reason != NULL)
        text_add(text, " (%.160s)", shortfall->pin_reason);
}

/* The nodes whose memory is not all where it should be. */
static np_nodeset misplaced(const np_executor *executor)
{
    np_nodeset nodes = {0};
    for (unsigned i = 0; i < executor->node_count; i++) {
        uint64_t elsewhere = 0;
        if (node_memory_look(&executor->memory[i], &elsewhere, NULL) != NP_OK || elsewhere > 0)
            np_nodeset_add(&nodes, executor->nodes[i]->id, NULL);
    }
    return nodes;
}

static void describe(np_executor *executor, const struct shortfall *shortfall)
{
    char reason[sizeof executor->enforcement.reason];
    struct text text = text_into(reason, sizeof reason);
    text_add(&text, "soft mode: nobody watches over the workers");
    if (shortfall->missing > 0)
        text_add(&text, "; %u workers could not be started: %s", shortfall->missing,
            strerrordesc_np(shortfall->missing_errno));
    describe_pins(&text, shortfall);
    if (shortfall->without_priority > 0)
        text_add(&text, "; %u of %u workers have no SCHED_FIFO priority: %s", shortfall->without_priority,
            shortfall->workers, strerrordesc_np(shortfall->priority_errno));
    if (np_nodeset_count(&shortfall->without_workers) > 0)
        text_add(&text, "; nodes %s have no CPUs to use, and the nearest others run their tasks",
            nodes_in_words(&shortfall->without_workers).text);
    const np_nodeset elsewhere = misplaced(executor);
    if (np_nodeset_count(&elsewhere) > 0)
        text_add(&text, "; the memory kept for nodes %s is not all on them", nodes_in_words(&elsewhere).text);
    const bool none = shortfall->unpinned == shortfall->workers;
    enforce(&executor->enforcement, none ? NP_LEVEL_NONE : NP_LEVEL_BEST_EFFORT, "%s", reason);
}

/* Soft: what was not had, in the executor's enforcement. */
static np_status take_stock(np_executor *executor, struct shortfall *shortfall, np_error *error)
{
    for (unsigned i = 0; i < executor->node_count; i++) {
        const struct executor_node *node = executor->nodes[i];
        for (unsigned w = 0; w < node->worker_count; w++)
            add_shortfall_of(shortfall, node->workers[w]);
        if (node->worker_count == 0)
            np_nodeset_add(&shortfall->without_workers, node->id, NULL);
    }
    if (shortfall->workers == 0)
        return fail(error, NP_ALLOCATION, shortfall->missing_errno, "executor", "not one worker could be started: %s",
            shortfall->missing > 0 ? strerrordesc_np(shortfall->missing_errno) : "no node has a CPU to use");
    describe(executor, shortfall);
    return NP_OK;
}

np_status executor_start_threads(np_executor *executor, np_error *error)
{
    struct shortfall shortfall = {0};
    const np_status status = start_all(executor, &shortfall, error);
    if (status != NP_OK || !executor->strict)
        return status == NP_OK ? take_stock(executor, &shortfall, error) : status;
    executor->enforcement = (np_enforcement){.level = NP_LEVEL_STRICT};
    return verify(executor, error);
}

static void enter(np_executor *executor, enum executor_phase phase)
{
    atomic_store(&executor->phase, phase);
    linux_wake_all(&executor->phase);
}

void executor_let_go(np_executor *executor)
{
    enter(executor, EXECUTOR_RUNNING);
}

/*
 * Nobody sleeps from now on, and no worker is left among the sleepers for submitters to look at: one that enters just now takes
 * itself out again.
 */
static void dismiss_all(struct executor_node *node)
{
    for (unsigned word = 0; word * 64 < node->worker_count; word++)
        atomic_store(&node->sleeping[word], 0);
    for (unsigned w = 0; w < node->worker_count; w++) {
        struct worker *worker = node->workers[w];
        atomic_store(&worker->wake, 1);
        linux_wake_all(&worker->wake);
        atomic_store(&worker->standing, WORKER_DISMISSED);
        linux_wake_all(&worker->standing);
    }
}

void executor_end_threads(np_executor *executor)
{
    pthread_mutex_lock(&executor->control);
    if (!executor->ended) {
        enter(executor, EXECUTOR_ENDING);
        for (unsigned i = 0; i < executor->node_count && executor->nodes[i] != NULL; i++)
            dismiss_all(executor->nodes[i]);
        for (unsigned i = 0; i < executor->node_count && executor->nodes[i] != NULL; i++) {
            for (unsigned w = 0; w < executor->nodes[i]->worker_count; w++) {
                linux_join(executor->nodes[i]->workers[w]->thread, &executor->nodes[i]->workers[w]->thread_id);
            }
        }
        executor->ended = true;
    }
    pthread_mutex_unlock(&executor->control);
}
