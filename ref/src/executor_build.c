/*
 * Building an executor, and taking it apart.
 *
 * First the memory of each node, then the threads (executor_threads.c), then who serves whom, which depends on the
 * threads that could be had. What fails on the way takes back everything that was done (EXEC-2, LAW-2).
 */
#include "error_internal.h"
#include "executor_internal.h"
#include "executor_threads.h"
#include "hard_mode.h"
#include "linux_thread.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A cache line of its own for an array that one thread writes. */
static size_t apart(size_t bytes)
{
    return (bytes + APART - 1) / APART * APART;
}

static unsigned workers_wanted(const struct planned_node *planned, const np_executor_options *options)
{
    const unsigned usable = np_cpuset_count(&planned->affinity);
    return usable == 0 || options->workers_per_node == 0 ? usable : options->workers_per_node;
}

/* The first region for a node: room for its workers, and for two segments in each lane, so that a short queue needs no
 * other. */
static size_t memory_wanted(const struct planned_node *planned, const np_executor_options *options)
{
    const unsigned workers = workers_wanted(planned, options);
    const unsigned lanes = node_queue_lanes(workers);
    return (size_t)64 * 1024 + workers * 2 * sizeof(struct worker) + lanes * 2 * sizeof(struct task_segment);
}

static np_status build_worker(np_executor *executor, struct executor_node *node, unsigned index, np_error *error)
{
    struct node_memory *memory = &executor->memory[node->position];
    void *record = NULL;
    void *counts = NULL;
    np_status status = node_memory_take(memory, sizeof(struct worker), alignof(struct worker), &record, error);
    if (status == NP_OK)
        status = node_memory_take(memory, apart(executor->node_count * sizeof(uint64_t)), APART, &counts, error);
    if (status != NP_OK)
        return status;
    struct worker *worker = record;
    *worker = (struct worker){.executor = executor, .node = node, .index = index, .begun = counts};
    node->workers[index] = worker;
    return NP_OK;
}

/* The arrays of @node, for as many workers as it shall have. */
static np_status build_arrays(np_executor *executor, struct executor_node *node, np_error *error)
{
    struct node_memory *memory = &executor->memory[node->position];
    const size_t positions = apart(executor->node_count * sizeof(struct executor_node *));
    void *blocks[3] = {NULL};
    const size_t bytes[3] = {positions, positions, apart(node->workers_planned * sizeof(struct worker *))};
    for (size_t i = 0; i < 3; i++) {
        const np_status status = node_memory_take(memory, bytes[i], APART, &blocks[i], error);
        if (status != NP_OK)
            return status;
    }
    node->sources = blocks[0];
    node->servers = blocks[1];
    node->workers = blocks[2];
    return NP_OK;
}

static np_status build_node(np_executor *executor, const struct planned_node *planned, unsigned position,
    const np_executor_options *options, np_error *error)
{
    struct node_memory *memory = &executor->memory[position];
    void *block = NULL;
    np_status status =
        node_memory_take(memory, sizeof(struct executor_node), alignof(struct executor_node), &block, error);
    if (status != NP_OK)
        return status;
    struct executor_node *node = block;
    *node = (struct executor_node){
        .id = planned->id,
        .position = position,
        .cpus = planned->cpus,
        .affinity = planned->affinity,
        .workers_planned = workers_wanted(planned, options),
        .home = position,
        .telling = PTHREAD_MUTEX_INITIALIZER,
    };
    executor->nodes[position] = node;
    status = node_queue_init(&node->queue, node->workers_planned, memory, error);
    if (status == NP_OK)
        status = build_arrays(executor, node, error);
    for (unsigned i = 0; i < node->workers_planned && status == NP_OK; i++)
        status = build_worker(executor, node, i, error);
    return status;
}

/* Which node an id or a CPU means, and which lane who runs on a CPU uses: neighbours use different ones. */
static void map_ids(np_executor *executor)
{
    node_map_init(&executor->map);
    for (unsigned i = 0; i < executor->node_count; i++)
        node_map_add(&executor->map, executor->nodes[i]->id, &executor->nodes[i]->cpus);
    unsigned rank = 0;
    for (int cpu = 0; cpu < NP_CPU_MAX; cpu++)
        if (node_map_of_cpu(&executor->map, cpu) != NO_POSITION)
            executor->lane_of_cpu[cpu] = (uint8_t)(rank++ % LANES_MAX);
}

/* A node without workers has its tasks run by those of the nearest node that has some; not in a strict executor (EXEC-7). */
static void find_home(np_executor *executor, struct executor_node *node, const uint16_t *nearest)
{
    if (node->worker_count > 0 || executor->strict)
        return;
    for (unsigned i = 0; i < executor->node_count - 1; i++) {
        if (executor->nodes[nearest[i]]->worker_count > 0) {
            node->home = nearest[i];
            return;
        }
    }
}

/* Where the workers of @node take tasks from, and whose workers take from its queue. @nearest are the others in order. */
static void find_ways(np_executor *executor, struct executor_node *node, const uint16_t *nearest)
{
    const unsigned others = executor->node_count - 1;
    const bool steal = executor->steal != NP_STEAL_LOCAL_ONLY;
    if (node->home == node->position && node->worker_count > 0) {
        node->sources[node->source_count++] = node;
        for (unsigned i = 0; i < others; i++)
            if (executor->nodes[nearest[i]]->home == node->position)
                node->sources[node->source_count++] = executor->nodes[nearest[i]];
        node->own_count = node->source_count;
        for (unsigned i = 0; i < others && steal; i++)
            if (executor->nodes[nearest[i]]->home != node->position)
                node->sources[node->source_count++] = executor->nodes[nearest[i]];
    }
    node->servers[node->server_count++] = executor->nodes[node->home];
    for (unsigned i = 0; i < others && steal; i++)
        if (nearest[i] != node->home && executor->nodes[nearest[i]]->worker_count > 0)
            node->servers[node->server_count++] = executor->nodes[nearest[i]];
}

static np_status connect_nodes(np_executor *executor, const struct executor_plan *plan, np_error *error)
{
    const unsigned others = executor->node_count - 1;
    uint16_t *nearest = calloc((size_t)executor->node_count * executor->node_count, sizeof *nearest);
    if (nearest == NULL)
        return fail(
            error, NP_ALLOCATION, 0, "executor", "no memory for the distances of %u nodes", executor->node_count);
    for (unsigned i = 0; i < executor->node_count; i++) {
        executor_plan_order(plan, i, nearest + (size_t)i * others);
        find_home(executor, executor->nodes[i], nearest + (size_t)i * others);
    }
    for (unsigned i = 0; i < executor->node_count; i++)
        find_ways(executor, executor->nodes[i], nearest + (size_t)i * others);
    free(nearest);
    return NP_OK;
}

static np_executor *allocate(unsigned node_count)
{
    np_executor *executor = aligned_alloc(APART, apart(sizeof *executor));
    if (executor == NULL)
        return NULL;
    memset(executor, 0, sizeof *executor);
    executor->nodes = calloc(node_count, sizeof(struct executor_node *));
    executor->memory = calloc(node_count, sizeof *executor->memory);
    if (executor->nodes == NULL || executor->memory == NULL) {
        free(executor->nodes);
        free(executor->memory);
        free(executor);
        return NULL;
    }
    executor->node_count = node_count;
    executor->control = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
    return executor;
}

static np_status build_all(
    np_executor *executor, const struct executor_plan *plan, const np_executor_options *options, np_error *error)
{
    for (unsigned i = 0; i < plan->node_count; i++)
        node_memory_init(&executor->memory[i], plan->nodes[i].memory, (np_mode)options->mode,
            memory_wanted(&plan->nodes[i], options));
    np_status status = NP_OK;
    for (unsigned i = 0; i < plan->node_count && status == NP_OK; i++)
        status = build_node(executor, &plan->nodes[i], i, options, error);
    if (status == NP_OK)
        status = executor_start_threads(executor, error);
    if (status == NP_OK)
        status = connect_nodes(executor, plan, error);
    return status;
}

/* Where the kernel has no marks there is none, and a fork shows no difference; where it has them, there must be one. */
static np_status mark_for_forks(np_executor *executor, np_error *error)
{
    const int problem = linux_fork_mark_create(&executor->fork_mark);
    if (problem != ENOMEM && problem != EAGAIN)
        return NP_OK;
    return fail(error, NP_ALLOCATION, problem, "executor", "no memory for the page that tells forked processes: %s",
        strerrordesc_np(problem));
}

np_status executor_build(
    const struct executor_plan *plan, const np_executor_options *options, np_executor **executor, np_error *error)
{
    const bool strict = options->mode == NP_STRICT;
    np_status status = strict ? hard_mode_require(HARD_EXECUTOR_NEEDS, "executor", error) : NP_OK;
    if (status != NP_OK)
        return status;
    np_executor *built = allocate(plan->node_count);
    if (built == NULL)
        return fail(error, NP_ALLOCATION, 0, "executor", "no memory for an executor of %u nodes", plan->node_count);
    built->strict = strict;
    built->steal = (np_steal)options->steal;
    built->real_time_priority = options->real_time_priority;
    status = mark_for_forks(built, error);
    if (status == NP_OK)
        status = build_all(built, plan, options, error);
    if (status != NP_OK) {
        executor_end_threads(built);
        executor_free(built);
        return fail_within(error, status, "executor");
    }
    map_ids(built);
    executor_let_go(built);
    *executor = built;
    return NP_OK;
}

void executor_free(np_executor *executor)
{
    for (unsigned i = 0; i < executor->node_count; i++)
        node_memory_end(&executor->memory[i]);
    linux_fork_mark_destroy(executor->fork_mark);
    free(executor->nodes);
    free(executor->memory);
    free(executor);
}
