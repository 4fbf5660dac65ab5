/*
 * Topologies of machines that are not this one: told from this one, looked up by id, and never acted on.
 *
 * The exported machine below has ids with gaps, nodes of different size and distances that are not symmetric, so that
 * what needs such a machine is tested on every machine.
 */
#include "topology.h"

#include <sys/mman.h>
#include <unistd.h>

#define CPUS_AND_NODES(cpus, nodes)                                                                                    \
    " cpuset=\"" cpus "\" complete_cpuset=\"" cpus "\" nodeset=\"" nodes "\" complete_nodeset=\"" nodes "\" "
#define CORE(core, cpu, gp_core, gp_cpu, bit, nodes)                                                                   \
    "<object type=\"Core\" os_index=\"" core                                                                           \
    "\"" CPUS_AND_NODES(bit, nodes) "gp_index=\"" gp_core "\">"                                                        \
                                    "<object type=\"PU\" os_index=\"" cpu                                              \
                                    "\"" CPUS_AND_NODES(bit, nodes) "gp_index=\"" gp_cpu "\"/></object>"

/* Node 1 with CPUs 0-1 and 1 GiB, node 5 with CPUs 2-3 and 2 GiB; from 1 to 5 it is 21 far, from 5 to 1 it is 31. */
static const char exported_machine[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n<topology version=\"2.0\">"
    "<object type=\"Machine\" os_index=\"0\" allowed_cpuset=\"0x0000000f\" "
    "allowed_nodeset=\"0x00000022\"" CPUS_AND_NODES("0x0000000f",
        "0x00000022") "gp_index=\"1\">"
                      "<object type=\"Package\" os_index=\"0\"" CPUS_AND_NODES("0x00000003",
                          "0x00000002") "gp_index=\"2\">"
                                        "<object type=\"NUMANode\" os_index=\"1\"" CPUS_AND_NODES("0x00000003",
                                            "0x00000002") "gp_index=\"3\" local_memory=\"1073741824\"><page_type "
                                                          "size=\"4096\" count=\"262144\"/></object>" CORE(
                                                              "0", "0", "4", "5", "0x00000001", "0x00000002") CORE("1",
                                                              "1", "6", "7", "0x00000002",
                                                              "0x00000002") "</object>"
                                                                            "<object type=\"Package\" "
                                                                            "os_index=\"1\"" CPUS_AND_NODES(
                                                                                "0x0000000c",
                                                                                "0x00000020") "gp_index=\"8\">"
                                                                                              "<object "
                                                                                              "type=\"NUMANode\" "
                                                                                              "os_index="
                                                                                              "\"5\"" CPUS_AND_NODES(
                                                                                                  "0x0000000c",
                                                                                                  "0x00000020") "gp_"
                                                                                                                "index="
                                                                                                                "\"9\" "
                                                                                                                "local_"
                                                                                                                "memory"
                                                                                                                "=\"214"
                                                                                                                "748364"
                                                                                                                "8\"><"
                                                                                                                "page_"
                                                                                                                "type "
                                                                                                                "size="
                                                                                                                "\"4096"
                                                                                                                "\" "
                                                                                                                "count="
                                                                                                                "\"5242"
                                                                                                                "88\"/"
                                                                                                                "></"
                                                                                                                "object"
                                                                                                                ">" CORE(
                                                                                                                    "0",
                                                                                                                    "2",
                                                                                                                    "1"
                                                                                                                    "0",
                                                                                                                    "1"
                                                                                                                    "1",
                                                                                                                    "0x"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "0"
                                                                                                                    "4",
                                                                                                                    "0x"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "2"
                                                                                                                    "0") CORE("1",
                                                                                                                    "3",
                                                                                                                    "1"
                                                                                                                    "2",
                                                                                                                    "1"
                                                                                                                    "3",
                                                                                                                    "0x"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "0"
                                                                                                                    "8",
                                                                                                                    "0x"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "00"
                                                                                                                    "2"
                                                                                                                    "0") "</object></object>"
                                                                                                                         "<distances2 type=\"NUMANode\" nbobjs=\"2\" kind=\"5\" name=\"NUMALatency\" indexing=\"os\">"
                                                                                                                         "<indexes length=\"4\">1 5 </indexes><u64values length=\"12\">10 21 31 10 </u64values></distances2>"
                                                                                                                         "</topology>\n";

static np_topology *import(np_error *error)
{
    np_topology *topology = NULL;
    char path[40];
    int file = memfd_create("machine.xml", MFD_CLOEXEC);

    if (file < 0 || write(file, exported_machine, sizeof exported_machine - 1) != (ssize_t)sizeof exported_machine - 1)
        case_error("the exported machine cannot be written");
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    EXPECT_OK(api->topology_from_xml(path, &topology, error));
    close(file);
    return topology;
}

CASE(topology_imported, "an exported machine is as its file says: ids with gaps, CPUs, memory, distances both ways",
    CLAUSES("TOPO-9", "TOPO-2", "TOPO-4"), NEEDS_NOTHING)
{
    static const struct {
        unsigned initiator, target, distance;
    } rows[] = {{1, 1, 10}, {1, 5, 21}, {5, 1, 31}, {5, 5, 10}};
    np_topology *topology = import(error);
    np_nodeset nodes;
    np_node node;
    unsigned distance = 0, of_cpu = 0;

    EXPECT(!api->topology_is_this_machine(topology));
    EXPECT_INT(api->topology_node_count(topology), ==, 2);
    EXPECT_OK(api->topology_nodes(topology, &nodes, error));
    EXPECT_IDS(ids_of_nodeset(&nodes), ids_of(1, 5));
    EXPECT_OK(api->topology_node(topology, 1, &node, error));
    EXPECT_IDS(ids_of_cpuset(&node.cpus), ids_of(0, 1));
    EXPECT_INT(node.memory_bytes, ==, INT64_C(1) << 30);
    EXPECT_OK(api->topology_node(topology, 5, &node, error));
    EXPECT_INT(node.id, ==, 5);
    EXPECT_IDS(ids_of_cpuset(&node.cpus), ids_of(2, 3));
    EXPECT_INT(node.memory_bytes, ==, INT64_C(2) << 30);
    EXPECT_OK(api->topology_node_of_cpu(topology, 3, &of_cpu, error));
    EXPECT_INT(of_cpu, ==, 5);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EXPECT_WITH("distance from %u to %u", rows[i].initiator, rows[i].target);
        EXPECT_OK(api->topology_distance(topology, rows[i].initiator, rows[i].target, &distance, error));
        EXPECT_INT(distance, ==, rows[i].distance);
    }
}

CASE(topology_positions_are_no_ids,
    "with gaps a position is not an id: nodes 0, 2 and 6 of an exported machine are none", CLAUSES("TOPO-2", "LAW-6"),
    NEEDS_NOTHING)
{
    static const unsigned none[] = {0, 2, 4, 6, 7};
    np_topology *topology = import(error);

    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        np_node node;
        np_cpuset cpus;
        unsigned distance;
        EXPECT_WITH("node %u", none[i]);
        EXPECT_STATUS(api->topology_node(topology, none[i], &node, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_cpus_of_node(topology, none[i], &cpus, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_distance(topology, 1, none[i], &distance, error), NP_INVALID_ARGUMENT);
        EXPECT_STATUS(api->topology_distance(topology, none[i], 5, &distance, error), NP_INVALID_ARGUMENT);
    }
}

CASE(topology_synthetic, "a described machine has the nodes and CPUs of its description, and is not this one",
    CLAUSES("TOPO-9"), NEEDS_NOTHING)
{
    np_topology *topology = NULL;

    EXPECT_OK(api->topology_from_synthetic("node:4 core:2 pu:2", &topology, error));
    EXPECT(!api->topology_is_this_machine(topology));
    EXPECT_INT(api->topology_node_count(topology), ==, 4);
    for (unsigned node = 0; node < 4; node++) {
        np_cpuset cpus;
        EXPECT_WITH("node %u", node);
        EXPECT_OK(api->topology_cpus_of_node(topology, node, &cpus, error));
        EXPECT_IDS(ids_of_cpuset(&cpus), ids_of(4 * node, 4 * node + 1, 4 * node + 2, 4 * node + 3));
    }
    api->topology_destroy(topology);
}

CASE(topology_bad_descriptions, "a description or a file that is none is an error, and no topology",
    CLAUSES("TOPO-9", "LAW-6", "LAW-8"), NEEDS_NOTHING)
{
    np_topology *const untouched = (np_topology *)(uintptr_t)0x5a5a;
    np_topology *topology = untouched;

    EXPECT_INVALID(api->topology_from_synthetic(NULL, &topology, error));
    EXPECT_INVALID(api->topology_from_synthetic("node:2 core:2 pu:2", NULL, error));
    EXPECT_INVALID(api->topology_from_synthetic("no machine at all", &topology, error));
    EXPECT_INVALID(api->topology_from_synthetic("node:99999999 pu:99999999", &topology, error));
    EXPECT_INVALID(api->topology_from_xml(NULL, &topology, error));
    EXPECT_INVALID(api->topology_from_xml("/proc/self/cmdline", &topology, error));
    EXPECT_STATUS(api->topology_from_xml("/proc/no/such/file.xml", &topology, error), NP_SYSTEM);
    EXPECT(topology == untouched);
}

/* A pin to @node of @topology is a wrong call in both modes, and moves nobody. */
static void expect_no_pin_through(const np_topology *topology, unsigned node, np_error *error)
{
    static const np_mode modes[] = {NP_SOFT, NP_STRICT};
    np_pin *pin = NULL;

    for (int i = 0; i < 2; i++) {
        EXPECT_WITH("node %u, mode %d", node, (int)modes[i]);
        EXPECT_INVALID(api->pin_to_node(topology, node, modes[i], &pin, error));
    }
    EXPECT(pin == NULL);
}

CASE(topology_is_not_acted_on,
    "nothing is pinned through a topology that is not this machine, even where the ids agree",
    CLAUSES("TOPO-9", "LAW-6"), NEEDS_NOTHING)
{
    np_topology *described = NULL;

    EXPECT_OK(api->topology_from_synthetic("node:1 core:1 pu:1", &described, error));
    expect_no_pin_through(described, 0, error);
    expect_no_pin_through(import(error), 1, error);
    expect_no_pin_through(import(error), 5, error);
}

CASE_LIST(topology_elsewhere_cases, &topology_imported, &topology_positions_are_no_ids, &topology_synthetic,
    &topology_bad_descriptions, &topology_is_not_acted_on);
