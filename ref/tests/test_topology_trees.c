/*
 * Discovery on machines that nobody has here: TOPO-1 to TOPO-7 on the trees of make_trees.py, whose folder is the
 * argument. Each topology is printed by way of the public functions and compared with the text beside its tree.
 *
 * Trees that describe CPUs too go through hwloc, which this program points at them with the very variable that
 * discovery refuses to follow (topology_machine.c).
 */
#include "../src/topology_hwloc.h"
#include "../src/topology_internal.h"
#include "unit.h"
#include <dirent.h>
#include <fcntl.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *trees;

/* Of the tree that has no nodes, TOPO-7. */
#define MEMORY_WITHOUT_NODES (UINT64_C(1) << 30)

static void print_cpus(FILE *out, const char *label, const np_cpuset *cpus)
{
    static char list[65536];
    np_cpuset_format(cpus, list, sizeof list);
    fprintf(out, "%s %s", label, list);
}

static void print_groups(FILE *out, const np_topology *topology, unsigned node, np_group group, const char *label)
{
    unsigned count = 0;
    np_cpuset cpus;
    np_error error = {0};
    EXPECT_NUMBER(np_topology_group_count(topology, group, node, &count, NULL), NP_OK);
    fprintf(out, "  %s", label);
    for (unsigned index = 0; index < count; index++) {
        EXPECT_NUMBER(np_topology_group(topology, group, node, index, &cpus, NULL), NP_OK);
        print_cpus(out, "", &cpus);
        np_cpuset whole;
        const unsigned first = (unsigned)np_cpuset_first(&cpus);
        EXPECT_NUMBER(np_topology_group_of_cpu(topology, group, first, &whole, NULL), NP_OK);
        EXPECT(np_cpuset_subset(&cpus, &whole));
    }
    EXPECT_ERROR(np_topology_group(topology, group, node, count, &cpus, &error), NP_INVALID_ARGUMENT, error, "index");
    fprintf(out, "\n");
}

static void print_detail(FILE *out, const np_topology *topology, const np_node *node)
{
    print_groups(out, topology, node->id, NP_GROUP_CORE, "cores");
    print_groups(out, topology, node->id, NP_GROUP_CACHE, "caches");
    print_groups(out, topology, node->id, NP_GROUP_SOCKET, "sockets");
    if (!node->has_cpus)
        return;
    np_cpuset socket;
    const unsigned first = (unsigned)np_cpuset_first(&node->cpus);
    EXPECT_NUMBER(np_topology_group_of_cpu(topology, NP_GROUP_SOCKET, first, &socket, NULL), NP_OK);
    print_cpus(out, "  whole socket", &socket);
    fprintf(out, "\n");
}

static void print_way(FILE *out, const np_topology *topology, const np_nodeset *nodes, unsigned from)
{
    fprintf(out, "  distances");
    for (int to = np_nodeset_first(nodes); to >= 0; to = np_nodeset_next(nodes, to)) {
        unsigned distance = 4711;
        const np_status status = np_topology_distance(topology, from, (unsigned)to, &distance, NULL);
        EXPECT_NUMBER(status, distance == 4711 ? NP_NOT_AVAILABLE : NP_OK);
        if (status == NP_OK)
            fprintf(out, " %u", distance);
        else
            fprintf(out, " ?");
    }
    fprintf(out, "\n");
}

static void print_performance(FILE *out, const np_topology *topology, const np_nodeset *nodes, unsigned from)
{
    for (int to = np_nodeset_first(nodes); to >= 0; to = np_nodeset_next(nodes, to)) {
        np_performance found;
        if (np_topology_performance(topology, from, (unsigned)to, &found, NULL) == NP_OK)
            fprintf(out, "  to %d: latency %llu %llu bandwidth %llu %llu\n", to,
                (unsigned long long)found.read_latency_ns, (unsigned long long)found.write_latency_ns,
                (unsigned long long)found.read_bandwidth_mibs, (unsigned long long)found.write_bandwidth_mibs);
    }
}

static void print_topology(FILE *out, const np_topology *topology, bool detail)
{
    static char list[65536];
    np_nodeset nodes;
    np_cpuset cpus;
    EXPECT_NUMBER(np_topology_nodes(topology, &nodes, NULL), NP_OK);
    EXPECT_NUMBER(np_topology_cpus(topology, &cpus, NULL), NP_OK);
    EXPECT_NUMBER(np_topology_node_count(topology), np_nodeset_count(&nodes));
    np_nodeset_format(&nodes, list, sizeof list);
    fprintf(out, "nodes %s\n", list);
    print_cpus(out, "cpus", &cpus);
    fprintf(out, "\n");
    for (int id = np_nodeset_first(&nodes); id >= 0; id = np_nodeset_next(&nodes, id)) {
        np_node node;
        np_cpuset of_node;
        EXPECT_NUMBER(np_topology_node(topology, (unsigned)id, &node, NULL), NP_OK);
        EXPECT_NUMBER(np_topology_cpus_of_node(topology, (unsigned)id, &of_node, NULL), NP_OK);
        EXPECT(np_cpuset_equal(&of_node, &node.cpus));
        EXPECT_NUMBER(node.has_cpus, np_cpuset_count(&of_node) > 0);
        EXPECT_NUMBER(node.has_memory, node.memory_bytes > 0);
        EXPECT_NUMBER(node.usable, node.memory_bytes > 0);
        for (int cpu = np_cpuset_first(&of_node); cpu >= 0; cpu = np_cpuset_next(&of_node, cpu)) {
            unsigned owner = NP_NODE_MAX;
            EXPECT_NUMBER(np_topology_node_of_cpu(topology, (unsigned)cpu, &owner, NULL), NP_OK);
            EXPECT_NUMBER(owner, id);
        }
        fprintf(out, "node %u: memory %llu", node.id, (unsigned long long)node.memory_bytes);
        print_cpus(out, " cpus", &node.cpus);
        fprintf(out, "\n");
        print_way(out, topology, &nodes, (unsigned)id);
        if (detail)
            print_detail(out, topology, &node);
        print_performance(out, topology, &nodes, (unsigned)id);
    }
}

static void add_detail(np_topology *topology, const char *tree)
{
    hwloc_topology_t hwloc = NULL;
    setenv("HWLOC_FSROOT", tree, 1);
    EXPECT_NUMBER(hwloc_topology_init(&hwloc), 0);
    EXPECT_NUMBER(hwloc_topology_set_flags(
                      hwloc, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING),
        0);
    EXPECT_NUMBER(hwloc_topology_load(hwloc), 0);
    EXPECT_NUMBER(topology_add_detail(topology, hwloc, NULL), NP_OK);
    hwloc_topology_destroy(hwloc);
    unsetenv("HWLOC_FSROOT");
}

static char *read_whole(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    EXPECT(file != NULL && getdelim(&text, &size, '\0', file) >= 0);
    if (file != NULL)
        fclose(file);
    return text;
}

static void check_tree(const char *name)
{
    char tree[4096];
    char path[4200];
    snprintf(tree, sizeof tree, "%s/%s", trees, name);
    snprintf(path, sizeof path, "%s/sys", tree);
    const int sysfs = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    EXPECT(sysfs >= 0);
    char *seen = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&seen, &size);
    np_topology *topology = NULL;
    np_error error = {0};
    const np_status status = topology_read_sysfs(sysfs, "", MEMORY_WITHOUT_NODES, &topology, &error);
    close(sysfs);
    if (status == NP_OK) {
        snprintf(path, sizeof path, "%s/detail", tree);
        const bool detail = access(path, F_OK) == 0;
        if (detail)
            add_detail(topology, tree);
        print_topology(out, topology, detail);
    } else {
        EXPECT_NUMBER(status, NP_SYSTEM);
        EXPECT(topology == NULL);
        char *end = strchr(error.reason, ':');
        EXPECT(error.reason[0] == '/' && end != NULL && strlen(end) > 2);
        fprintf(out, "error %.*s\n", end != NULL ? (int)(end - error.reason - 1) : 0, error.reason + 1);
    }
    fclose(out);
    np_topology_destroy(topology);
    snprintf(path, sizeof path, "%s/expected", tree);
    char *expected = read_whole(path);
    unit_expect(expected != NULL && strcmp(seen, expected) == 0, __FILE__, __LINE__,
        "tree %s is seen as\n%s\nexpected\n%s", name, seen, expected);
    free(expected);
    free(seen);
}

static void all_trees(void)
{
    DIR *directory = opendir(trees);
    EXPECT(directory != NULL);
    unsigned count = 0;
    for (const struct dirent *entry = NULL; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        check_tree(entry->d_name);
        count++;
    }
    if (directory != NULL)
        closedir(directory);
    printf("%u trees ", count);
    EXPECT(count > 30);
}

int main(int count, char **arguments)
{
    static const struct unit_test tests[] = {{"trees", all_trees}};
    if (count != 2)
        return EXIT_FAILURE;
    trees = arguments[1];
    return unit_main("topology of trees", tests, sizeof tests / sizeof tests[0]);
}
