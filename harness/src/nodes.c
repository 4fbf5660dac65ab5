/* Reading /sys/devices/system/node and its neighbours: see nodes.h. */
#include "nodes.h"

#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Long enough for a list of 8192 CPUs, every other one. */
enum { LIST_TEXT = 32768 };

static bool cannot_understand(const char *file, const char *reason, struct problem *problem)
{
    return problem_set(problem, STATUS_CANNOT_RUN, "cannot understand %s: %s", file, reason);
}

/* A file with a list of CPUs; one that is not there is the empty set. */
static bool read_cpus(np_cpuset *cpus, const char *root, const char *path, struct problem *problem)
{
    char text[LIST_TEXT];
    np_error error = {0};
    np_cpuset_clear(cpus);
    file_read_line(text, sizeof(text), root, "%s", path);
    return np_cpuset_parse(text, cpus, &error) == NP_OK || cannot_understand(path, error.reason, problem);
}

/* The value in bytes of a row "Name:  N kB", wherever in the row the name stands; 0 when there is none. */
static uint64_t memory_row(const char *root, const char *file, const char *name)
{
    char path[PATH_MAX];
    char row[256];
    unsigned long long kibibytes = 0;
    snprintf(path, sizeof(path), "%s%s", root, file);
    FILE *rows = fopen(path, "re");
    while (rows != NULL && kibibytes == 0 && fgets(row, sizeof(row), rows) != NULL) {
        const char *found = strstr(row, name);
        if (found != NULL) {
            sscanf(found + strlen(name), "%llu", &kibibytes);
        }
    }
    if (rows != NULL) {
        fclose(rows);
    }
    return (uint64_t)kibibytes * 1024;
}

static bool read_node(struct node *node, const char *root, struct problem *problem)
{
    char path[128];
    snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/meminfo", node->id);
    node->memory_bytes = memory_row(root, path, "MemTotal:");
    node->free_bytes = memory_row(root, path, "MemFree:");
    char counts[256];
    node->counts = file_read_line(counts, sizeof(counts), root, "/sys/devices/system/node/node%u/numastat", node->id);
    snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", node->id);
    return read_cpus(&node->cpus, root, path, problem);
}

/*
 * One row of the matrix. The kernel writes a number for each online node, in the order of their ids, and no number for the
 * others; a row of another length says nothing that could be relied on.
 */
static void read_distances(struct nodes *nodes, size_t row, const char *root)
{
    char text[LIST_TEXT];
    int *distances = nodes->distances + row * nodes->count;
    file_read_line(text, sizeof(text), root, "/sys/devices/system/node/node%u/distance", nodes->list[row].id);
    size_t column = 0;
    char *rest = text;
    for (char *end = NULL; column < nodes->count; column++, rest = end) {
        long distance = strtol(rest, &end, 10);
        if (end == rest || distance <= 0 || distance > INT_MAX) {
            break;
        }
        distances[column] = (int)distance;
    }
    if (column != nodes->count || rest[strspn(rest, " ")] != '\0') {
        memset(distances, 0xff, nodes->count * sizeof(*distances));
    }
}

static bool allocate(struct nodes *nodes, size_t count, struct problem *problem)
{
    nodes->count = count;
    nodes->list = calloc(count, sizeof(*nodes->list));
    nodes->distances = calloc(count * count, sizeof(*nodes->distances));
    return (nodes->list != NULL && nodes->distances != NULL) ||
           problem_set(problem, STATUS_CANNOT_RUN, "out of memory for %zu nodes", count);
}

/* A kernel without NUMA: one node with everything. */
static bool read_single(struct nodes *nodes, const char *root, struct problem *problem)
{
    if (!allocate(nodes, 1, problem)) {
        return false;
    }
    nodes->list[0].cpus = nodes->online;
    nodes->list[0].memory_bytes = memory_row(root, "/proc/meminfo", "MemTotal:");
    nodes->list[0].free_bytes = memory_row(root, "/proc/meminfo", "MemFree:");
    nodes->distances[0] = -1;
    return true;
}

static bool read_all(struct nodes *nodes, const np_nodeset *online, const char *root, struct problem *problem)
{
    if (!allocate(nodes, np_nodeset_count(online), problem)) {
        return false;
    }
    int id = np_nodeset_first(online);
    for (size_t i = 0; i < nodes->count; i++, id = np_nodeset_next(online, id)) {
        nodes->list[i].id = (unsigned)id;
        if (!read_node(&nodes->list[i], root, problem)) {
            return false;
        }
        read_distances(nodes, i, root);
    }
    return true;
}

static enum declared read_declared(const char *root)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/sys/firmware/acpi/tables/SLIT", root);
    if (access(path, F_OK) == 0) {
        return DECLARED_YES;
    }
    *strrchr(path, '/') = '\0';
    return access(path, F_OK) == 0 ? DECLARED_NO : DECLARED_UNKNOWN;
}

bool nodes_read(struct nodes *nodes, const char *root, struct problem *problem)
{
    char text[LIST_TEXT];
    np_error error = {0};
    np_nodeset online = {0};
    *nodes = (struct nodes){0};
    file_read_line(nodes->command_line, sizeof(nodes->command_line), root, "/proc/cmdline");
    nodes->swap_bytes = memory_row(root, "/proc/meminfo", "SwapTotal:");
    nodes->declared = read_declared(root);
    if (!read_cpus(&nodes->online, root, "/sys/devices/system/cpu/online", problem) ||
        !read_cpus(&nodes->present, root, "/sys/devices/system/cpu/present", problem)) {
        return false;
    }
    static const char list[] = "/sys/devices/system/node/online";
    nodes->kernel_support = file_read_line(text, sizeof(text), root, "%s", list);
    if (!nodes->kernel_support) {
        return read_single(nodes, root, problem);
    }
    if (np_nodeset_parse(text, &online, &error) != NP_OK) {
        return cannot_understand(list, error.reason, problem);
    }
    if (np_nodeset_count(&online) == 0) {
        return cannot_understand(list, "it names no node", problem);
    }
    return read_all(nodes, &online, root, problem);
}

void nodes_free(struct nodes *nodes)
{
    free(nodes->list);
    free(nodes->distances);
    *nodes = (struct nodes){0};
}

int nodes_distance(const struct nodes *nodes, size_t initiator, size_t target)
{
    return nodes->distances[initiator * nodes->count + target];
}

const char *cpus_text(const np_cpuset *cpus, char *text, size_t size)
{
    if (np_cpuset_format(cpus, text, size) == 0) {
        snprintf(text, size, "none");
    }
    return text;
}
