/*
 * Where a worker is: put on its node at its start, looked at from outside, lost and found.
 *
 * A worker settles by itself: only the thread can pin itself before it has run anywhere else, and what it got is told to
 * the builder, who then looks for itself (executor_build.c). Later looks come from other threads and go by the affinity
 * that the kernel reports for the thread id. A worker is kept while that lies within its node's CPUs: a CPU that goes
 * offline while the node has others takes no worker away. The kernel leaves inactive CPUs out of what it reports, so that
 * a worker that sleeps through the end of its last CPU reads as having none.
 *
 * A worker is lost by what somebody saw, and found by what somebody mended, each under its node's `telling`: who has seen it
 * astray looks again there, so that nothing seen before a repair undoes what was mended.
 */
#include "error_internal.h"
#include "executor_internal.h"
#include "linux.h"
#include "linux_thread.h"
#include "worker.h"
#include <stdio.h>
#include <string.h>

static np_status settle_pin(struct worker *worker, np_error *error)
{
    const np_executor *executor = worker->executor;
    const np_status status =
        np_pin_to_cpus(&worker->node->affinity, executor->strict ? NP_STRICT : NP_SOFT, &worker->pin, error);
    if (status == NP_OK) {
        np_cpuset pinned = {0};
        np_pin_cpus(worker->pin, &pinned, NULL);
        worker->pinned_wholly = np_cpuset_equal(&pinned, &worker->node->affinity);
        return np_pin_enforcement(worker->pin, &worker->pin_got, error);
    }
    enforce(&worker->pin_got, NP_LEVEL_NONE, "%s", error->reason);
    return executor->strict ? status : NP_OK;
}

static np_status settle_priority(struct worker *worker, np_error *error)
{
    const np_executor *executor = worker->executor;
    if (executor->real_time_priority == 0)
        return NP_OK;
    worker->real_time_error = linux_set_real_time(0, executor->real_time_priority);
    if (worker->real_time_error == 0 || !executor->strict)
        return NP_OK;
    return fail(error, NP_HARD_MODE_UNAVAILABLE, worker->real_time_error, "executor",
        "SCHED_FIFO priority %d was refused: %s; grant CAP_SYS_NICE or raise RLIMIT_RTPRIO",
        executor->real_time_priority, strerrordesc_np(worker->real_time_error));
}

void worker_settle(struct worker *worker)
{
    char name[16];
    snprintf(name, sizeof name, "np-%u-%u", worker->node->id, worker->index);
    pthread_setname_np(pthread_self(), name);
    worker->thread_id = linux_thread_id();
    worker->settled = settle_pin(worker, &worker->settling_error);
    if (worker->settled == NP_OK)
        worker->settled = settle_priority(worker, &worker->settling_error);
}

static bool has_priority(const struct worker *worker, char *reason, size_t size)
{
    const int asked = worker->executor->real_time_priority;
    int found = 0;
    if (asked == 0)
        return true;
    const int problem = linux_get_real_time(worker->thread_id, &found);
    if (problem == 0 && found == asked)
        return true;
    if (problem != 0)
        snprintf(reason, size, "the scheduling policy of thread %d cannot be read: %s", (int)worker->thread_id,
            strerrordesc_np(problem));
    else
        snprintf(reason, size, "thread %d has SCHED_FIFO priority %d and not %d", (int)worker->thread_id, found, asked);
    return false;
}

static void describe_affinity(const struct worker *worker, char *reason, size_t size)
{
    np_cpuset found = {0};
    const int problem = linux_get_affinity(worker->thread_id, &found);
    if (problem != 0)
        snprintf(reason, size, "the affinity of thread %d cannot be read: %s", (int)worker->thread_id,
            strerrordesc_np(problem));
    else
        snprintf(reason, size,
            "the affinity of thread %d is now CPUs \"%s\", which does not lie within the node's, \"%s\"",
            (int)worker->thread_id, cpus_in_words(&found).text, cpus_in_words(&worker->node->cpus).text);
}

bool worker_is_kept(const struct worker *worker, char *reason, size_t size)
{
    bool within = false;
    if (linux_affinity_is_within(worker->thread_id, &worker->node->cpus, &within) == 0 && within)
        return has_priority(worker, reason, size);
    describe_affinity(worker, reason, size);
    return false;
}

/* As worker_is_kept(); of the calling thread, which knows where it runs, that too. */
static bool is_in_place(const struct worker *worker, bool by_itself, char *reason, size_t size)
{
    if (!worker_is_kept(worker, reason, size))
        return false;
    const int cpu = by_itself ? linux_current_cpu() : -1;
    if (!by_itself || has_cpu(&worker->node->cpus, cpu))
        return true;
    snprintf(reason, size, "thread %d runs on CPU %d, which is not of node %u", (int)worker->thread_id, cpu,
        worker->node->id);
    return false;
}

void worker_look(struct worker *worker, bool by_itself)
{
    struct executor_node *node = worker->node;
    char reason[sizeof node->lost_reason];
    if (is_in_place(worker, by_itself, reason, sizeof reason))
        return;
    pthread_mutex_lock(&node->telling);
    uint32_t kept = WORKER_KEPT;
    if (!is_in_place(worker, by_itself, reason, sizeof reason) &&
        atomic_compare_exchange_strong(&worker->standing, &kept, WORKER_LOST)) {
        memcpy(node->lost_reason, reason, sizeof reason);
        atomic_fetch_add(&node->lost, 1);
    }
    pthread_mutex_unlock(&node->telling);
    executor_tell_waiters(worker->executor);
}

void worker_put_back(struct worker *worker)
{
    struct executor_node *node = worker->node;
    char reason[sizeof node->lost_reason];
    const int priority = worker->executor->real_time_priority;
    pthread_mutex_lock(&node->telling);
    if (!worker_is_kept(worker, reason, sizeof reason)) {
        linux_set_affinity(worker->thread_id, &node->affinity);
        if (priority != 0)
            linux_set_real_time(worker->thread_id, priority);
    }
    uint32_t lost = WORKER_LOST;
    if (worker_is_kept(worker, reason, sizeof reason) &&
        atomic_compare_exchange_strong(&worker->standing, &lost, WORKER_KEPT))
        atomic_fetch_sub(&node->lost, 1);
    pthread_mutex_unlock(&node->telling);
    linux_wake_all(&worker->standing);
    executor_tell_waiters(worker->executor);
}

np_status executor_lost_error(struct executor_node *node, np_error *error)
{
    pthread_mutex_lock(&node->telling);
    const unsigned lost = atomic_load(&node->lost);
    const np_status status =
        lost == 0 ? NP_OK
                  : fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "executor",
                        "affinity not fully applied: %u of the %u workers of node %u cannot be kept on it: %s; "
                        "np_executor_repair() puts them back",
                        lost, node->worker_count, node->id, node->lost_reason);
    pthread_mutex_unlock(&node->telling);
    return status;
}
