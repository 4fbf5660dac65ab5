/*
 * Whether the guarantee holds now, and putting it right (EXEC-12, LAW-9).
 *
 * Health looks for itself: at each worker's affinity and priority, at the pages of each node's memory, and at NUMA
 * balancing. A worker found astray is lost from then on, whether it has noticed or not. Nothing mends itself: whoever
 * moved a worker or took its CPUs away may have meant it, so that a node stays out of service until the program asks for
 * repair.
 */
#include "error_internal.h"
#include "hard_mode.h"
#include "worker.h"
#include <string.h>

/* What a look at all workers found. */
struct survey {
    unsigned workers;
    unsigned astray;
    char reason[256]; /* Of the first one astray. */
    np_nodeset lost;  /* Nodes with lost workers. */
};

static struct survey look_at_workers(np_executor *executor)
{
    struct survey survey = {0};
    for (unsigned i = 0; i < executor->node_count; i++) {
        struct executor_node *node = executor->nodes[i];
        for (unsigned w = 0; w < node->worker_count; w++) {
            char reason[sizeof survey.reason];
            survey.workers++;
            if (worker_is_kept(node->workers[w], reason, sizeof reason))
                continue;
            if (survey.astray++ == 0)
                memcpy(survey.reason, reason, sizeof reason);
            if (executor->strict)
                worker_look(node->workers[w], false);
        }
        if (atomic_load(&node->lost) != 0)
            np_nodeset_add(&survey.lost, node->id, NULL);
    }
    return survey;
}

static np_status look_at_memory(np_executor *executor, np_error *error)
{
    for (unsigned i = 0; i < executor->node_count; i++) {
        struct executor_node *node = executor->nodes[i];
        uint64_t elsewhere = 0;
        const np_status status = node_memory_look(&executor->memory[i], &elsewhere, error);
        if (status != NP_OK)
            return status;
        if (elsewhere != 0)
            return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "executor",
                "%llu pages of the executor's memory for node %u are not on it: they were moved from outside",
                (unsigned long long)elsewhere, node->id);
    }
    return NP_OK;
}

static np_status strict_health(np_executor *executor, const struct survey *survey, np_error *error)
{
    const int node = np_nodeset_first(&survey->lost);
    if (node >= 0) {
        const np_status status =
            executor_lost_error(executor->nodes[node_map_of_node(&executor->map, (unsigned)node)], error);
        if (status != NP_OK)
            return status;
    }
    const np_status status = hard_mode_require(NEEDS_BALANCING_OFF, "executor", error);
    return status == NP_OK ? look_at_memory(executor, error) : status;
}

static np_enforcement soft_level(const np_executor *executor, const struct survey *survey)
{
    np_enforcement level;
    if (survey->astray == 0)
        level = executor->enforcement;
    else
        enforce(&level, survey->astray < survey->workers ? NP_LEVEL_BEST_EFFORT : NP_LEVEL_NONE,
            "%u of %u workers are not kept on their node: %s", survey->astray, survey->workers, survey->reason);
    return level;
}

static np_status look(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error)
{
    const struct survey survey = look_at_workers(executor);
    np_error why = {0};
    const np_status status = executor->strict ? strict_health(executor, &survey, &why) : NP_OK;
    if (lost != NULL)
        *lost = survey.lost;
    if (present != NULL && !executor->strict)
        *present = soft_level(executor, &survey);
    else if (present != NULL && status == NP_OK)
        *present = (np_enforcement){.level = NP_LEVEL_STRICT};
    else if (present != NULL)
        enforce(present, NP_LEVEL_BEST_EFFORT, "%s", why.reason);
    if (status != NP_OK && error != NULL)
        *error = why;
    return status;
}

static void put_all_back(np_executor *executor)
{
    for (unsigned i = 0; i < executor->node_count; i++) {
        struct executor_node *node = executor->nodes[i];
        for (unsigned w = 0; w < node->worker_count; w++)
            worker_put_back(node->workers[w]);
        if (node_queue_has_task(&node->queue))
            executor_rouse(node);
    }
}

/* Under `control`, while there are threads. */
static np_status begin(np_executor *executor, np_error *error)
{
    const np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    pthread_mutex_lock(&executor->control);
    if (!executor->ended)
        return NP_OK;
    pthread_mutex_unlock(&executor->control);
    return fail(error, NP_SHUT_DOWN, 0, "executor", "the executor has been shut down, and has no workers");
}

np_status np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error)
{
    np_status status = begin(executor, error);
    if (status != NP_OK)
        return status;
    status = look(executor, lost, present, error);
    pthread_mutex_unlock(&executor->control);
    return status;
}

np_status np_executor_repair(np_executor *executor, np_error *error)
{
    np_status status = begin(executor, error);
    if (status != NP_OK)
        return status;
    put_all_back(executor);
    status = look(executor, NULL, NULL, error);
    pthread_mutex_unlock(&executor->control);
    return status;
}
