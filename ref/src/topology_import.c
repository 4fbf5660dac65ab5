/*
 * Topologies of machines that are not there: from a synthetic description, or from a file that hwloc exported.
 *
 * hwloc reads both. What it does not check is size: a short description can ask for more objects than there is memory
 * ("node:1000000 pu:1000000"), so the product of its numbers is looked at before hwloc sees it.
 *
 * In hwloc's picture a node without CPUs has those that are near it, and so shares them with another node. To whom they
 * belong is decided as Linux does it: to the node with the narrowest set around them, and among equals to the one of the
 * lowest id, for Linux numbers the nodes that have CPUs first.
 */
#include "error_internal.h"
#include "linux.h"
#include "topology_hwloc.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <hwloc/distances.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology import"

/* A machine of 8192 CPUs takes under 10 MiB. */
#define XML_MAX ((size_t)64 << 20)

static np_status nowhere(const void *source, const void *topology, const char *what, np_error *error)
{
    if (source != NULL && topology != NULL)
        return NP_OK;
    return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "the %s is NULL", source == NULL ? what : "topology");
}

/* Whether each level's number of objects, as far as the description multiplies them, is within our ids. */
static bool fits(const char *description)
{
    unsigned long objects = 1;
    unsigned long nodes = 0;
    char before = ' ';
    for (const char *c = description; *c != '\0'; before = *c++) {
        if (*c == '[' && (nodes += objects) > NP_NODE_MAX)
            return false;
        if (*c == '(' || *c == '[')
            c += strcspn(c, *c == '(' ? ")" : "]");
        if (*c == '\0')
            return true;
        if (!isdigit((unsigned char)*c) || isalnum((unsigned char)before))
            continue;
        char *end = NULL;
        const unsigned long number = strtoul(c, &end, 0);
        if (number > NP_CPU_MAX || (objects *= number) > NP_CPU_MAX)
            return false;
        c = end - 1;
    }
    return true;
}

/* The node that each CPU belongs to: see the head. @owner has a place for each id of a CPU. */
static void decide_owners(const np_topology *topology, hwloc_topology_t hwloc, uint16_t *owner, int *width)
{
    memset(owner, 0xff, NP_CPU_MAX * sizeof owner[0]);
    for (unsigned place = 0; place < topology->count; place++) {
        const hwloc_obj_t node = hwloc_get_numanode_obj_by_os_index(hwloc, topology->node[place].id);
        const int weight = hwloc_bitmap_weight(node->cpuset);
        for (int cpu = hwloc_bitmap_first(node->cpuset); cpu >= 0; cpu = hwloc_bitmap_next(node->cpuset, cpu)) {
            if (owner[cpu] != NO_PLACE && width[cpu] <= weight)
                continue;
            owner[cpu] = (uint16_t)place;
            width[cpu] = weight;
        }
    }
}

static bool fill_nodes(np_topology *topology, hwloc_topology_t hwloc)
{
    uint16_t *owner = malloc(NP_CPU_MAX * sizeof owner[0]);
    int *width = malloc(NP_CPU_MAX * sizeof width[0]);
    const bool enough_memory = owner != NULL && width != NULL;
    if (enough_memory) {
        decide_owners(topology, hwloc, owner, width);
        for (unsigned place = 0; place < topology->count; place++) {
            np_cpuset cpus = {0};
            for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++)
                if (owner[cpu] == place)
                    np_cpuset_add(&cpus, cpu, NULL);
            topology_give_cpus(topology, place, &cpus);
            const hwloc_obj_t node = hwloc_get_numanode_obj_by_os_index(hwloc, topology->node[place].id);
            topology->node[place].memory_bytes = node->attr->numanode.local_memory;
        }
    }
    free(width);
    free(owner);
    return enough_memory;
}

static void fill_distances(np_topology *topology, hwloc_topology_t hwloc)
{
    struct hwloc_distances_s *distances = NULL;
    unsigned count = 1;
    if (hwloc_distances_get_by_name(hwloc, "NUMALatency", &count, &distances, 0) != 0 || count == 0)
        return;
    for (unsigned i = 0; i < distances->nbobjs; i++) {
        for (unsigned j = 0; j < distances->nbobjs; j++) {
            const hwloc_obj_t initiator = distances->objs[i];
            const hwloc_obj_t target = distances->objs[j];
            const hwloc_uint64_t value = distances->values[i * distances->nbobjs + j];
            if (initiator == NULL || target == NULL || initiator->type != HWLOC_OBJ_NUMANODE ||
                target->type != HWLOC_OBJ_NUMANODE || value > INT32_MAX)
                continue;
            const size_t row = topology->place_of_node[initiator->os_index];
            topology->distance[row * topology->count + topology->place_of_node[target->os_index]] = (uint32_t)value;
        }
    }
    hwloc_distances_release(hwloc, distances);
}

static np_status from_hwloc(hwloc_topology_t hwloc, np_topology **topology, np_error *error)
{
    np_cpuset cpus;
    np_cpuset usable_cpus;
    np_nodeset nodes;
    np_nodeset usable_nodes;
    if (!cpuset_from_hwloc(hwloc_topology_get_topology_cpuset(hwloc), &cpus) ||
        !cpuset_from_hwloc(hwloc_topology_get_allowed_cpuset(hwloc), &usable_cpus) ||
        !nodeset_from_hwloc(hwloc_topology_get_topology_nodeset(hwloc), &nodes) ||
        !nodeset_from_hwloc(hwloc_topology_get_allowed_nodeset(hwloc), &usable_nodes))
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "it has CPUs above %d or nodes above %d", NP_CPU_MAX - 1,
            NP_NODE_MAX - 1);
    np_topology *made = topology_new(&nodes);
    np_status status = NP_OK;
    if (made == NULL || !fill_nodes(made, hwloc))
        status = fail(
            error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for a topology of %u nodes", np_nodeset_count(&nodes));
    else
        status = topology_add_detail(made, hwloc, error);
    if (status != NP_OK) {
        np_topology_destroy(made);
        return status;
    }
    fill_distances(made, hwloc);
    topology_limit_usable(made, &usable_cpus, &usable_nodes);
    *topology = made;
    return NP_OK;
}

/* @set tells hwloc what to read, and returns 0 if it can. */
static np_status import(int (*set)(hwloc_topology_t hwloc, const void *closure), const void *closure,
    np_topology **topology, np_error *error)
{
    hwloc_topology_t hwloc = NULL;
    if (hwloc_topology_init(&hwloc) != 0)
        return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for hwloc");
    np_status status = NP_OK;
    errno = 0;
    if (hwloc_topology_set_flags(hwloc, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED) != 0 || set(hwloc, closure) != 0 ||
        hwloc_topology_load(hwloc) != 0)
        status = errno == ENOMEM
                     ? fail(error, NP_ALLOCATION, errno, OPERATION, "no memory for what is described")
                     : fail(error, NP_INVALID_ARGUMENT, errno, OPERATION, "hwloc does not understand the description");
    else
        status = from_hwloc(hwloc, topology, error);
    hwloc_topology_destroy(hwloc);
    return status;
}

static int set_synthetic(hwloc_topology_t hwloc, const void *description)
{
    return hwloc_topology_set_synthetic(hwloc, description);
}

np_status np_topology_from_synthetic(const char *description, np_topology **topology, np_error *error)
{
    const np_status status = nowhere(description, topology, "description", error);
    if (status != NP_OK)
        return status;
    if (!fits(description))
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "\"%.64s\" asks for more than %d CPUs or %d nodes",
            description, NP_CPU_MAX, NP_NODE_MAX);
    return import(set_synthetic, description, topology, error);
}

static int set_xml(hwloc_topology_t hwloc, const void *text)
{
    /* hwloc counts the NUL. */
    return hwloc_topology_set_xmlbuffer(hwloc, text, (int)strlen(text) + 1);
}

np_status np_topology_from_xml(const char *path, np_topology **topology, np_error *error)
{
    np_status status = nowhere(path, topology, "path", error);
    if (status != NP_OK)
        return status;
    char *text = malloc(XML_MAX);
    if (text == NULL)
        return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory to read %.200s", path);
    const int problem = linux_read_text(AT_FDCWD, path, text, XML_MAX);
    if (problem == 0)
        status = topology_from_xml_text(text, topology, error);
    else if (problem == EBADMSG)
        status = fail(error, NP_INVALID_ARGUMENT, problem, OPERATION, "%.200s: not a text file", path);
    else
        status = fail(error, NP_SYSTEM, problem, OPERATION, "%.200s: %s", path, strerrordesc_np(problem));
    free(text);
    return status;
}

np_status topology_from_xml_text(const char *text, np_topology **topology, np_error *error)
{
    return import(set_xml, text, topology, error);
}
