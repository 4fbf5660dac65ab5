/*
 * What a topology is, and how it is put together.
 *
 * Nodes are kept in the order of their ids; ids may have gaps, so two tables lead from ids to places. All of it is
 * filled once, by one of the makers (topology_sysfs.c), and only read afterwards: that is why sharing needs no lock.
 */
#ifndef NUMAPROOF_TOPOLOGY_INTERNAL_H
#define NUMAPROOF_TOPOLOGY_INTERNAL_H

#include <numaproof/topology.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_PLACE UINT16_MAX

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
    uint16_t place_of_node[NP_NODE_MAX]; /* Where in @node the node of that id is, or NO_PLACE. */
    uint16_t place_of_cpu[NP_CPU_MAX];   /* The same for the node that the CPU of that id belongs to. */
    uint32_t *distance;                  /* @count rows of initiators by @count columns of targets; 0: unknown. */
    struct topology_node node[];
};

/* An empty topology with room for @nodes, their ids and places filled in. NULL for want of memory. */
np_topology *topology_new(const np_nodeset *nodes);

/* Give @cpus to the node at @place. False, and nothing is done, if one of them belongs to another node already. */
bool topology_give_cpus(np_topology *topology, unsigned place, const np_cpuset *cpus);

/*
 * Nodes, CPUs, memory and distances as the files under @sysfs have them, an open directory; @root is its name in error
 * texts. Everything counts as usable. A tree without nodes is one node, 0, with @memory_without_nodes bytes.
 */
np_status topology_read_sysfs(
    int sysfs, const char *root, uint64_t memory_without_nodes, np_topology **topology, np_error *error);

#endif
