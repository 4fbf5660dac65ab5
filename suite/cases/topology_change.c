/*
 * A topology is a picture: it stays as it is while the machine changes, and many may look at it.
 */
#include "topology.h"

#include <pthread.h>
#include <stdlib.h>

static void *look_often(void *closure)
{
    static _Thread_local np_error own;

    for (int i = 0; i < 5; i++)
        expect_is_this_machine(closure, &own);
    return NULL;
}

CASE(topology_is_shared, "many threads read one topology at once, and all read the truth", CLAUSES("TOPO-8"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        EXPECT_INT(pthread_create(&threads[i], NULL, look_often, topology), ==, 0);
    for (int i = 0; i < 4; i++)
        EXPECT_INT(pthread_join(threads[i], NULL), ==, 0);
}

CASE(topology_is_immutable, "a CPU that goes offline is gone from the next picture, and stays in the one taken before",
    CLAUSES("TOPO-8", "TOPO-1"), NEEDS(.cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    np_topology *before = discover(error);
    np_cpuset cpus;
    unsigned node = 7777;
    struct ids online = oracle_online_cpus();

    unsigned gone = fault_offline_one_cpu();
    EXPECT_OK(api->topology_cpus(before, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), online);
    EXPECT_OK(api->topology_node_of_cpu(before, gone, &node, error));
    np_topology *after = discover(error);
    expect_is_this_machine(after, error);
    EXPECT_STATUS(api->topology_node_of_cpu(after, gone, &node, error), NP_INVALID_ARGUMENT);
}

CASE(topology_usable, "usable are the CPUs and the nodes that this process's cpuset lets it have", CLAUSES("TOPO-10"),
    NEEDS_NOTHING)
{
    np_topology *topology = discover(error);
    struct ids memory = oracle_memory_nodes(), allowed = oracle_allowed_nodes();
    np_cpuset cpus;
    np_nodeset nodes;

    EXPECT_OK(api->topology_usable_cpus(topology, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), oracle_allowed_cpus());
    EXPECT_OK(api->topology_usable_nodes(topology, &nodes, error));
    EXPECT_IDS(ids_of_nodeset(&nodes), ids_and(&memory, &allowed));
}

CASE(topology_usable_when_pinned, "what is usable does not shrink with the caller's own affinity", CLAUSES("TOPO-10"),
    NEEDS(.cpus = 2))
{
    struct ids allowed = oracle_allowed_cpus(), one = ids_of((unsigned)ids_first(&allowed));
    np_cpuset cpus;

    fault_repin_from_outside(oracle_self(), &one);
    np_topology *topology = discover(error);
    EXPECT_OK(api->topology_usable_cpus(topology, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), allowed);
    EXPECT_IDS(oracle_affinity(0), one);
}

CASE(topology_in_a_cpuset, "a cpuset shows in what is usable, and not in what is online", CLAUSES("TOPO-10", "TOPO-1"),
    NEEDS(.cpus = 2, .faults = FAULT_CPUSET))
{
    struct ids online = oracle_online_cpus(), one = ids_of((unsigned)ids_first(&online));
    struct ids memory = oracle_memory_nodes(), node = ids_of((unsigned)ids_first(&memory));
    np_cpuset cpus;
    np_nodeset nodes;

    fault_cpuset(&one, &node);
    np_topology *topology = discover(error);
    expect_is_this_machine(topology, error);
    EXPECT_OK(api->topology_usable_cpus(topology, &cpus, error));
    EXPECT_IDS(ids_of_cpuset(&cpus), one);
    EXPECT_OK(api->topology_usable_nodes(topology, &nodes, error));
    EXPECT_IDS(ids_of_nodeset(&nodes), node);
}

CASE(topology_faked_by_environment, "a machine described in the environment is not taken for this one",
    CLAUSES("TOPO-9"), NEEDS_NOTHING)
{
    np_topology *topology = NULL;

    EXPECT_INT(setenv("HWLOC_SYNTHETIC", "node:4 core:2 pu:2", 1), ==, 0);
    np_status status = api->topology_discover(&topology, NULL);
    EXPECT(status == NP_OK || status == NP_SYSTEM);
    if (status == NP_OK && api->topology_is_this_machine(topology))
        expect_is_this_machine(topology, error);
}

CASE_LIST(topology_change_cases, &topology_is_shared, &topology_is_immutable, &topology_usable,
    &topology_usable_when_pinned, &topology_in_a_cpuset, &topology_faked_by_environment);
