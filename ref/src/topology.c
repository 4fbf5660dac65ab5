/*
 * Looking things up in a topology.
 *
 * Every question is answered from tables that were filled when the topology was made: no system call, no allocation,
 * no lock.
 */
#include "error_internal.h"
#include "topology_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(np_node) == 1072, "the node record is pinned");

np_topology *topology_new(const np_nodeset *nodes)
{
    const unsigned count = np_nodeset_count(nodes);
    np_topology *topology = calloc(1, sizeof *topology + count * sizeof topology->node[0]);
    if (topology == NULL)
        return NULL;
    topology->distance = calloc((size_t)count * count, sizeof topology->distance[0]);
    if (topology->distance == NULL) {
        free(topology);
        return NULL;
    }
    memset(topology->place_of_node, 0xff, sizeof topology->place_of_node);
    memset(topology->place_of_cpu, 0xff, sizeof topology->place_of_cpu);
    memset(topology->leader, 0xff, sizeof topology->leader);
    topology->nodes = *nodes;
    for (int id = np_nodeset_first(nodes); id >= 0; id = np_nodeset_next(nodes, id)) {
        topology->place_of_node[id] = (uint16_t)topology->count;
        topology->node[topology->count++].id = (unsigned)id;
    }
    return topology;
}

bool topology_give_cpus(np_topology *topology, unsigned place, const np_cpuset *cpus)
{
    np_cpuset taken;
    np_cpuset_intersection(&topology->cpus, cpus, &taken, NULL);
    if (np_cpuset_count(&taken) > 0)
        return false;
    np_cpuset_union(&topology->cpus, cpus, &topology->cpus, NULL);
    topology->node[place].cpus = *cpus;
    for (int cpu = np_cpuset_first(cpus); cpu >= 0; cpu = np_cpuset_next(cpus, cpu))
        topology->place_of_cpu[cpu] = (uint16_t)place;
    return true;
}

void topology_limit_usable(np_topology *topology, const np_cpuset *cpus, const np_nodeset *nodes)
{
    np_cpuset_intersection(&topology->cpus, cpus, &topology->usable_cpus, NULL);
    np_nodeset_clear(&topology->usable_nodes);
    for (unsigned place = 0; place < topology->count; place++) {
        const struct topology_node *node = &topology->node[place];
        if (node->memory_bytes > 0 && np_nodeset_contains(nodes, node->id))
            np_nodeset_add(&topology->usable_nodes, node->id, NULL);
    }
}

void np_topology_destroy(np_topology *topology)
{
    if (topology == NULL)
        return;
    free(topology->performance);
    free(topology->distance);
    free(topology);
}

bool np_topology_is_this_machine(const np_topology *topology)
{
    return topology != NULL && topology->this_machine;
}

unsigned np_topology_node_count(const np_topology *topology)
{
    return topology != NULL ? topology->count : 0;
}

np_status topology_check(const np_topology *topology, const void *result, const char *operation, np_error *error)
{
    if (topology == NULL || result == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "%s is NULL",
            topology == NULL ? "the topology" : "the place for the result");
    return NP_OK;
}

np_status topology_find_node(
    const np_topology *topology, unsigned node, unsigned *place, const char *operation, np_error *error)
{
    if (node >= NP_NODE_MAX || topology->place_of_node[node] == NO_PLACE)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "no node %u in this topology: it has %s", node,
            nodes_in_words(&topology->nodes).text);
    *place = topology->place_of_node[node];
    return NP_OK;
}

np_status topology_find_way(const np_topology *topology, unsigned initiator, unsigned target, const void *result,
    size_t *way, const char *operation, np_error *error)
{
    unsigned row = 0;
    unsigned column = 0;
    np_status status = topology_check(topology, result, operation, error);
    if (status == NP_OK)
        status = topology_find_node(topology, initiator, &row, operation, error);
    if (status == NP_OK)
        status = topology_find_node(topology, target, &column, operation, error);
    if (status == NP_OK)
        *way = (size_t)row * topology->count + column;
    return status;
}

np_status topology_find_cpu(const np_topology *topology, unsigned cpu, const char *operation, np_error *error)
{
    if (cpu >= NP_CPU_MAX || topology->place_of_cpu[cpu] == NO_PLACE)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "no CPU %u online in this topology: it has %s", cpu,
            cpus_in_words(&topology->cpus).text);
    return NP_OK;
}

/* The sets that are kept ready. */
/* clang-format off */
#define GIVE_SET(name, type, words)                                                                                    \
    np_status np_topology_##name(const np_topology *topology, type *name, np_error *error)                             \
    {                                                                                                                  \
        const np_status status = topology_check(topology, name, "topology " words, error);                            \
        if (status == NP_OK)                                                                                           \
            *name = topology->name;                                                                                    \
        return status;                                                                                                 \
    }
/* clang-format on */
GIVE_SET(nodes, np_nodeset, "nodes")
GIVE_SET(cpus, np_cpuset, "CPUs")
GIVE_SET(usable_cpus, np_cpuset, "usable CPUs")
GIVE_SET(usable_nodes, np_nodeset, "usable nodes")

np_status np_topology_node(const np_topology *topology, unsigned node, np_node *description, np_error *error)
{
    static const char operation[] = "topology node";
    unsigned place = 0;
    np_status status = topology_check(topology, description, operation, error);
    if (status == NP_OK)
        status = topology_find_node(topology, node, &place, operation, error);
    if (status != NP_OK)
        return status;
    const struct topology_node *found = &topology->node[place];
    *description = (np_node){
        .id = found->id,
        .has_cpus = np_cpuset_count(&found->cpus) > 0,
        .has_memory = found->memory_bytes > 0,
        .usable = np_nodeset_contains(&topology->usable_nodes, node),
        .memory_bytes = found->memory_bytes,
        .cpus = found->cpus,
    };
    return NP_OK;
}

np_status np_topology_node_of_cpu(const np_topology *topology, unsigned cpu, unsigned *node, np_error *error)
{
    static const char operation[] = "topology node of CPU";
    np_status status = topology_check(topology, node, operation, error);
    if (status == NP_OK)
        status = topology_find_cpu(topology, cpu, operation, error);
    if (status == NP_OK)
        *node = topology->node[topology->place_of_cpu[cpu]].id;
    return status;
}

np_status np_topology_cpus_of_node(const np_topology *topology, unsigned node, np_cpuset *cpus, np_error *error)
{
    static const char operation[] = "topology CPUs of node";
    unsigned place = 0;
    np_status status = topology_check(topology, cpus, operation, error);
    if (status == NP_OK)
        status = topology_find_node(topology, node, &place, operation, error);
    if (status == NP_OK)
        *cpus = topology->node[place].cpus;
    return status;
}

np_status np_topology_distance(
    const np_topology *topology, unsigned initiator, unsigned target, unsigned *distance, np_error *error)
{
    static const char operation[] = "topology distance";
    size_t way = 0;
    const np_status status = topology_find_way(topology, initiator, target, distance, &way, operation, error);
    if (status != NP_OK)
        return status;
    if (topology->distance[way] == 0)
        return fail(
            error, NP_NOT_AVAILABLE, 0, operation, "nothing says how far node %u is from node %u", target, initiator);
    *distance = topology->distance[way];
    return NP_OK;
}
