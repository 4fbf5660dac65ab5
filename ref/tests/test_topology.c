/*
 * The topology of this machine, and topologies made without one: TOPO-1 to TOPO-10 as far as they can be seen here.
 */
#include "unit.h"
#include <malloc.h>
#include <numaproof/pin.h>
#include <numaproof/topology.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static np_topology *discover(void)
{
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = np_topology_discover(&topology, &error);
    unit_expect(status == NP_OK, __FILE__, __LINE__, "discovery: %s", error.reason);
    return topology;
}

static np_topology *synthetic(const char *description)
{
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = np_topology_from_synthetic(description, &topology, &error);
    unit_expect(status == NP_OK, __FILE__, __LINE__, "\"%s\": %s", description, error.reason);
    return topology;
}

static void expect_cpus(const np_cpuset *cpus, const char *list, int line)
{
    char seen[256];
    np_cpuset_format(cpus, seen, sizeof seen);
    unit_expect_text(seen, list, "CPUs", __FILE__, line);
}
#define EXPECT_CPUS(cpus, list) expect_cpus(&(cpus), list, __LINE__)

/* TOPO-1: as many CPUs as the C library counts online, every one on a node. */
static void this_machine(void)
{
    np_topology *topology = discover();
    np_cpuset cpus;
    np_cpuset usable;
    np_nodeset nodes;
    np_nodeset usable_nodes;
    EXPECT(np_topology_is_this_machine(topology));
    EXPECT_NUMBER(np_topology_cpus(topology, &cpus, NULL), NP_OK);
    EXPECT_NUMBER(np_cpuset_count(&cpus), sysconf(_SC_NPROCESSORS_ONLN));
    EXPECT_NUMBER(np_topology_nodes(topology, &nodes, NULL), NP_OK);
    EXPECT(np_topology_node_count(topology) >= 1);
    EXPECT_NUMBER(np_topology_usable_cpus(topology, &usable, NULL), NP_OK);
    EXPECT_NUMBER(np_topology_usable_nodes(topology, &usable_nodes, NULL), NP_OK);
    EXPECT(np_cpuset_count(&usable) >= 1 && np_cpuset_subset(&usable, &cpus));
    EXPECT(np_nodeset_count(&usable_nodes) >= 1 && np_nodeset_subset(&usable_nodes, &nodes));
    for (int cpu = np_cpuset_first(&cpus); cpu >= 0; cpu = np_cpuset_next(&cpus, cpu)) {
        unsigned node = NP_NODE_MAX;
        np_cpuset siblings;
        EXPECT_NUMBER(np_topology_node_of_cpu(topology, (unsigned)cpu, &node, NULL), NP_OK);
        EXPECT(np_nodeset_contains(&nodes, node));
        const np_status status = np_topology_group_of_cpu(topology, NP_GROUP_CORE, (unsigned)cpu, &siblings, NULL);
        EXPECT(status == NP_OK ? np_cpuset_contains(&siblings, (unsigned)cpu) : status == NP_NOT_AVAILABLE);
    }
    np_topology_destroy(topology);
}

/* TOPO-10: what is usable is the cpuset's affair; how this thread is pinned just now has no part in it. */
static void usable_while_pinned(void)
{
    np_topology *before = discover();
    np_cpuset usable;
    np_cpuset seen;
    np_topology_usable_cpus(before, &usable, NULL);
    np_pin *pin = NULL;
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)np_cpuset_first(&usable), NP_SOFT, &pin, NULL), NP_OK);
    np_topology *pinned = discover();
    np_topology_usable_cpus(pinned, &seen, NULL);
    EXPECT(np_cpuset_equal(&usable, &seen));
    bool holds = false;
    EXPECT_NUMBER(np_pin_verify(pin, &holds, NULL, NULL), NP_OK);
    EXPECT(holds);
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
    np_topology_destroy(pinned);
    np_topology_destroy(before);
}

/* No variable of hwloc's makes another machine out of this one: it costs the detail, and the reason names it. */
static void environment(void)
{
    static const char *const fakes[][2] = {{"HWLOC_SYNTHETIC", "node:4 core:4 pu:2"}, {"HWLOC_THISSYSTEM", "1"},
        {"HWLOC_XMLFILE", "/nonexistent"}, {"HWLOC_FSROOT", "/nonexistent"}, {"HWLOC_COMPONENTS", "synthetic"}};
    np_topology *real = discover();
    np_cpuset real_cpus;
    np_nodeset real_nodes;
    np_topology_cpus(real, &real_cpus, NULL);
    np_topology_nodes(real, &real_nodes, NULL);
    for (size_t i = 0; i < sizeof fakes / sizeof fakes[0]; i++) {
        setenv(fakes[i][0], fakes[i][1], 1);
        np_topology *topology = discover();
        np_cpuset cpus;
        np_nodeset nodes;
        np_topology_cpus(topology, &cpus, NULL);
        np_topology_nodes(topology, &nodes, NULL);
        EXPECT(np_cpuset_equal(&cpus, &real_cpus) && np_nodeset_equal(&nodes, &real_nodes));
        np_error error = {0};
        const unsigned cpu = (unsigned)np_cpuset_first(&cpus);
        EXPECT_ERROR(np_topology_group_of_cpu(topology, NP_GROUP_CORE, cpu, &cpus, &error), NP_NOT_AVAILABLE, error,
            fakes[i][0]);
        np_topology_destroy(topology);

        /* And none of them gets between a description and what is made of it. */
        topology = synthetic("node:3 core:2 pu:1");
        EXPECT_NUMBER(np_topology_node_count(topology), 3);
        EXPECT(!np_topology_is_this_machine(topology));
        np_topology_destroy(topology);
        unsetenv(fakes[i][0]);
    }
    np_topology_destroy(real);
}

/* TOPO-5, TOPO-9 on a machine that is two sockets of two nodes of two cores of two threads. */
static void from_synthetic(void)
{
    np_topology *topology = synthetic("pack:2 node:2(memory=1GB) l3:1 core:2 pu:2");
    EXPECT(!np_topology_is_this_machine(topology));
    EXPECT_NUMBER(np_topology_node_count(topology), 4);
    np_cpuset cpus;
    np_node node;
    unsigned count = 0;
    np_topology_cpus(topology, &cpus, NULL);
    EXPECT_CPUS(cpus, "0-15");
    np_topology_usable_cpus(topology, &cpus, NULL);
    EXPECT_CPUS(cpus, "0-15");
    EXPECT_NUMBER(np_topology_node(topology, 3, &node, NULL), NP_OK);
    EXPECT_CPUS(node.cpus, "12-15");
    EXPECT_NUMBER(node.memory_bytes, 1000000000);
    EXPECT(node.usable);
    np_topology_group_of_cpu(topology, NP_GROUP_CORE, 5, &cpus, NULL);
    EXPECT_CPUS(cpus, "4-5");
    np_topology_group_of_cpu(topology, NP_GROUP_CACHE, 5, &cpus, NULL);
    EXPECT_CPUS(cpus, "4-7");
    np_topology_group_of_cpu(topology, NP_GROUP_SOCKET, 5, &cpus, NULL);
    EXPECT_CPUS(cpus, "0-7");
    EXPECT_NUMBER(np_topology_group_count(topology, NP_GROUP_CORE, 1, &count, NULL), NP_OK);
    EXPECT_NUMBER(count, 2);
    np_topology_group(topology, NP_GROUP_CORE, 1, 1, &cpus, NULL);
    EXPECT_CPUS(cpus, "6-7");
    np_topology_group(topology, NP_GROUP_SOCKET, 1, 0, &cpus, NULL);
    EXPECT_CPUS(cpus, "4-7");

    /* An operation that would act on this machine through it is a wrong argument, in both modes. */
    np_error error = {0};
    np_pin *pin = NULL;
    EXPECT_ERROR(np_pin_to_node(topology, 0, NP_SOFT, &pin, &error), NP_INVALID_ARGUMENT, error, "not this machine");
    EXPECT_ERROR(np_pin_to_node(topology, 0, NP_STRICT, &pin, &error), NP_INVALID_ARGUMENT, error, "not this machine");
    np_topology_destroy(topology);
}

static void bad_descriptions(void)
{
    static const char *const bad[] = {"", "nonsense", "node:0", "node:2 core:", "node:2 pu:-1", "node:100000 pu:100000",
        "8193", "2 2 4097", "node:1025 pu:1", "node:2 [numa][numa][numa][numa] core:2048 pu:4",
        "node:18446744073709551615 core:2 pu:2", "node:2(memory=", "core:1 pack:512 [numa][numa][numa] pu:1",
        "pu:0x10000"};
    np_topology *const untouched = (np_topology *)&bad;
    np_topology *topology = untouched;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        np_error error = {0};
        const np_status status = np_topology_from_synthetic(bad[i], &topology, &error);
        unit_expect(status == NP_INVALID_ARGUMENT && error.reason[0] != '\0' && topology == untouched, __FILE__,
            __LINE__, "\"%s\" is status %d", bad[i], (int)status);
        if (status == NP_OK) {
            np_topology_destroy(topology);
            topology = untouched;
        }
    }
    np_error error = {0};
    EXPECT_ERROR(
        np_topology_from_synthetic(NULL, &topology, &error), NP_INVALID_ARGUMENT, error, "description is NULL");
    EXPECT_ERROR(np_topology_from_synthetic("2", NULL, &error), NP_INVALID_ARGUMENT, error, "topology is NULL");
    EXPECT_ERROR(np_topology_from_xml(NULL, &topology, &error), NP_INVALID_ARGUMENT, error, "path is NULL");
    EXPECT_ERROR(np_topology_from_xml("/nonexistent.xml", &topology, &error), NP_SYSTEM, error, "/nonexistent.xml");
    EXPECT_ERROR(np_topology_from_xml("/", &topology, &error), NP_SYSTEM, error, "directory");
    EXPECT_ERROR(np_topology_from_xml("/dev/null", &topology, &error), NP_INVALID_ARGUMENT, error, "");
    EXPECT_ERROR(np_topology_from_xml("/proc/self/exe", &topology, &error), NP_INVALID_ARGUMENT, error, "text");
    EXPECT(topology == untouched);
}

static const char *xml_folder;

/* TOPO-9 with files that hwloc exported: distances, a node without CPUs, what was not allowed. */
static void from_xml(void)
{
    char path[4096];
    np_topology *topology = NULL;
    np_error error = {0};
    snprintf(path, sizeof path, "%s/expander.xml", xml_folder);
    const np_status status = np_topology_from_xml(path, &topology, &error);
    unit_expect(status == NP_OK, __FILE__, __LINE__, "%s: %s", path, error.reason);
    if (status != NP_OK)
        return;
    EXPECT(!np_topology_is_this_machine(topology));
    np_nodeset nodes;
    np_cpuset cpus;
    np_node node;
    unsigned distance = 0;
    np_performance performance = {0};
    EXPECT_NUMBER(np_topology_node_count(topology), 3);
    EXPECT_NUMBER(np_topology_node(topology, 2, &node, NULL), NP_OK);
    EXPECT(!node.has_cpus && node.has_memory);
    EXPECT_NUMBER(np_topology_node(topology, 1, &node, NULL), NP_OK);
    EXPECT_CPUS(node.cpus, "2-3");
    np_topology_cpus(topology, &cpus, NULL);
    EXPECT_CPUS(cpus, "0-3");
    np_topology_usable_cpus(topology, &cpus, NULL);
    EXPECT_CPUS(cpus, "0-2");
    np_topology_usable_nodes(topology, &nodes, NULL);
    EXPECT(np_nodeset_contains(&nodes, 0) && !np_nodeset_contains(&nodes, 1) && np_nodeset_contains(&nodes, 2));
    EXPECT_NUMBER(np_topology_distance(topology, 0, 1, &distance, NULL), NP_OK);
    EXPECT_NUMBER(distance, 21);
    EXPECT_NUMBER(np_topology_distance(topology, 1, 2, &distance, NULL), NP_OK);
    EXPECT_NUMBER(distance, 28);
    EXPECT_NUMBER(np_topology_performance(topology, 1, 2, &performance, NULL), NP_OK);
    EXPECT_NUMBER(performance.read_latency_ns, 250);
    np_topology_destroy(topology);
}

static void write_file(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "we");
    EXPECT(file != NULL && fwrite(text, 1, length, file) == length && fclose(file) == 0);
}

/* A file that is cut anywhere, or says what cannot be, is refused with the line. */
static void bad_xml(void)
{
#define MACHINE          "<topology version=\"2.0\"><object type=\"Machine\" allowed_cpuset=\"0x1\" allowed_nodeset=\"0x1\">"
#define NODE(id, cpuset) "<object type=\"NUMANode\" os_index=\"" id "\" cpuset=\"" cpuset "\"/>"
#define CPU(id)          "<object type=\"PU\" os_index=\"" id "\"/>"
#define END              "</object></topology>"
    static const char *const bad[] = {
        "<html/>",
        "<topology version=\"1.0\"/>",
        "<topology version=\"2.0\"/>",
        "<topology version=\"2.0\"><object type=\"Machine\"/></topology>",
        MACHINE END,
        (MACHINE NODE("0", "0x1") END),
        (MACHINE CPU("0") END),
        (MACHINE NODE("0", "0x1") CPU("1") END),
        (MACHINE NODE("1024", "0x1") CPU("0") END),
        (MACHINE NODE("0", "0x1") CPU("8192") END),
        (MACHINE NODE("0", "0x1") CPU("-1") END),
        (MACHINE NODE("0", "0x1") CPU("0") CPU("0") END),
        (MACHINE NODE("0", "0x1") NODE("0", "0x1") CPU("0") END),
        (MACHINE NODE("0", "0xf...f") CPU("0") END),
        (MACHINE NODE("0", "1") CPU("0") END),
        (MACHINE NODE("0", "0x123456789") CPU("0") END),
        (MACHINE NODE("0", "0x") CPU("0") END),
    };
    char path[4096];
    static char whole[16384];
    snprintf(path, sizeof path, "%s/expander.xml", xml_folder);
    FILE *file = fopen(path, "re");
    const size_t length = file != NULL ? fread(whole, 1, sizeof whole, file) : 0;
    EXPECT(length > 1000 && length < sizeof whole && fclose(file) == 0);
    np_topology *topology = NULL;
    np_error error = {0};
    for (size_t cut = 0; cut < length - 20; cut += 97) {
        write_file("cut.xml", whole, cut);
        EXPECT_ERROR(np_topology_from_xml("cut.xml", &topology, &error), NP_INVALID_ARGUMENT, error, "line ");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_file("cut.xml", bad[i], strlen(bad[i]));
        EXPECT_ERROR(np_topology_from_xml("cut.xml", &topology, &error), NP_INVALID_ARGUMENT, error, "line 1");
        unit_expect(topology == NULL, __FILE__, __LINE__, "accepted: %s", bad[i]);
    }
    static const char good[] = MACHINE NODE("0", "0x1") CPU("0") END;
    write_file("cut.xml", good, strlen(good));
    EXPECT_NUMBER(np_topology_from_xml("cut.xml", &topology, NULL), NP_OK);
    np_topology_destroy(topology);
    EXPECT_NUMBER(unlink("cut.xml"), 0);
}

/* TOPO-4: unknown is an error, and every lookup says what there is. */
static void wrong_lookups(void)
{
    np_topology *topology = synthetic("node:2 core:2 pu:1");
    np_error error = {0};
    np_node node;
    np_cpuset cpus;
    np_nodeset nodes;
    np_performance performance;
    unsigned number = 77;
    EXPECT_ERROR(
        np_topology_distance(topology, 0, 1, &number, &error), NP_NOT_AVAILABLE, error, "node 1 is from node 0");
    EXPECT_ERROR(np_topology_performance(topology, 0, 1, &performance, &error), NP_NOT_AVAILABLE, error, "node 0");
    EXPECT_ERROR(np_topology_distance(topology, 0, 2, &number, &error), NP_INVALID_ARGUMENT, error, "it has 0-1");
    EXPECT_ERROR(np_topology_distance(topology, 1024, 0, &number, &error), NP_INVALID_ARGUMENT, error, "node 1024");
    EXPECT_ERROR(np_topology_node_of_cpu(topology, 4, &number, &error), NP_INVALID_ARGUMENT, error, "it has 0-3");
    EXPECT_ERROR(np_topology_node_of_cpu(topology, UINT32_MAX, &number, &error), NP_INVALID_ARGUMENT, error, "no CPU");
    EXPECT_ERROR(np_topology_node(topology, 2, &node, &error), NP_INVALID_ARGUMENT, error, "no node 2");
    EXPECT_ERROR(np_topology_cpus_of_node(topology, 9, &cpus, &error), NP_INVALID_ARGUMENT, error, "no node 9");
    EXPECT_ERROR(
        np_topology_group_of_cpu(topology, (np_group)3, 0, &cpus, &error), NP_INVALID_ARGUMENT, error, "group 3");
    EXPECT_ERROR(
        np_topology_group_of_cpu(topology, NP_GROUP_CORE, 4, &cpus, &error), NP_INVALID_ARGUMENT, error, "CPU 4");
    EXPECT_ERROR(
        np_topology_group_of_cpu(topology, NP_GROUP_CACHE, 0, &cpus, &error), NP_NOT_AVAILABLE, error, "cache");
    EXPECT_ERROR(
        np_topology_group_count(topology, NP_GROUP_CORE, 2, &number, &error), NP_INVALID_ARGUMENT, error, "node 2");
    EXPECT_NUMBER(number, 77);

    EXPECT_ERROR(np_topology_discover(NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_topology_nodes(NULL, &nodes, &error), NP_INVALID_ARGUMENT, error, "topology is NULL");
    EXPECT_ERROR(np_topology_cpus(topology, NULL, &error), NP_INVALID_ARGUMENT, error, "result is NULL");
    EXPECT_ERROR(np_topology_usable_cpus(NULL, &cpus, &error), NP_INVALID_ARGUMENT, error, "topology is NULL");
    EXPECT_ERROR(np_topology_usable_nodes(topology, NULL, &error), NP_INVALID_ARGUMENT, error, "result is NULL");
    EXPECT_ERROR(np_topology_node(NULL, 0, &node, &error), NP_INVALID_ARGUMENT, error, "topology is NULL");
    EXPECT_ERROR(np_topology_group(NULL, NP_GROUP_CORE, 0, 0, &cpus, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(np_topology_performance(topology, 0, 0, NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_NUMBER(np_topology_node_count(NULL), 0);
    EXPECT(!np_topology_is_this_machine(NULL));
    np_topology_destroy(NULL);
    np_topology_destroy(topology);
}

static void *look_up(void *closure)
{
    const np_topology *topology = closure;
    long wrong = 0;
    for (unsigned cpu = 0; cpu < 16; cpu++) {
        unsigned node = 0;
        np_cpuset cpus;
        wrong += np_topology_node_of_cpu(topology, cpu, &node, NULL) != NP_OK || node != cpu / 4;
        wrong += np_topology_group_of_cpu(topology, NP_GROUP_SOCKET, cpu, &cpus, NULL) != NP_OK;
        wrong += np_topology_cpus_of_node(topology, node, &cpus, NULL) != NP_OK || np_cpuset_count(&cpus) != 4;
    }
    return (void *)wrong;
}

/* TOPO-8: shared without a lock (ThreadSanitizer watches), and nothing is allocated by looking. */
static void shared(void)
{
    np_topology *topology = synthetic("pack:2 node:2 core:2 pu:2");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        EXPECT_NUMBER(pthread_create(&threads[i], NULL, look_up, topology), 0);
    for (size_t i = 0; i < 4; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        EXPECT_NUMBER((long)wrong, 0);
    }
    const struct mallinfo2 before = mallinfo2();
    EXPECT(look_up(topology) == NULL);
    const struct mallinfo2 after = mallinfo2();
    EXPECT_NUMBER(after.uordblks, before.uordblks);
    np_topology_destroy(topology);
}

int main(int count, char **arguments)
{
    static const struct unit_test tests[] = {
        {"this machine", this_machine},
        {"usable while pinned", usable_while_pinned},
        {"environment", environment},
        {"from a synthetic description", from_synthetic},
        {"bad descriptions", bad_descriptions},
        {"from XML", from_xml},
        {"bad XML", bad_xml},
        {"wrong lookups", wrong_lookups},
        {"shared", shared},
    };
    if (count != 2)
        return EXIT_FAILURE;
    xml_folder = arguments[1];
    return unit_main("topology", tests, sizeof tests / sizeof tests[0]);
}
