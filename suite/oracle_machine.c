/*
 * The oracle on the machine: nodes, CPUs, distances, settings, from /sys and /proc.
 *
 * A kernel without NUMA (CONFIG_NUMA off) has no /sys/devices/system/node at all: everything is node 0 then.
 */
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NODES "/sys/devices/system/node"
#define CPUS  "/sys/devices/system/cpu"

static struct ids list_in(const char *path)
{
    char text[16384];
    struct ids set;

    if (!oracle_read_file(path, text, sizeof text))
        case_error("oracle: %s cannot be read: %s", path, strerror(errno));
    if (!ids_parse(text, &set))
        case_error("oracle: %s is no list: \"%.60s\"", path, text);
    return set;
}

static bool has_numa(void)
{
    return access(NODES "/online", F_OK) == 0;
}

struct ids oracle_online_cpus(void)
{
    return list_in(CPUS "/online");
}

struct ids oracle_present_cpus(void)
{
    return list_in(CPUS "/present");
}

struct ids oracle_online_nodes(void)
{
    return has_numa() ? list_in(NODES "/online") : ids_of(0);
}

struct ids oracle_possible_nodes(void)
{
    return has_numa() ? list_in(NODES "/possible") : ids_of(0);
}

struct ids oracle_memory_nodes(void)
{
    return has_numa() ? list_in(NODES "/has_memory") : ids_of(0);
}

/* A node's cpulist holds its online CPUs only. */
struct ids oracle_cpus_of_node(unsigned node)
{
    char path[80];

    if (!has_numa())
        return node == 0 ? oracle_online_cpus() : ids_none();
    snprintf(path, sizeof path, NODES "/node%u/cpulist", node);
    return list_in(path);
}

int oracle_node_of_cpu(unsigned cpu)
{
    struct ids nodes = oracle_online_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node);
        if (ids_has(&cpus, cpu))
            return node;
    }
    return -1;
}

/* The row of distances has one number for each online node, in the order of their ids, without the gaps. */
int oracle_distance(unsigned initiator, unsigned target)
{
    char path[80], row[8192];
    struct ids nodes = oracle_online_nodes();

    snprintf(path, sizeof path, NODES "/node%u/distance", initiator);
    if (!oracle_read_file(path, row, sizeof row))
        return -1;
    char *cursor = row;
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        char *end;
        long distance = strtol(cursor, &end, 10);
        if (end == cursor)
            return -1;
        if ((unsigned)node == target)
            return (int)distance;
        cursor = end;
    }
    return -1;
}

/* Node meminfo lines begin "Node N ", which the plain /proc/meminfo lines do not. */
struct oracle_node_memory oracle_node_memory(unsigned node)
{
    struct oracle_node_memory memory = {0, 0};
    char path[80], text[8192], total[40], free[40];

    if (has_numa())
        snprintf(path, sizeof path, NODES "/node%u/meminfo", node);
    else
        snprintf(path, sizeof path, "/proc/meminfo");
    if (!oracle_read_file(path, text, sizeof text))
        case_error("oracle: %s cannot be read: %s", path, strerror(errno));
    snprintf(total, sizeof total, has_numa() ? "Node %u MemTotal:" : "MemTotal:%.0u", node);
    snprintf(free, sizeof free, has_numa() ? "Node %u MemFree:" : "MemFree:%.0u", node);
    int64_t total_bytes = oracle_field(text, total), free_bytes = oracle_field(text, free);
    if (total_bytes < 0 || free_bytes < 0)
        case_error("oracle: %s has no %s or no %s", path, total, free);
    memory.total = (uint64_t)total_bytes;
    memory.free = (uint64_t)free_bytes;
    return memory;
}

static int64_t field_in(const char *path, const char *name)
{
    char text[8192];

    if (!oracle_read_file(path, text, sizeof text))
        case_error("oracle: %s cannot be read: %s", path, strerror(errno));
    return oracle_field(text, name);
}

static uint64_t memory_of_machine(const char *name)
{
    int64_t bytes = field_in("/proc/meminfo", name);

    if (bytes < 0)
        case_error("oracle: /proc/meminfo has no %s", name);
    return (uint64_t)bytes;
}

uint64_t oracle_available_memory(void)
{
    return memory_of_machine("MemAvailable:");
}

uint64_t oracle_total_memory(void)
{
    return memory_of_machine("MemTotal:");
}

int oracle_balancing(void)
{
    char text[32];

    if (access("/proc/sys/kernel/numa_balancing", F_OK) != 0)
        return 0;
    if (!oracle_read_file("/proc/sys/kernel/numa_balancing", text, sizeof text))
        case_error("oracle: /proc/sys/kernel/numa_balancing cannot be read: %s", strerror(errno));
    return atoi(text);
}

bool oracle_is_guest(void)
{
    char text[4096];

    return oracle_read_file("/proc/cmdline", text, sizeof text) && strstr(text, "numaproof.guest=1") != NULL;
}

/* A "_list" line of /proc/self/status. */
static struct ids allowed(const char *name)
{
    char status[32768], list[8192];
    struct ids set;

    if (!oracle_read_file("/proc/self/status", status, sizeof status))
        case_error("oracle: /proc/self/status cannot be read: %s", strerror(errno));
    const char *line = strstr(status, name);
    if (line == NULL)
        case_error("oracle: /proc/self/status has no %s", name);
    line += strlen(name) + strspn(line + strlen(name), "\t ");
    snprintf(list, sizeof list, "%.*s", (int)strcspn(line, "\n"), line);
    if (!ids_parse(list, &set))
        case_error("oracle: %s of /proc/self/status is no list: \"%.60s\"", name, list);
    return set;
}

struct ids oracle_allowed_nodes(void)
{
    return allowed("Mems_allowed_list:");
}

/* In the child, which is done before its parent goes on: asks for every CPU there can be, and reads what it got. */
static int ask_for_all_cpus(void *cpus)
{
    memset(cpus, 0xff, sizeof(struct ids));
    oracle_call(SYS_sched_setaffinity, 0, sizeof(struct ids), (long)cpus, 0, 0, 0);
    memset(cpus, 0, sizeof(struct ids));
    return oracle_call(SYS_sched_getaffinity, 0, sizeof(struct ids), (long)cpus, 0, 0, 0) > 0 ? 0 : 1;
}

/*
 * The affinity hides what the cpuset would allow, and the place of the cpuset's files depends on the cgroup version. So a
 * child is asked: its own affinity ends with it. It shares our memory, as that of vfork() does: every case asks, and copies
 * of page tables are dear in an emulated machine.
 */
struct ids oracle_allowed_cpus(void)
{
    _Alignas(16) char stack[16384];
    struct ids cpus;
    int status = 0;

    pid_t child = clone(ask_for_all_cpus, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &cpus);
    if (child < 0)
        case_error("oracle: clone: %s", strerror(errno));
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status != 0)
        case_error("oracle: sched_getaffinity of a child failed");
    return cpus;
}
