/*
 * What there is to measure: initiators (nodes with CPUs that we may use) and targets (nodes with memory that we may use).
 *
 * Nodes, their CPUs and memory are read from sysfs, whose word the kernel's placement follows; hwloc would give a node
 * without CPUs those of its neighbours. Caches come from hwloc. The list parser is hwloc's as well.
 */
#include "nodes.h"

#include "failure.h"

#include <hwloc.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SYSFS_NODES "/sys/devices/system/node"

static bool read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    size_t length = file == NULL ? 0 : fread(text, 1, size - 1, file);

    text[length] = '\0';
    if (file != NULL)
        fclose(file);
    return length > 0;
}

/*
 * A kernel list; an empty or absent file leaves the set empty. The newline must go: hwloc 2.9 drops a single id before one,
 * so that "0,2" would lose node 2.
 */
static void read_list(const char *path, hwloc_bitmap_t set)
{
    char text[8192];

    hwloc_bitmap_zero(set);
    if (!read_file(path, text, sizeof text))
        return;
    text[strcspn(text, "\n")] = '\0';
    if (text[0] != '\0')
        hwloc_bitmap_list_sscanf(set, text);
}

uint64_t nodes_free_bytes(unsigned id)
{
    char path[64], text[4096];
    unsigned long long kib = 0;

    snprintf(path, sizeof path, SYSFS_NODES "/node%u/meminfo", id);
    const char *line = read_file(path, text, sizeof text) ? strstr(text, "MemFree:") : NULL;
    if (line != NULL)
        sscanf(line, "MemFree: %llu kB", &kib);
    return (uint64_t)kib << 10;
}

/* The nodes that our cpuset lets us take memory from. The kernel reads one bit less than it is told. */
static void allowed_nodes(hwloc_bitmap_t set)
{
    unsigned long mask[NODES_MAX / (8 * sizeof(unsigned long))] = {0};

    hwloc_bitmap_zero(set);
    if (syscall(SYS_get_mempolicy, NULL, mask, (unsigned long)NODES_MAX + 1, NULL, MPOL_F_MEMS_ALLOWED) != 0) {
        hwloc_bitmap_fill(set);
        return;
    }
    for (unsigned i = 0; i < sizeof mask / sizeof mask[0]; i++)
        hwloc_bitmap_set_ith_ulong(set, i, mask[i]);
}

struct sets {
    hwloc_bitmap_t online, with_memory, allowed, usable_cpus, cpus;
};

static void add_node(struct nodes *nodes, const struct sets *sets, unsigned id)
{
    char path[64];
    struct node *node = &nodes->node[nodes->count++];

    snprintf(path, sizeof path, SYSFS_NODES "/node%u/cpulist", id);
    read_list(path, sets->cpus);
    hwloc_bitmap_and(sets->cpus, sets->cpus, sets->usable_cpus);
    *node = (struct node){.id = id,
        .cpu = hwloc_bitmap_first(sets->cpus),
        .has_memory = hwloc_bitmap_isset(sets->with_memory, id) && hwloc_bitmap_isset(sets->allowed, id),
        .free_bytes = nodes_free_bytes(id)};
}

/* A kernel without NUMA has no node directory: one node with everything. */
static void add_only_node(struct nodes *nodes, const struct sets *sets)
{
    uint64_t free_bytes = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    nodes->count = 1;
    nodes->node[0] = (struct node){
        .id = 0, .cpu = hwloc_bitmap_first(sets->usable_cpus), .has_memory = true, .free_bytes = free_bytes};
}

static uint64_t largest_cache(hwloc_topology_t topology)
{
    uint64_t largest = 0;

    for (hwloc_obj_type_t type = HWLOC_OBJ_L1CACHE; type <= HWLOC_OBJ_L5CACHE; type++) {
        for (hwloc_obj_t cache = hwloc_get_next_obj_by_type(topology, type, NULL); cache != NULL;
             cache = hwloc_get_next_obj_by_type(topology, type, cache)) {
            if (cache->attr->cache.size > largest)
                largest = cache->attr->cache.size;
        }
    }
    return largest;
}

bool nodes_are_virtual(void)
{
    char text[16384];
    const char *flags = read_file("/proc/cpuinfo", text, sizeof text) ? strstr(text, "\nflags") : NULL;
    const char *end = flags == NULL ? NULL : strchr(flags + 1, '\n');
    const char *found = flags == NULL ? NULL : strstr(flags, " hypervisor");

    return found != NULL && (end == NULL || found < end);
}

static void fill(struct nodes *nodes, const struct sets *sets, hwloc_topology_t topology)
{
    read_list(SYSFS_NODES "/online", sets->online);
    read_list(SYSFS_NODES "/has_memory", sets->with_memory);
    allowed_nodes(sets->allowed);
    hwloc_get_cpubind(topology, sets->usable_cpus, HWLOC_CPUBIND_THREAD);
    if (hwloc_bitmap_iszero(sets->online))
        add_only_node(nodes, sets);
    for (int id = hwloc_bitmap_first(sets->online); id >= 0 && id < NODES_MAX; id = hwloc_bitmap_next(sets->online, id))
        add_node(nodes, sets, (unsigned)id);
    nodes->largest_cache_bytes = largest_cache(topology);
    nodes->virtual_machine = nodes_are_virtual();
}

np_status nodes_discover(struct nodes *nodes, np_error *error)
{
    hwloc_topology_t topology;
    struct sets sets = {
        hwloc_bitmap_alloc(), hwloc_bitmap_alloc(), hwloc_bitmap_alloc(), hwloc_bitmap_alloc(), hwloc_bitmap_alloc()};

    memset(nodes, 0, sizeof *nodes);
    if (sets.online == NULL || sets.with_memory == NULL || sets.allowed == NULL || sets.usable_cpus == NULL ||
        sets.cpus == NULL || hwloc_topology_init(&topology) != 0)
        return failure(error, NP_ALLOCATION, "no memory to describe the machine in");
    hwloc_topology_set_flags(topology, HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM);
    bool loaded = hwloc_topology_load(topology) == 0;
    if (loaded)
        fill(nodes, &sets, topology);
    hwloc_topology_destroy(topology);
    hwloc_bitmap_free(sets.online);
    hwloc_bitmap_free(sets.with_memory);
    hwloc_bitmap_free(sets.allowed);
    hwloc_bitmap_free(sets.usable_cpus);
    hwloc_bitmap_free(sets.cpus);
    return loaded ? NP_OK : failure(error, NP_SYSTEM, "hwloc cannot describe this machine");
}

size_t nodes_cpus(unsigned id, unsigned *cpus, size_t most)
{
    char path[64], list[8192];
    hwloc_bitmap_t of_node = hwloc_bitmap_alloc(), usable = hwloc_bitmap_alloc();
    hwloc_topology_t topology;
    size_t count = 0;

    snprintf(path, sizeof path, SYSFS_NODES "/node%u/cpulist", id);
    if (of_node != NULL && usable != NULL && hwloc_topology_init(&topology) == 0) {
        /* Asking for the thread's own CPUs needs no objects: the topology is not filled with any. */
        hwloc_topology_set_all_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
        bool known =
            hwloc_topology_load(topology) == 0 && hwloc_get_cpubind(topology, usable, HWLOC_CPUBIND_THREAD) == 0;
        hwloc_topology_destroy(topology);
        if (!read_file(SYSFS_NODES "/online", list, sizeof list))
            hwloc_bitmap_copy(of_node, usable); /* A kernel without NUMA: one node with everything. */
        else
            read_list(path, of_node);
        hwloc_bitmap_and(of_node, of_node, usable);
        for (int cpu = hwloc_bitmap_first(of_node); known && cpu >= 0 && count < most;
             cpu = hwloc_bitmap_next(of_node, cpu))
            cpus[count++] = (unsigned)cpu;
    }
    hwloc_bitmap_free(of_node);
    hwloc_bitmap_free(usable);
    return count;
}
