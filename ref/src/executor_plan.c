/*
 * From a topology to a plan.
 *
 * "Same socket before remote" goes by the sockets where they are known, and by distance within them and beyond: firmware
 * mostly gives nodes of one socket a smaller distance than nodes of another (sub-NUMA clusters: 11 or 12 against 20 and
 * more), but need not. An unknown distance is farther than any known one.
 */
#include "executor_plan.h"
#include "error_internal.h"
#include <limits.h>
#include <stdlib.h>

static void describe_node(const np_topology *topology, const np_cpuset *usable, unsigned id, struct planned_node *node)
{
    node->id = id;
    node->memory = id;
    np_topology_cpus_of_node(topology, id, &node->cpus, NULL);
    np_cpuset_intersection(&node->cpus, usable, &node->affinity, NULL);
    node->socket = -1;
    const int cpu = np_cpuset_first(&node->cpus);
    np_cpuset socket = {0};
    if (cpu >= 0 && np_topology_group_of_cpu(topology, NP_GROUP_SOCKET, (unsigned)cpu, &socket, NULL) == NP_OK)
        node->socket = np_cpuset_first(&socket);
}

static unsigned distance(const np_topology *topology, unsigned from, unsigned to)
{
    unsigned known = DISTANCE_UNKNOWN;
    np_topology_distance(topology, from, to, &known, NULL);
    return known;
}

np_status executor_plan_from(const np_topology *topology, struct executor_plan *plan, np_error *error)
{
    np_nodeset ids = {0};
    np_cpuset usable = {0};
    np_status status = np_topology_nodes(topology, &ids, error);
    if (status == NP_OK)
        status = np_topology_usable_cpus(topology, &usable, error);
    if (status != NP_OK)
        return status;

    const unsigned count = np_nodeset_count(&ids);
    *plan = (struct executor_plan){
        .node_count = count,
        .nodes = calloc(count, sizeof *plan->nodes),
        .distances = calloc((size_t)count * count, sizeof *plan->distances),
    };
    if (plan->nodes == NULL || plan->distances == NULL) {
        executor_plan_free(plan);
        return fail(error, NP_ALLOCATION, 0, "executor", "no memory for the plan of %u nodes", count);
    }
    unsigned position = 0;
    for (int id = np_nodeset_first(&ids); id >= 0; id = np_nodeset_next(&ids, id))
        describe_node(topology, &usable, (unsigned)id, &plan->nodes[position++]);
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count; j++)
            plan->distances[i * count + j] = distance(topology, plan->nodes[i].id, plan->nodes[j].id);
    return NP_OK;
}

void executor_plan_free(struct executor_plan *plan)
{
    free(plan->nodes);
    free(plan->distances);
    *plan = (struct executor_plan){0};
}

/* Whether @node has rather to do with @a than with @b. */
static bool is_nearer(const struct executor_plan *plan, unsigned node, unsigned a, unsigned b)
{
    const int socket = plan->nodes[node].socket;
    const bool a_beside = socket >= 0 && plan->nodes[a].socket == socket;
    const bool b_beside = socket >= 0 && plan->nodes[b].socket == socket;
    if (a_beside != b_beside)
        return a_beside;
    const unsigned *distances = plan->distances + (size_t)node * plan->node_count;
    return distances[a] != distances[b] ? distances[a] < distances[b] : a < b;
}

void executor_plan_order(const struct executor_plan *plan, unsigned node, uint16_t *positions)
{
    unsigned count = 0;
    for (unsigned other = 0; other < plan->node_count; other++) {
        if (other == node)
            continue;
        unsigned place = count++;
        for (; place > 0 && is_nearer(plan, node, other, positions[place - 1]); place--)
            positions[place] = positions[place - 1];
        positions[place] = (uint16_t)other;
    }
}
