/*
 * The tree of objects in hwloc's XML.
 *
 * Cores, caches and sockets are the ancestors of a CPU at the moment that it is met. Nodes hang in the tree beside the
 * CPUs, with the set of those that are near: a node without CPUs shares that set with another one. Whose they are is
 * decided as Linux does it: a CPU belongs to the node with the narrowest set around it, and among equals to the one of
 * the lowest id, for Linux numbers nodes with CPUs first.
 */
#include "topology_xml_internal.h"
#include <stdlib.h>
#include <string.h>

static int group_of_type(const char *type)
{
    if (strcmp(type, "Core") == 0)
        return NP_GROUP_CORE;
    if (strcmp(type, "Package") == 0)
        return NP_GROUP_SOCKET;
    /* L1Cache to L5Cache; L1iCache is for instructions only. */
    if (type[0] == 'L' && type[1] >= '1' && type[1] <= '5' && strcmp(type + 2, "Cache") == 0)
        return NP_GROUP_CACHE;
    return NO_GROUP;
}

static const char *meet_cpu(struct xml_reader *reader, const char **attributes)
{
    uint64_t cpu = 0;
    if (!xml_number(attributes, "os_index", &cpu) || cpu >= NP_CPU_MAX)
        return "a PU without os_index, or with one above 8191";
    if (np_cpuset_contains(&reader->cpus, (unsigned)cpu))
        return "a PU that was there before";
    np_cpuset_add(&reader->cpus, (unsigned)cpu, NULL);
    for (unsigned i = reader->depth; i > 0; i--) {
        const struct xml_object *around = &reader->object[i - 1];
        /* Outwards: of the caches the last one met counts, which is the largest. */
        if (around->group == NP_GROUP_CACHE ||
            (around->group != NO_GROUP && reader->leader[around->group][cpu] == NO_CPU))
            reader->leader[around->group][cpu] = around->leader;
    }
    return NULL;
}

static const char *meet_node(struct xml_reader *reader, const char **attributes)
{
    uint64_t id = 0;
    if (!xml_number(attributes, "os_index", &id) || id >= NP_NODE_MAX)
        return "a NUMANode without os_index, or with one above 1023";
    if (np_nodeset_contains(&reader->nodes, (unsigned)id))
        return "a NUMANode that was there before";
    struct xml_node *node = &reader->node[id];
    if (!xml_cpus(attributes, "cpuset", &node->near))
        return "a NUMANode without a cpuset that fits 8192 CPUs";
    if (xml_attribute(attributes, "local_memory") != NULL &&
        !xml_number(attributes, "local_memory", &node->memory_bytes))
        return "a NUMANode whose local_memory is no number";
    if (!xml_number(attributes, "gp_index", &node->gp_index))
        node->gp_index = UINT64_MAX;
    np_nodeset_add(&reader->nodes, (unsigned)id, NULL);
    return NULL;
}

const char *xml_open_object(struct xml_reader *reader, const char **attributes)
{
    const char *type = xml_attribute(attributes, "type");
    if (reader->topology != NULL || reader->depth == DEPTH_MAX || type == NULL)
        return "an object without type, nested too deep, or after the machine";
    if (reader->depth == 0) {
        if (!xml_cpus(attributes, "allowed_cpuset", &reader->allowed_cpus) ||
            !xml_nodes(attributes, "allowed_nodeset", &reader->allowed_nodes))
            return "a machine without sets of allowed CPUs and nodes";
    }
    struct xml_object object = {.group = group_of_type(type), .leader = NO_CPU};
    np_cpuset cpus;
    if (object.group != NO_GROUP) {
        if (!xml_cpus(attributes, "cpuset", &cpus) || np_cpuset_count(&cpus) == 0)
            return "a core, cache or package without a cpuset that fits 8192 CPUs";
        object.leader = (uint16_t)np_cpuset_first(&cpus);
    }
    const char *problem = NULL;
    if (strcmp(type, "PU") == 0)
        problem = meet_cpu(reader, attributes);
    else if (strcmp(type, "NUMANode") == 0)
        problem = meet_node(reader, attributes);
    reader->object[reader->depth++] = object;
    return problem;
}

/* The node that @cpu belongs to: see the head. */
static int owner_of(const struct xml_reader *reader, const unsigned *width, unsigned cpu)
{
    int owner = -1;
    for (int id = np_nodeset_first(&reader->nodes); id >= 0; id = np_nodeset_next(&reader->nodes, id))
        if (np_cpuset_contains(&reader->node[id].near, cpu) && (owner < 0 || width[id] < width[owner]))
            owner = id;
    return owner;
}

static const char *give_cpus(struct xml_reader *reader)
{
    np_topology *topology = reader->topology;
    unsigned width[NP_NODE_MAX];
    for (int id = np_nodeset_first(&reader->nodes); id >= 0; id = np_nodeset_next(&reader->nodes, id))
        width[id] = np_cpuset_count(&reader->node[id].near);
    np_cpuset *owned = calloc(topology->count, sizeof *owned);
    if (owned == NULL)
        return xml_no_memory;
    const char *problem = np_cpuset_count(&reader->cpus) == 0 ? "a machine without CPUs" : NULL;
    for (int cpu = np_cpuset_first(&reader->cpus); cpu >= 0; cpu = np_cpuset_next(&reader->cpus, cpu)) {
        const int owner = owner_of(reader, width, (unsigned)cpu);
        if (owner < 0)
            problem = "a CPU that no node is near";
        else
            np_cpuset_add(&owned[topology->place_of_node[owner]], (unsigned)cpu, NULL);
    }
    for (unsigned place = 0; place < topology->count; place++)
        topology_give_cpus(topology, place, &owned[place]);
    free(owned);
    return problem;
}

const char *xml_close_object(struct xml_reader *reader)
{
    if (--reader->depth > 0)
        return NULL;
    if (np_nodeset_count(&reader->nodes) == 0)
        return "a machine without nodes";
    np_topology *topology = topology_new(&reader->nodes);
    reader->topology = topology;
    if (topology == NULL)
        return xml_no_memory;
    for (unsigned place = 0; place < topology->count; place++)
        topology->node[place].memory_bytes = reader->node[topology->node[place].id].memory_bytes;
    const char *problem = give_cpus(reader);
    memcpy(topology->leader, reader->leader, sizeof reader->leader);
    topology_limit_usable(topology, &reader->allowed_cpus, &reader->allowed_nodes);
    return problem;
}
