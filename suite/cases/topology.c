/*
 * Discovery: the nodes, CPUs, memory and distances of this machine, as sysfs has them.
 */
#include "topology.h"

np_topology *discover(np_error *error)
{
    np_topology *topology = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    EXPECT(topology != NULL);
    return topology;
}

static void expect_node(const np_topology *topology, unsigned node, np_error *error)
{
    struct ids cpus = oracle_cpus_of_node(node), memory = oracle_memory_nodes(), allowed = oracle_allowed_nodes();
    np_node described;
    np_cpuset of_node;

    EXPECT_WITH("node %u", node);
    memset(&described, 0xff, sizeof described.id);
    EXPECT_OK(api->topology_node(topology, node, &described, error));
    EXPECT_INT(described.id, ==, node);
    EXPECT_IDS(ids_of_cpuset(&described.cpus), cpus);
    EXPECT_INT(described.has_cpus, ==, ids_count(&cpus) > 0);
    EXPECT_INT(described.has_memory, ==, ids_has(&memory, node));
    EXPECT_INT(described.usable, ==, ids_has(&memory, node) && ids_has(&allowed, node));
    EXPECT_INT(described.reserved, ==, 0);
    for (int i = 0; i < 4; i++)
        EXPECT_INT(described.spare[i], ==, 0);
    EXPECT_OK(api->topology_cpus_of_node(topology, node, &of_node, error));
    EXPECT_IDS(ids_of_cpuset(&of_node), cpus);
}

static void expect_distances(const np_topology *topology, unsigned initiator, const struct ids *nodes, np_error *error)
{
    for (int target = ids_first(nodes); target >= 0; target = ids_next(nodes, target)) {
        int declared = oracle_distance(initiator, (unsigned)target);
        unsigned distance = 7777;
        EXPECT_WITH("distance from node %u to node %d", initiator, target);
        if (declared > 0) {
            EXPECT_OK(api->topology_distance(topology, initiator, (unsigned)target, &distance, error));
            EXPECT_INT(distance, ==, declared);
        } else {
            EXPECT_STATUS(
                api->topology_distance(topology, initiator, (unsigned)target, &distance, error), NP_NOT_AVAILABLE);
            EXPECT_INT(distance, ==, 7777);
        }
    }
}

void expect_is_this_machine(const np_topology *topology, np_error *error)
{
    struct ids nodes = oracle_online_nodes();
    np_nodeset found;
    np_cpuset cpus;

    EXPECT(api->topology_is_this_machine(topology));
    EXPECT_INT(api->topology_node_count(topology), ==, ids_count(&nodes));
    EXPECT_OK(api->topology_nodes(topology, &found, error));
    EXPECT_IDS(ids_of_nodeset(&found), nodes);
    EXPECT_OK(api->topology_cpus(topology, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), oracle_online_cpus());
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        expect_node(topology, (unsigned)node, error);
        expect_distances(topology, (unsigned)node, &nodes, error);
    }
}

/* A balloon or a hotplug may change a node's memory at any moment: what counts is a picture between two equal looks. */
static void expect_memory(unsigned node, np_error *error)
{
    for (int attempt = 0; attempt < 10; attempt++) {
        np_node described;
        uint64_t before = oracle_node_memory(node).total;
        np_topology *topology = discover(error);
        EXPECT_OK(api->topology_node(topology, node, &described, error));
        api->topology_destroy(topology);
        if (oracle_node_memory(node).total != before)
            continue;
        EXPECT_INT(described.memory_bytes, ==, before);
        return;
    }
    case_inconclusive("the memory of node %u changes all the time", node);
}

CASE(topology_as_sysfs, "nodes, CPUs and distances are as sysfs has them", CLAUSES("TOPO-1", "TOPO-3", "TOPO-4"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);

    expect_is_this_machine(topology, error);
    api->topology_destroy(topology);
}

CASE(topology_memory_as_sysfs, "each node has the memory that sysfs says", CLAUSES("TOPO-1"), NEEDS_NOTHING)
{
    struct ids nodes = oracle_online_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        expect_memory((unsigned)node, error);
}

CASE(topology_leaves_nothing, "discovery and its end leave descriptors, mappings and threads as they were",
    CLAUSES("TOPO-1", "TOPO-8"), NEEDS_NOTHING)
{
    api->topology_destroy(discover(error));
    EXPECT_STATE_TAKEN();
    api->topology_destroy(discover(error));
    EXPECT_STATE_KEPT();
    for (int i = 0; i < 5; i++)
        api->topology_destroy(discover(error));
    api->topology_destroy(NULL);
    EXPECT_MAPPINGS_KEPT();
}

CASE(topology_ids_are_not_positions, "nodes are looked up by id, and an id that is no node is no node",
    CLAUSES("TOPO-2", "TOPO-4", "LAW-6"), NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids nodes = oracle_online_nodes();
    unsigned home = (unsigned)ids_first(&nodes), distance = 7777;
    np_cpuset cpus = cpuset_of(5), before = cpus;
    np_node description = {.id = 4242};

    for (unsigned node = 0; node < NP_NODE_MAX + 2; node++) {
        if (ids_has(&nodes, node))
            continue;
        EXPECT_WITH("node %u, which is none", node);
        EXPECT_STATUS(api->topology_node(topology, node, &description, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_cpus_of_node(topology, node, &cpus, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_distance(topology, home, node, &distance, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_distance(topology, node, home, &distance, error), NP_INVALID_ARGUMENT);
    }
    EXPECT_INT(description.id, ==, 4242);
    EXPECT_INT(distance, ==, 7777);
    EXPECT_IDS(ids_of_cpuset(&cpus), ids_of_cpuset(&before));
}

CASE(topology_with_gaps, "with a gap in the ids every node is itself, with its own CPUs and distances",
    CLAUSES("TOPO-2", "TOPO-1"), NEEDS(.gap_in_nodes = true))
{
    expect_is_this_machine(discover(error), error);
}

CASE(topology_node_without_cpus, "a node without CPUs is a node, and says that it has none", CLAUSES("TOPO-3"),
    NEEDS(.node_without_cpus = true))
{
    expect_is_this_machine(discover(error), error);
}

CASE(topology_node_without_memory, "a node without memory is a node, and says that it has none", CLAUSES("TOPO-3"),
    NEEDS(.node_without_memory = true))
{
    expect_is_this_machine(discover(error), error);
}

CASE(topology_node_of_cpu, "every online CPU belongs to the node that sysfs puts it in, and no other CPU to any",
    CLAUSES("TOPO-4", "LAW-6"), NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids online = oracle_online_cpus();

    for (unsigned cpu = 0; cpu < NP_CPU_MAX + 2; cpu++) {
        unsigned node = 7777;
        EXPECT_WITH("CPU %u", cpu);
        if (ids_has(&online, cpu)) {
            EXPECT_OK(api->topology_node_of_cpu(topology, cpu, &node, error));
            EXPECT_INT(node, ==, oracle_node_of_cpu(cpu));
        } else {
            EXPECT_STATUS(api->topology_node_of_cpu(topology, cpu, &node, error), NP_INVALID_ARGUMENT);
            EXPECT_INT(node, ==, 7777);
        }
    }
}

CASE(topology_of_one_node, "a machine without NUMA is node 0 with all CPUs, and pins and regions work on it",
    CLAUSES("TOPO-7"), NEEDS(.nodes_at_most = 1))
{
    np_topology *topology = discover(error);
    np_policy policy = policy_of(NP_POLICY_BIND, ids_of(0));
    np_region *region = NULL;
    np_pin *pin = NULL;

    expect_is_this_machine(topology, error);
    EXPECT_OK(api->pin_to_node(topology, 0, NP_SOFT, &pin, error));
    EXPECT_OK(api->pin_release(pin, error));
    EXPECT_OK(api->region_allocate(1 << 16, &policy, &region, error));
    memset(api->region_address(region), 1, 1 << 16);
    EXPECT_INT(oracle_pages(api->region_address(region), 1 << 16, oracle_page_bytes()).absent, ==, 0);
    api->region_release(region);
}

CASE(topology_of_null, "null is refused everywhere, or is a topology of nothing", CLAUSES("TOPO-4", "LAW-6", "LAW-8"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    np_nodeset nodes;
    np_cpuset cpus;
    np_node node;
    unsigned number;

    EXPECT(!api->topology_is_this_machine(NULL));
    EXPECT_INT(api->topology_node_count(NULL), ==, 0);
    EXPECT_STATUS(api->topology_discover(NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_nodes(NULL, &nodes, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_nodes(topology, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_cpus(NULL, &cpus, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_cpus(topology, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_usable_cpus(NULL, &cpus, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_usable_nodes(topology, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_node(NULL, 0, &node, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_node(topology, 0, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_node_of_cpu(NULL, 0, &number, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_node_of_cpu(topology, 0, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_cpus_of_node(NULL, 0, &cpus, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_cpus_of_node(topology, 0, NULL, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_distance(NULL, 0, 0, &number, error), NP_INVALID_ARGUMENT);
    EXPECT_STATUS(api->topology_distance(topology, 0, 0, NULL, error), NP_INVALID_ARGUMENT);
}

CASE_LIST(topology_cases, &topology_as_sysfs, &topology_memory_as_sysfs, &topology_leaves_nothing,
    &topology_ids_are_not_positions, &topology_with_gaps, &topology_node_without_cpus, &topology_node_without_memory,
    &topology_node_of_cpu, &topology_of_one_node, &topology_of_null);
