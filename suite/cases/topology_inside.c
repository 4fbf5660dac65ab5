/*
 * The inside of nodes: cores, last-level caches and sockets as sysfs has them, and what firmware declares of accesses.
 */
#include "topology.h"

static const struct {
    np_group group;
    enum oracle_share share;
    const char *name;
} groups[] = {{NP_GROUP_CORE, ORACLE_CORE, "core"}, {NP_GROUP_CACHE, ORACLE_CACHE, "cache"},
    {NP_GROUP_SOCKET, ORACLE_SOCKET, "socket"}};

#define FOR_EACH_GROUP(i) for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)

CASE(topology_groups_of_cpus, "the core, last-level cache and socket of every CPU are as sysfs has them",
    CLAUSES("TOPO-5"), NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids online = oracle_online_cpus();

    FOR_EACH_GROUP(i)
    for (int cpu = ids_first(&online); cpu >= 0; cpu = ids_next(&online, cpu)) {
        struct ids shared = oracle_sharing(groups[i].share, (unsigned)cpu);
        np_cpuset cpus;
        EXPECT_WITH("%s of CPU %d", groups[i].name, cpu);
        if (ids_count(&shared) == 0) {
            EXPECT_STATUS(
                api->topology_group_of_cpu(topology, groups[i].group, (unsigned)cpu, &cpus, error), NP_NOT_AVAILABLE);
            continue;
        }
        EXPECT_OK(api->topology_group_of_cpu(topology, groups[i].group, (unsigned)cpu, &cpus, error));
        EXPECT_IDS(ids_of_cpuset(&cpus), shared);
    }
}

/* The groups of a node, in order, are those of its CPUs, each once, cut to the node. */
static void expect_groups(const np_topology *topology, size_t i, unsigned node, np_error *error)
{
    struct ids left = oracle_cpus_of_node(node);
    unsigned count = 0, next = 0;
    np_cpuset cpus;

    EXPECT_WITH("%s on node %u", groups[i].name, node);
    EXPECT_OK(api->topology_group_count(topology, groups[i].group, node, &count, error));
    while (ids_count(&left) > 0) {
        struct ids own = oracle_cpus_of_node(node),
                   shared = oracle_sharing(groups[i].share, (unsigned)ids_first(&left));
        struct ids group = ids_and(&shared, &own);
        EXPECT_INT(next, <, count);
        EXPECT_OK(api->topology_group(topology, groups[i].group, node, next++, &cpus, error));
        EXPECT_IDS(ids_of_cpuset(&cpus), group);
        left = ids_minus(&left, &group);
    }
    EXPECT_INT(count, ==, next);
    EXPECT_STATUS(api->topology_group(topology, groups[i].group, node, count, &cpus, error), NP_INVALID_ARGUMENT);
}

CASE(topology_groups_of_nodes,
    "each node's cores, caches and sockets are listed, each once, in the order of their CPUs", CLAUSES("TOPO-5"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids nodes = oracle_online_nodes();

    FOR_EACH_GROUP(i)
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids own = oracle_cpus_of_node((unsigned)node);
        struct ids shared =
            ids_count(&own) > 0 ? oracle_sharing(groups[i].share, (unsigned)ids_first(&own)) : ids_none();
        if (ids_count(&own) == 0 || ids_count(&shared) > 0)
            expect_groups(topology, i, (unsigned)node, error);
    }
}

CASE(topology_groups_of_a_description, "a described machine's cores, caches and sockets are those of its description",
    CLAUSES("TOPO-5", "TOPO-9"), NEEDS_NOTHING)
{
    np_topology *topology = NULL;
    np_cpuset cpus;
    unsigned count = 0;

    EXPECT_OK(api->topology_from_synthetic("pack:2 node:2 l3:2 core:2 pu:2", &topology, error));
    EXPECT_OK(api->topology_group_of_cpu(topology, NP_GROUP_CORE, 5, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), ids_of(4, 5));
    EXPECT_OK(api->topology_group_of_cpu(topology, NP_GROUP_CACHE, 5, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), ids_of(4, 5, 6, 7));
    EXPECT_OK(api->topology_group_of_cpu(topology, NP_GROUP_SOCKET, 17, &cpus, error));
    EXPECT_INT(api->cpuset_count(&cpus), ==, 16);
    EXPECT_OK(api->topology_group_count(topology, NP_GROUP_CORE, 1, &count, error));
    EXPECT_INT(count, ==, 4);
    EXPECT_OK(api->topology_group_count(topology, NP_GROUP_CACHE, 1, &count, error));
    EXPECT_INT(count, ==, 2);
    EXPECT_OK(api->topology_group(topology, NP_GROUP_CACHE, 1, 1, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), ids_of(12, 13, 14, 15));
    api->topology_destroy(topology);
}

CASE(topology_wrong_groups, "an unknown group, CPU or node is a wrong argument", CLAUSES("TOPO-5", "LAW-6"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids online = oracle_online_cpus();
    unsigned cpu = (unsigned)ids_first(&online), count;
    np_cpuset cpus;

    EXPECT_INVALID(api->topology_group_of_cpu(NULL, NP_GROUP_CORE, cpu, &cpus, error));
    EXPECT_INVALID(api->topology_group_of_cpu(topology, NP_GROUP_CORE, cpu, NULL, error));
    EXPECT_INVALID(api->topology_group_of_cpu(topology, (np_group)3, cpu, &cpus, error));
    EXPECT_INVALID(api->topology_group_of_cpu(topology, (np_group)-1, cpu, &cpus, error));
    EXPECT_INVALID(api->topology_group_of_cpu(topology, NP_GROUP_CORE, NP_CPU_MAX, &cpus, error));
    EXPECT_INVALID(api->topology_group_count(topology, NP_GROUP_SOCKET, NP_NODE_MAX, &count, error));
    EXPECT_INVALID(api->topology_group_count(topology, (np_group)7, 0, &count, error));
    EXPECT_INVALID(api->topology_group(topology, NP_GROUP_CACHE, NP_NODE_MAX, 0, &cpus, error));
}

CASE(topology_performance_as_declared,
    "what firmware declares of an access is reported; what it does not is not available", CLAUSES("TOPO-6"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids nodes = oracle_online_nodes();

    for (int target = ids_first(&nodes); target >= 0; target = ids_next(&nodes, target))
        for (int initiator = ids_first(&nodes); initiator >= 0; initiator = ids_next(&nodes, initiator)) {
            struct oracle_access declared;
            np_performance found = {.read_latency_ns = 7777};
            EXPECT_WITH("from node %d to node %d", initiator, target);
            if (!oracle_declared((unsigned)initiator, (unsigned)target, &declared)) {
                EXPECT_STATUS(api->topology_performance(topology, (unsigned)initiator, (unsigned)target, &found, error),
                    NP_NOT_AVAILABLE);
                EXPECT_INT(found.read_latency_ns, ==, 7777);
                continue;
            }
            EXPECT_OK(api->topology_performance(topology, (unsigned)initiator, (unsigned)target, &found, error));
            EXPECT_INT(found.read_latency_ns, ==, declared.read_latency);
            EXPECT_INT(found.write_latency_ns, ==, declared.write_latency);
            EXPECT_INT(found.read_bandwidth_mibs, ==, declared.read_bandwidth);
            EXPECT_INT(found.write_bandwidth_mibs, ==, declared.write_bandwidth);
        }
}

CASE(topology_performance_on_hmat, "on a machine whose firmware declares figures they are found", CLAUSES("TOPO-6"),
    NEEDS(.declared_figures = true))
{
    run_topology_performance_as_declared(self, error);
}

CASE_LIST(topology_inside_cases, &topology_groups_of_cpus, &topology_groups_of_nodes, &topology_groups_of_a_description,
    &topology_wrong_groups, &topology_performance_as_declared, &topology_performance_on_hmat);
