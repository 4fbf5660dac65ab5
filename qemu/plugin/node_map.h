/* From the address that a plugin is given to the node whose memory it is: see node_map.c. */
#ifndef NUMAPROOF_NODE_MAP_H
#define NUMAPROOF_NODE_MAP_H

#include "access_page.h"

/* The address spaces that QEMUs of different ages give a plugin. */
enum node_space {
    NODE_SPACE_DOUBLED,       /* 7.2: offset in all of RAM, and the node's own offset in it once more. */
    NODE_SPACE_FLAT,          /* Offset in all of RAM. */
    NODE_SPACE_SPLIT_AT_2GIB, /* Guest-physical, RAM above 2 GiB continued at 4 GiB (q35). */
    NODE_SPACE_SPLIT_AT_3GIB, /* The same from 3 GiB on (pc). */
    NODE_SPACES
};

struct node_range {
    uint64_t start, end; /* The end is one past the last. */
    uint32_t node;
};

struct node_map {
    struct node_range ranges[ACCESS_NODES + 1]; /* One more: the split can cut a node in two. */
    uint32_t count;
};

/* Lay out the nodes of @machine as @space has them. */
void node_map_make(struct node_map *map, const struct access_machine *machine, enum node_space space);

/* The node of @address, ACCESS_NODE_UNKNOWN if it is in none. */
uint32_t node_map_find(const struct node_map *map, uint64_t address);

#endif
