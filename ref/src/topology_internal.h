/*
 * What a topology is, and how it is put together.
 *
 * Nodes are kept in the order of their ids; ids may have gaps, so two tables lead from ids to places. All of it is
 * filled once, by one of the makers (topology_sysfs.c for machines, topology_import.c for descriptions), and only read
 * afterwards: that is why sharing needs no lock.
 */
#ifndef NUMAPROOF_TOPOLOGY_INTERNAL_H
#define NUMAPROOF_TOPOLOGY_INTERNAL_H

#include <numaproof/topology.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_PLACE    UINT16_MAX
#define NO_CPU      UINT16_MAX
#define GROUP_COUNT 3

struct topology_node {
    unsigned id;
    uint64_t memory_bytes;
    np_cpuset cpus;
};

struct np_topology {
    bool this_machine;
    unsigned count;
    np_nodeset nodes;
    np_nodeset usable_nodes;
    np_cpuset cpus;
    np_cpuset usable_cpus;
    uint16_t place_of_node[NP_NODE_MAX];      /* Where in @node the node of that id is, or NO_PLACE. */
    uint16_t place_of_cpu[NP_CPU_MAX];        /* The same for the node that the CPU of that id belongs to. */
    uint16_t leader[GROUP_COUNT][NP_CPU_MAX]; /* The lowest CPU of the np_group that a CPU is in, or NO_CPU. */
    char detail_missing[192];                 /* Why there are no groups and no performance; empty if there are. */
    uint32_t *distance;                       /* @count rows of initiators by @count columns of targets; 0: unknown. */
    np_performance *performance;              /* The same rows and columns; all 0: not declared. NULL: nothing is. */
    struct topology_node node[];
};

/* An empty topology with room for @nodes, their ids and places filled in. NULL for want of memory. */
np_topology *topology_new(const np_nodeset *nodes);

/* Give @cpus to the node at @place. False, and nothing is done, if one of them belongs to another node already. */
bool topology_give_cpus(np_topology *topology, unsigned place, const np_cpuset *cpus);

/* Limit what is usable to what there is of @cpus, and of @nodes those that have memory. */
void topology_limit_usable(np_topology *topology, const np_cpuset *cpus, const np_nodeset *nodes);

/* The checks of every lookup: NULL, and an id that the topology lacks. A way is a place in the matrices. */
np_status topology_check(const np_topology *topology, const void *result, const char *operation, np_error *error);
np_status topology_find_node(
    const np_topology *topology, unsigned node, unsigned *place, const char *operation, np_error *error);
np_status topology_find_way(const np_topology *topology, unsigned initiator, unsigned target, const void *result,
    size_t *way, const char *operation, np_error *error);
np_status topology_find_cpu(const np_topology *topology, unsigned cpu, const char *operation, np_error *error);

/*
 * Nodes, CPUs, memory and distances as the files under @sysfs have them, an open directory; @root is its name in error
 * texts. Everything counts as usable. A tree without nodes is one node, 0, with @memory_without_nodes bytes.
 */
np_status topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory_without_nodes, np_topology **topology, np_error *error);

/*
 * Add what hwloc knows of the running machine beyond its nodes: cores, caches, sockets, declared performance. What it
 * cannot know, or must not be believed, is left out with the reason. Fails for want of memory only.
 */
np_status topology_add_machine_detail(np_topology *topology, np_error *error);

/* The figures of np_performance by the names that hwloc gives them, numbered from 0; -1 and NULL: no such figure. */
int topology_figure(const char *name);
const char *topology_figure_name(int figure);

/* Note a figure of the way from the node at @row to that at @column. False for want of memory. */
bool topology_set_figure(np_topology *topology, unsigned row, unsigned column, int figure, uint64_t value);

#endif
