/*
 * The door of the executor: arguments are checked, ids become positions, tasks go into queues.
 *
 * Submitting is the path that has to be fast. It reads constant memory, puts the task into the node's queue with two
 * atomic operations, and looks whether somebody has to be woken; what can go wrong is looked for before, in the order in
 * which the contract ranks it: a wrong argument, an executor that has ended, a guarantee that is lost.
 */
#include "error_internal.h"
#include "linux_thread.h"
#include "worker.h"
#include <assert.h>
#include <string.h>

static_assert(sizeof(np_executor_options) == 32, "the executor's options are pinned");

void np_executor_options_init(np_executor_options *options)
{
    if (options != NULL)
        *options = (np_executor_options){0};
}

static np_status check_options(const np_executor_options *options, np_error *error)
{
    if (options->mode != NP_SOFT && options->mode != NP_STRICT)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor", "mode %d is no np_mode", (int)options->mode);
    if (options->steal < NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE || options->steal > NP_STEAL_ANY)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor", "steal %d is no np_steal", (int)options->steal);
    if (options->workers_per_node > NP_CPU_MAX)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor", "%u workers a node are more than the %d there may be",
            options->workers_per_node, NP_CPU_MAX);
    if (options->real_time_priority < 0 || options->real_time_priority > 99)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor",
            "real_time_priority %d is not between 1 and 99, nor 0 for none", (int)options->real_time_priority);
    if (options->reserved[0] != 0 || options->reserved[1] != 0)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor", "a reserved field of the options is not 0");
    return NP_OK;
}

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    static const np_executor_options defaults = {0};
    if (topology == NULL || executor == NULL)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, "executor", "%s is NULL", topology == NULL ? "topology" : "executor");
    if (options == NULL)
        options = &defaults;
    np_status status = check_options(options, error);
    if (status != NP_OK)
        return status;
    if (!np_topology_is_this_machine(topology))
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor",
            "the topology describes another machine, and workers run on this one; use np_topology_discover()");
    struct executor_plan plan = {0};
    status = executor_plan_from(topology, &plan, error);
    if (status != NP_OK)
        return status;
    status = executor_build(&plan, options, executor, error);
    executor_plan_free(&plan);
    return status;
}

bool executor_is_forked(const np_executor *executor)
{
    return executor->fork_mark != NULL && atomic_load_explicit(executor->fork_mark, memory_order_relaxed) == 0;
}

np_status executor_check(const np_executor *executor, np_error *error)
{
    if (executor == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, "executor", "executor is NULL");
    if (executor_is_forked(executor))
        return fail(error, NP_SHUT_DOWN, 0, "executor",
            "the executor belongs to the process that this one was forked from, and has no threads here");
    return NP_OK;
}

/* NP_OK where a strict @node can keep its promise to one more task. */
static inline np_status check_guarantee(struct executor_node *node, np_error *error)
{
    if (node->worker_count == 0)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "submit",
            "node %u has no CPUs that this process may use, and a strict executor runs its tasks nowhere else",
            node->id);
    /* It may have been moved in its sleep, and nobody has noticed (EXEC-12). */
    struct worker *sleeper = executor_next_sleeper(node);
    if (sleeper != NULL)
        worker_look(sleeper, false);
    return atomic_load(&node->lost) == 0 ? NP_OK : executor_lost_error(node, error);
}

static np_status submit(np_executor *executor, struct executor_node *node, int cpu, struct task task, np_error *error)
{
    np_status status = executor->strict ? check_guarantee(node, error) : NP_OK;
    if (status != NP_OK)
        return node_queue_is_closed(&node->queue) ? task_queue_refuse(error) : status;
    status = node_queue_put(&node->queue, cpu >= 0 && cpu < NP_CPU_MAX ? executor->lane_of_cpu[cpu] : 0, task, error);
    if (status != NP_OK)
        return status;
    executor_rouse(node);
    if (executor->strict && atomic_load(&node->lost) != 0)
        executor_tell_waiters(executor);
    return NP_OK;
}

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    const np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    if (task == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, "submit", "task is NULL");
    const unsigned position = node_map_of_node(&executor->map, node);
    if (position == NO_POSITION)
        return fail(error, NP_INVALID_ARGUMENT, 0, "submit", "the executor's topology has no node %u", node);
    return submit(executor, executor->nodes[position], linux_cpu_now(), (struct task){task, argument}, error);
}

np_status np_executor_submit_local(np_executor *executor, np_task *task, void *argument, np_error *error)
{
    const np_status status = executor_check(executor, error);
    if (status != NP_OK)
        return status;
    if (task == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, "submit", "task is NULL");
    const int cpu = linux_cpu_now();
    unsigned position = node_map_of_cpu(&executor->map, cpu);
    if (position == NO_POSITION && node_queue_is_closed(&executor->nodes[0]->queue))
        return task_queue_refuse(error);
    if (position == NO_POSITION && executor->strict)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "submit",
            "CPU %d, which the caller runs on, is of no node of the topology that the executor was built from; "
            "it came online later: discover again",
            cpu);
    if (position == NO_POSITION)
        position = 0;
    return submit(executor, executor->nodes[position], cpu, (struct task){task, argument}, error);
}

np_status np_executor_enforcement(const np_executor *executor, np_enforcement *enforcement, np_error *error)
{
    if (executor == NULL || enforcement == NULL)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, "executor", "%s is NULL", executor == NULL ? "executor" : "enforcement");
    *enforcement = executor->enforcement;
    return NP_OK;
}
