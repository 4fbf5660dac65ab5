/*
 * Waiting for the end of tasks, and the end of the executor.
 *
 * Who waits sleeps on `quiet`, which a worker changes whenever it runs out of work, or is lost, while someone waits; and
 * then adds up the counts. A worker makes the number of tasks that it has ended public only at those moments, so that a task costs no
 * more for it. Two orders of reading make the sums trustworthy while everything moves:
 *
 * Done: the ended are added up before the accepted. Each sum is then at most what it was in between, ended <= accepted
 * throughout, and so equality says that in between nothing was left.
 *
 * Stuck, which is only asked while some node is lost: all counts are collected twice, and equal collections are what was true at
 * one moment between them: the counts of tasks only grow, and a worker that was found meanwhile and is lost again has begun
 * some, or is as it was. What a lost worker has in hand is stuck with it; once it has been found it goes on to run that, though
 * it may not have woken yet.
 *
 * Whoever changes what makes the waiters wait tells them: workers that rest or are lost, who puts one back, and who submits to a
 * node that has been lost since it looked.
 */
#include "error_internal.h"
#include "executor_threads.h"
#include "linux_thread.h"
#include "statistics_internal.h"
#include "worker.h"
#include <string.h>

enum progress { DONE, STUCK, GOING_ON };

struct counts {
    uint64_t ended;
    uint64_t begun;
    uint64_t taken;
    uint64_t accepted;
    uint64_t held;         /* By lost workers, in hand and not begun. */
    uint64_t can_be_taken; /* Waiting on a node that has a worker to take them. */
    uint64_t lost;         /* Workers. */
};

void executor_tell_waiters(np_executor *executor)
{
    if (atomic_load(&executor->waiters) == 0)
        return;
    atomic_fetch_add(&executor->quiet, 1);
    linux_wake_all(&executor->quiet);
}

static uint64_t tasks_begun(const np_executor *executor)
{
    uint64_t begun = 0;
    for (unsigned i = 0; i < executor->node_count; i++)
        for (unsigned w = 0; w < executor->nodes[i]->worker_count; w++)
            for (unsigned j = 0; j < executor->node_count; j++)
                begun += atomic_load(&executor->nodes[i]->workers[w]->begun[j]);
    return begun;
}

static uint64_t tasks_accepted(const np_executor *executor)
{
    uint64_t accepted = 0;
    for (unsigned i = 0; i < executor->node_count; i++)
        accepted += node_queue_accepted(&executor->nodes[i]->queue);
    return accepted;
}

static struct counts collect(const np_executor *executor)
{
    struct counts counts = {0};
    for (unsigned i = 0; i < executor->node_count; i++) {
        const struct executor_node *node = executor->nodes[i];
        counts.lost += atomic_load(&node->lost);
        for (unsigned w = 0; w < node->worker_count; w++) {
            counts.ended += atomic_load(&node->workers[w]->ended_in_public);
            if (atomic_load(&node->workers[w]->standing) == WORKER_LOST)
                counts.held += atomic_load(&node->workers[w]->holding);
        }
    }
    counts.begun = tasks_begun(executor);
    for (unsigned i = 0; i < executor->node_count; i++) {
        const struct executor_node *node = executor->nodes[i];
        const struct executor_node *home = executor->nodes[node->home];
        const uint64_t taken = node_queue_taken(&node->queue);
        const uint64_t accepted = node_queue_accepted(&node->queue);
        counts.taken += taken;
        counts.accepted += accepted;
        if (atomic_load(&home->lost) < home->worker_count)
            counts.can_be_taken += accepted - taken;
    }
    return counts;
}

static enum progress progress(const np_executor *executor)
{
    const struct counts first = collect(executor);
    if (first.ended == first.accepted)
        return DONE;
    if (first.lost == 0)
        return GOING_ON;
    const struct counts second = collect(executor);
    if (memcmp(&first, &second, sizeof first) != 0)
        return GOING_ON;
    const bool idle = first.ended == first.begun && first.taken - first.begun == first.held;
    return idle && first.can_be_taken == 0 ? STUCK : GOING_ON;
}

static uint64_t deadline_in(uint64_t timeout)
{
    const uint64_t now = linux_now();
    return timeout >= LINUX_NO_DEADLINE - now ? LINUX_NO_DEADLINE : now + timeout;
}

static enum progress wait_until(np_executor *executor, uint64_t deadline)
{
    atomic_fetch_add(&executor->waiters, 1);
    enum progress seen;
    bool late = false;
    for (;;) {
        const uint32_t quiet = atomic_load(&executor->quiet);
        seen = progress(executor);
        if (seen != GOING_ON || late)
            break;
        linux_sleep(&executor->quiet, quiet, deadline);
        /* By the clock: a sleep that `quiet` has changed before does not look at it. */
        late = deadline != LINUX_NO_DEADLINE && linux_now() >= deadline;
    }
    atomic_fetch_sub(&executor->waiters, 1);
    return seen;
}

/* The first node that has lost workers says why. */
static np_status stuck(const np_executor *executor, const char *operation, np_error *error)
{
    for (unsigned i = 0; i < executor->node_count; i++) {
        np_error why = {0};
        if (executor_lost_error(executor->nodes[i], &why) != NP_OK)
            return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, operation, "%llu tasks may not be run: %s",
                (unsigned long long)(tasks_accepted(executor) - tasks_begun(executor)), why.reason);
    }
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, operation, "tasks were left when workers were off their node");
}

static np_status outcome(const np_executor *executor, enum progress seen, const char *operation, np_error *error)
{
    if (seen == STUCK)
        return stuck(executor, operation, error);
    if (seen == GOING_ON)
        return fail(error, NP_TIMED_OUT, 0, operation, "the time is over, and %llu tasks have not been begun",
            (unsigned long long)(tasks_accepted(executor) - tasks_begun(executor)));
    return NP_OK;
}

static np_status check(const np_executor *executor, const char *operation, np_error *error)
{
    const np_status status = executor_check(executor, error);
    if (status == NP_OK && executor_called_from_task(executor))
        return fail(error, NP_INVALID_ARGUMENT, 0, operation,
            "called from a task of the executor, which would wait for itself");
    return status;
}

np_status np_executor_wait(np_executor *executor, uint64_t timeout_ns, np_error *error)
{
    const np_status status = check(executor, "wait", error);
    if (status != NP_OK)
        return status;
    return outcome(executor, wait_until(executor, deadline_in(timeout_ns)), "wait", error);
}

np_status np_executor_shutdown(np_executor *executor, np_error *error)
{
    return np_executor_shutdown_timeout(executor, NP_NO_TIMEOUT, NULL, error);
}

np_status np_executor_shutdown_timeout(
    np_executor *executor, uint64_t timeout_ns, uint64_t *not_started, np_error *error)
{
    np_status status = check(executor, "shutdown", error);
    if (status != NP_OK)
        return status;
    const uint64_t deadline = deadline_in(timeout_ns);
    for (unsigned i = 0; i < executor->node_count; i++)
        node_queue_close(&executor->nodes[i]->queue);
    const enum progress seen = wait_until(executor, deadline);
    if (seen == DONE)
        executor_end_threads(executor);
    status = outcome(executor, seen, "shutdown", error);
    if (not_started != NULL)
        *not_started = status == NP_OK ? 0 : tasks_accepted(executor) - tasks_begun(executor);
    return status;
}

np_status np_executor_destroy(np_executor *executor, np_error *error)
{
    if (executor == NULL)
        return NP_OK;
    if (!executor_is_forked(executor)) {
        const np_status status = check(executor, "destroy", error);
        if (status != NP_OK)
            return status;
        np_executor_shutdown(executor, NULL);
        executor_end_threads(executor);
    }
    statistics_withdraw(executor);
    executor_free(executor);
    return NP_OK;
}
