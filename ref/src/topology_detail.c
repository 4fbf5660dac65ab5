/*
 * Cores, caches, sockets, and what firmware declares of performance: questions about the inside of nodes and the way
 * between them.
 *
 * Groups are kept as one table a kind, from each CPU to the lowest CPU of its group. That answers every question by
 * walking a set, so that lookups need no memory of their own.
 */
#include "error_internal.h"
#include "topology_internal.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(np_performance) == 32, "the performance record is pinned");

static const char *const group_names[GROUP_COUNT] = {"core", "last-level cache", "socket"};

/* hwloc calls them memory attributes. */
static const struct {
    const char *name;
    size_t offset;
} figures[] = {
    {"ReadLatency", offsetof(np_performance, read_latency_ns)},
    {"WriteLatency", offsetof(np_performance, write_latency_ns)},
    {"ReadBandwidth", offsetof(np_performance, read_bandwidth_mibs)},
    {"WriteBandwidth", offsetof(np_performance, write_bandwidth_mibs)},
};
#define FIGURE_COUNT ((int)(sizeof figures / sizeof figures[0]))

const char *topology_figure_name(int figure)
{
    return figure >= 0 && figure < FIGURE_COUNT ? figures[figure].name : NULL;
}

int topology_figure(const char *name)
{
    for (int figure = 0; figure < FIGURE_COUNT; figure++)
        if (strcmp(figures[figure].name, name) == 0)
            return figure;
    return -1;
}

bool topology_set_figure(np_topology *topology, unsigned row, unsigned column, int figure, uint64_t value)
{
    if (topology->performance == NULL)
        topology->performance = calloc((size_t)topology->count * topology->count, sizeof(np_performance));
    if (topology->performance == NULL)
        return false;
    np_performance *performance = &topology->performance[(size_t)row * topology->count + column];
    memcpy((char *)performance + figures[figure].offset, &value, sizeof value);
    return true;
}

static np_status check_group(
    const np_topology *topology, np_group group, const void *result, const char *operation, np_error *error)
{
    const np_status status = topology_check(topology, result, operation, error);
    if (status != NP_OK)
        return status;
    if ((unsigned)group >= GROUP_COUNT)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation,
            "group %d is none of NP_GROUP_CORE (0), NP_GROUP_CACHE (1), NP_GROUP_SOCKET (2)", (int)group);
    return NP_OK;
}

static np_status not_described(
    const np_topology *topology, np_group group, unsigned cpu, const char *operation, np_error *error)
{
    if (topology->detail_missing[0] != '\0')
        return fail(error, NP_NOT_AVAILABLE, 0, operation, "%s", topology->detail_missing);
    return fail(error, NP_NOT_AVAILABLE, 0, operation, "nothing describes the %s of CPU %u", group_names[group], cpu);
}

np_status np_topology_group_of_cpu(
    const np_topology *topology, np_group group, unsigned cpu, np_cpuset *cpus, np_error *error)
{
    static const char operation[] = "topology group of CPU";
    np_status status = check_group(topology, group, cpus, operation, error);
    if (status == NP_OK)
        status = topology_find_cpu(topology, cpu, operation, error);
    if (status != NP_OK)
        return status;
    const uint16_t leader = topology->leader[group][cpu];
    if (leader == NO_CPU)
        return not_described(topology, group, cpu, operation, error);
    np_cpuset members = {0};
    for (int other = np_cpuset_first(&topology->cpus); other >= 0; other = np_cpuset_next(&topology->cpus, other))
        if (topology->leader[group][other] == leader)
            np_cpuset_add(&members, (unsigned)other, NULL);
    *cpus = members;
    return NP_OK;
}

/*
 * Walk the groups of a node in the order of their lowest CPUs there. Gives the number of them, and in @members the CPUs
 * of group number @index, which may be past the last.
 */
static np_status walk_groups(const np_topology *topology, np_group group, unsigned node, unsigned index,
    unsigned *count, np_cpuset *members, const char *operation, np_error *error)
{
    unsigned place = 0;
    const np_status status = topology_find_node(topology, node, &place, operation, error);
    if (status != NP_OK)
        return status;
    const uint16_t *leaders = topology->leader[group];
    const np_cpuset *cpus = &topology->node[place].cpus;
    np_cpuset seen = {0};
    uint16_t wanted = NO_CPU;
    unsigned number = 0;
    for (int cpu = np_cpuset_first(cpus); cpu >= 0; cpu = np_cpuset_next(cpus, cpu)) {
        if (leaders[cpu] == NO_CPU)
            return not_described(topology, group, (unsigned)cpu, operation, error);
        if (!np_cpuset_contains(&seen, leaders[cpu])) {
            np_cpuset_add(&seen, leaders[cpu], NULL);
            if (number++ == index)
                wanted = leaders[cpu];
        }
        if (leaders[cpu] == wanted)
            np_cpuset_add(members, (unsigned)cpu, NULL);
    }
    *count = number;
    return NP_OK;
}

np_status np_topology_group_count(
    const np_topology *topology, np_group group, unsigned node, unsigned *count, np_error *error)
{
    static const char operation[] = "topology group count";
    np_cpuset unused = {0};
    const np_status status = check_group(topology, group, count, operation, error);
    return status == NP_OK ? walk_groups(topology, group, node, NP_CPU_MAX, count, &unused, operation, error) : status;
}

np_status np_topology_group(
    const np_topology *topology, np_group group, unsigned node, unsigned index, np_cpuset *cpus, np_error *error)
{
    static const char operation[] = "topology group";
    unsigned count = 0;
    np_cpuset members = {0};
    np_status status = check_group(topology, group, cpus, operation, error);
    if (status == NP_OK)
        status = walk_groups(topology, group, node, index, &count, &members, operation, error);
    if (status != NP_OK)
        return status;
    if (index >= count)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "no %s of index %u on node %u: it has %u",
            group_names[group], index, node, count);
    *cpus = members;
    return NP_OK;
}

np_status np_topology_performance(
    const np_topology *topology, unsigned initiator, unsigned target, np_performance *performance, np_error *error)
{
    static const char operation[] = "topology performance";
    size_t way = 0;
    const np_status status = topology_find_way(topology, initiator, target, performance, &way, operation, error);
    if (status != NP_OK)
        return status;
    static const np_performance nothing = {0};
    const np_performance found = topology->performance != NULL ? topology->performance[way] : nothing;
    if (memcmp(&found, &nothing, sizeof found) == 0)
        return fail(error, NP_NOT_AVAILABLE, 0, operation,
            "%s%sfirmware declares nothing of node %u's access to node %u", topology->detail_missing,
            topology->detail_missing[0] != '\0' ? "; as far as known " : "", initiator, target);
    *performance = found;
    return NP_OK;
}
