/*
 * The nodes of a machine, from the files under its /sys.
 *
 * devices/system/node has one directory an online node, with the CPUs, the memory and a row of distances in it. These
 * files are the contract's own source (TOPO-1), so they are read as they are: a node without CPUs or without memory
 * stays a node, ids keep their gaps, and rows may contradict each other. A file that is missing, that cannot be
 * understood or that contradicts another one is an error that names it, never a guess. Only distances may be absent.
 *
 * A kernel built without NUMA has no such directory: that is one node with everything on it (TOPO-7).
 */
#include "error_internal.h"
#include "linux.h"
#include "topology_internal.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology"

/* A row has at most 1024 numbers; the kernel keeps it within a page, which no machine has over 64 KiB. */
#define DISTANCES_MAX 65536

/* A tree being read. */
struct source {
    int sysfs;
    const char *root;
    np_cpuset online;
    np_error *error;
};

static np_status bad_file(const struct source *source, const char *path, const char *problem)
{
    return fail(source->error, NP_SYSTEM, 0, OPERATION, "%s/%s: %s", source->root, path, problem);
}

static np_status unreadable(const struct source *source, const char *path, int system_errno)
{
    return fail(source->error, system_errno == ENOMEM ? NP_ALLOCATION : NP_SYSTEM, system_errno, OPERATION, "%s/%s: %s",
        source->root, path,
        system_errno == EBADMSG ? "not what the kernel writes there" : strerrordesc_np(system_errno));
}

static np_status read_cpus(const struct source *source, np_topology *topology, unsigned place)
{
    char path[96];
    snprintf(path, sizeof path, "devices/system/node/node%u/cpulist", topology->node[place].id);
    np_cpuset cpus;
    const int problem = linux_read_cpus(source->sysfs, path, &cpus);
    if (problem != 0)
        return unreadable(source, path, problem);
    /* Before 4.4 the list had the offline CPUs of the node in it. */
    np_cpuset_intersection(&cpus, &source->online, &cpus, NULL);
    if (!topology_give_cpus(topology, place, &cpus))
        return bad_file(source, path, "has a CPU that another node has too");
    return NP_OK;
}

static np_status read_memory(const struct source *source, np_topology *topology, unsigned place)
{
    struct linux_node_memory memory;
    const unsigned node = topology->node[place].id;
    const int problem = linux_node_memory(source->sysfs, node, &memory);
    if (problem != 0) {
        char path[96];
        snprintf(path, sizeof path, "devices/system/node/node%u/meminfo", node);
        return unreadable(source, path, problem);
    }
    topology->node[place].memory_bytes = memory.total_bytes;
    return NP_OK;
}

/* One number for each online node, in the order of their ids. False: too few, too many, or not numbers. */
static bool parse_distances(const char *text, uint32_t *row, unsigned count)
{
    for (unsigned column = 0; column < count; column++) {
        if (!isdigit((unsigned char)*text))
            return false;
        char *end = NULL;
        const unsigned long value = strtoul(text, &end, 10);
        if (value == 0 || value > INT32_MAX)
            return false;
        row[column] = (uint32_t)value;
        text = end + strspn(end, " ");
    }
    return *text == '\0';
}

static np_status read_distances(const struct source *source, np_topology *topology, unsigned place)
{
    char path[96];
    snprintf(path, sizeof path, "devices/system/node/node%u/distance", topology->node[place].id);
    char *text = malloc(DISTANCES_MAX);
    if (text == NULL)
        return unreadable(source, path, ENOMEM);
    uint32_t *row = &topology->distance[(size_t)place * topology->count];
    const int problem = linux_read_text(source->sysfs, path, text, DISTANCES_MAX);
    np_status status = NP_OK;
    if (problem != 0 && problem != ENOENT)
        status = unreadable(source, path, problem);
    else if (problem == 0 && !parse_distances(text, row, topology->count))
        status = bad_file(source, path, "not one distance above 0 for each online node");
    free(text);
    return status;
}

static np_status fill_nodes(const struct source *source, np_topology *topology)
{
    np_status status = NP_OK;
    for (unsigned place = 0; status == NP_OK && place < topology->count; place++) {
        status = read_cpus(source, topology, place);
        if (status == NP_OK)
            status = read_memory(source, topology, place);
        if (status == NP_OK)
            status = read_distances(source, topology, place);
    }
    if (status == NP_OK && !np_cpuset_equal(&topology->cpus, &source->online))
        status = bad_file(source, "devices/system/cpu/online", "has a CPU that no node has");
    return status;
}

static void fill_single_node(const struct source *source, np_topology *topology, uint64_t memory)
{
    topology_give_cpus(topology, 0, &source->online);
    topology->node[0].memory_bytes = memory;
    topology->distance[0] = 10; /* From a node to itself, by definition of the unit. */
}

np_status topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory_without_nodes, np_topology **topology, np_error *error)
{
    struct source source = {.sysfs = sysfs, .root = root, .error = error};
    static const char online_cpus[] = "devices/system/cpu/online";
    int problem = linux_read_cpus(sysfs, online_cpus, &source.online);
    if (problem != 0)
        return unreadable(&source, online_cpus, problem);
    if (np_cpuset_count(&source.online) == 0)
        return bad_file(&source, online_cpus, "has no CPU");

    static const char online_nodes[] = "devices/system/node/online";
    np_nodeset nodes = {0};
    problem = linux_read_nodes(sysfs, online_nodes, &nodes);
    const bool without_numa = problem == ENOENT;
    if (without_numa)
        np_nodeset_add(&nodes, 0, NULL);
    else if (problem != 0)
        return unreadable(&source, online_nodes, problem);
    else if (np_nodeset_count(&nodes) == 0)
        return bad_file(&source, online_nodes, "has no node");

    np_topology *made = topology_new(&nodes);
    if (made == NULL)
        return unreadable(&source, "devices/system/node", ENOMEM);
    np_status status = NP_OK;
    if (without_numa)
        fill_single_node(&source, made, memory_without_nodes);
    else
        status = fill_nodes(&source, made);
    if (status != NP_OK) {
        np_topology_destroy(made);
        return status;
    }
    topology_limit_usable(made, &made->cpus, &made->nodes);
    *topology = made;
    return NP_OK;
}
