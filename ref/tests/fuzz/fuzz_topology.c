/*
 * The checks behind fuzz_topology.h.
 *
 * The parsers themselves are hwloc's. hwloc 2.9 loses a few bytes on some descriptions that it refuses ("node:2 [numa]"):
 * that is not ours to find, and LeakSanitizer is told so. What leaks in our own code still counts.
 */
#include "fuzz_topology.h"
#include "fuzz.h"

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libhwloc\nleak:libxml2\n";
}

static void look_at_groups(const np_topology *topology, unsigned node)
{
    for (int kind = NP_GROUP_CORE; kind <= NP_GROUP_SOCKET; kind++) {
        unsigned count = 0;
        if (np_topology_group_count(topology, (np_group)kind, node, &count, NULL) != NP_OK)
            continue;
        for (unsigned index = 0; index < count; index++) {
            np_cpuset cpus;
            FUZZ_REQUIRE(np_topology_group(topology, (np_group)kind, node, index, &cpus, NULL) == NP_OK);
            FUZZ_REQUIRE(np_cpuset_count(&cpus) > 0);
        }
    }
}

static void look_at_node(const np_topology *topology, const np_nodeset *nodes, unsigned id)
{
    np_node node;
    FUZZ_REQUIRE(np_topology_node(topology, id, &node, NULL) == NP_OK && node.id == id);
    for (int cpu = np_cpuset_first(&node.cpus); cpu >= 0; cpu = np_cpuset_next(&node.cpus, cpu)) {
        unsigned owner = NP_NODE_MAX;
        FUZZ_REQUIRE(np_topology_node_of_cpu(topology, (unsigned)cpu, &owner, NULL) == NP_OK && owner == id);
    }
    for (int other = np_nodeset_first(nodes); other >= 0; other = np_nodeset_next(nodes, other)) {
        unsigned distance = 0;
        np_performance performance;
        const np_status status = np_topology_distance(topology, id, (unsigned)other, &distance, NULL);
        FUZZ_REQUIRE(status == NP_OK ? distance > 0 : status == NP_NOT_AVAILABLE);
        np_topology_performance(topology, id, (unsigned)other, &performance, NULL);
    }
    look_at_groups(topology, id);
}

void fuzz_made(np_status status, np_topology *topology, const np_error *error)
{
    fuzz_check_error(status, error);
    FUZZ_REQUIRE((status == NP_OK) == (topology != NULL));
    if (status != NP_OK)
        return;
    np_nodeset nodes;
    np_cpuset cpus;
    np_cpuset usable;
    FUZZ_REQUIRE(!np_topology_is_this_machine(topology));
    FUZZ_REQUIRE(np_topology_nodes(topology, &nodes, NULL) == NP_OK);
    FUZZ_REQUIRE(np_topology_cpus(topology, &cpus, NULL) == NP_OK);
    FUZZ_REQUIRE(np_topology_usable_cpus(topology, &usable, NULL) == NP_OK);
    FUZZ_REQUIRE(np_cpuset_subset(&usable, &cpus));
    FUZZ_REQUIRE(np_topology_node_count(topology) >= 1);
    for (int id = np_nodeset_first(&nodes); id >= 0; id = np_nodeset_next(&nodes, id))
        look_at_node(topology, &nodes, (unsigned)id);
    np_topology_destroy(topology);
}
