/*
 * From ids to positions: which entry of a table by node belongs to a node, or to the CPU that a thread runs on.
 *
 * Node ids have gaps and reach to 1023, so that what there is one of for each node is kept in a table without gaps, in the
 * order of ids, and reached through such a map. Both look-ups are a load. A map never changes once it is filled.
 */
#ifndef NUMAPROOF_NODE_MAP_H
#define NUMAPROOF_NODE_MAP_H

#include <numaproof/set.h>
#include <numaproof/topology.h>
#include <stdbool.h>
#include <stdint.h>

#define NO_POSITION UINT16_MAX

struct node_map {
    unsigned node_count;
    uint16_t ids[NP_NODE_MAX]; /* By position. */
    uint16_t positions_of_nodes[NP_NODE_MAX];
    uint16_t positions_of_cpus[NP_CPU_MAX];
};

void node_map_init(struct node_map *map);
/* The next node, in the order of ids. A CPU that several nodes claim belongs to the first. */
void node_map_add(struct node_map *map, unsigned node, const np_cpuset *cpus);
/* All nodes of @topology. */
void node_map_fill(struct node_map *map, const np_topology *topology);

/* NO_POSITION: the map does not know the node, or the CPU. Any number is allowed. */
static inline unsigned node_map_of_node(const struct node_map *map, unsigned node)
{
    return node < NP_NODE_MAX ? map->positions_of_nodes[node] : NO_POSITION;
}

static inline unsigned node_map_of_cpu(const struct node_map *map, int cpu)
{
    return cpu >= 0 && cpu < NP_CPU_MAX ? map->positions_of_cpus[cpu] : NO_POSITION;
}

#endif
