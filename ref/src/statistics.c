/*
 * Counts of an executor, added up when somebody asks.
 *
 * Workers count for themselves, each in its own memory (executor_internal.h); a snapshot adds up and stops nobody. What
 * was begun is read before what was accepted, so that a snapshot of a running executor never shows more tasks run than
 * submitted.
 */
#include "error_internal.h"
#include "executor_internal.h"
#include "statistics_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(np_node_statistics) == 80, "the statistics of a node are pinned");

static double ratio(uint64_t local, uint64_t remote)
{
    return local + remote == 0 ? 1.0 : (double)local / (double)(local + remote);
}

/* Add what the workers of @node did to the counts of every node. */
static void add_work_of(const np_executor *executor, const struct executor_node *node, np_node_statistics *all)
{
    for (unsigned w = 0; w < node->worker_count; w++) {
        const struct worker *worker = node->workers[w];
        const uint64_t astray = atomic_load_explicit(&worker->astray, memory_order_acquire);
        for (unsigned i = 0; i < executor->node_count; i++) {
            const uint64_t begun = atomic_load_explicit(&worker->begun[i], memory_order_relaxed);
            if (i == node->position) {
                all[i].local += begun - astray;
                all[i].remote += astray;
                continue;
            }
            all[i].remote += begun;
            if (executor->nodes[i]->home != node->position) {
                all[i].stolen_from += begun;
                all[node->position].stolen_by += begun;
            }
        }
    }
}

void statistics_collect(const np_executor *executor, np_node_statistics *all)
{
    for (unsigned i = 0; i < executor->node_count; i++)
        all[i] = (np_node_statistics){.node = executor->nodes[i]->id, .workers = executor->nodes[i]->worker_count};
    for (unsigned i = 0; i < executor->node_count; i++)
        add_work_of(executor, executor->nodes[i], all);
    for (unsigned i = 0; i < executor->node_count; i++) {
        const uint64_t taken = node_queue_taken(&executor->nodes[i]->queue);
        all[i].submitted = node_queue_accepted(&executor->nodes[i]->queue);
        all[i].queue_depth = all[i].submitted - taken;
        all[i].locality_ratio = ratio(all[i].local, all[i].remote);
    }
}

np_status np_statistics_snapshot(
    const np_executor *executor, np_node_statistics *nodes, size_t capacity, size_t *count, np_error *error)
{
    const np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    if (count == NULL || (nodes == NULL && capacity > 0))
        return fail(error, NP_INVALID_ARGUMENT, 0, "statistics", "%s is NULL", count == NULL ? "count" : "nodes");
    np_node_statistics *all = calloc(executor->node_count, sizeof *all);
    if (all == NULL)
        return fail(
            error, NP_ALLOCATION, 0, "statistics", "no memory for the counts of %u nodes", executor->node_count);
    statistics_collect(executor, all);
    *count = executor->node_count;
    if (capacity > 0)
        memcpy(nodes, all, (capacity < *count ? capacity : *count) * sizeof *all);
    free(all);
    return NP_OK;
}

np_status np_statistics_total(const np_node_statistics *nodes, size_t count, np_node_statistics *total, np_error *error)
{
    if (nodes == NULL || total == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, "statistics", "%s is NULL", nodes == NULL ? "nodes" : "total");
    np_node_statistics sum = {.node = NP_ALL_NODES};
    for (size_t i = 0; i < count; i++) {
        sum.workers += nodes[i].workers;
        sum.submitted += nodes[i].submitted;
        sum.local += nodes[i].local;
        sum.remote += nodes[i].remote;
        sum.stolen_by += nodes[i].stolen_by;
        sum.stolen_from += nodes[i].stolen_from;
        sum.queue_depth += nodes[i].queue_depth;
    }
    sum.locality_ratio = ratio(sum.local, sum.remote);
    *total = sum;
    return NP_OK;
}
