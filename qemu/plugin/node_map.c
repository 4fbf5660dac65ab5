/*
 * Which node an address belongs to.
 *
 * QEMU tells a plugin a "physical" address, and what that is has changed. In 7.2 (tried, two nodes of 512 MiB, a memory
 * backend each) it is the offset of the page in all of RAM plus the offset of its node in all of RAM: node 1 starts at
 * 1 GiB. From about 8.2 on it is the guest's own physical address, in which RAM is cut below 4 GiB for devices, at a place
 * that depends on the machine type. None of it is promised. So every space that is known is laid out here, and the proof
 * (access_counter.c) keeps the one that agrees with pages whose node the guest's kernel vouches for.
 *
 * Node after node, in the order of their ids, is how QEMU lays out the backends of `-numa node,memdev=`.
 */
#include "node_map.h"

#define GIB (UINT64_C(1) << 30)

static void add(struct node_map *map, uint64_t start, uint64_t end, uint32_t node)
{
    if (start < end)
        map->ranges[map->count++] = (struct node_range){start, end, node};
}

static void add_split(struct node_map *map, uint64_t start, uint64_t end, uint32_t node, uint64_t cut)
{
    uint64_t above = 4 * GIB - cut;
    if (end <= cut) {
        add(map, start, end, node);
    } else if (start >= cut) {
        add(map, start + above, end + above, node);
    } else {
        add(map, start, cut, node);
        add(map, cut + above, end + above, node);
    }
}

void node_map_make(struct node_map *map, const struct access_machine *machine, enum node_space space)
{
    uint64_t start = 0;
    map->count = 0;
    for (uint32_t node = 0; node < machine->node_count && node < ACCESS_NODES; node++) {
        uint64_t end = start + machine->node_bytes[node];
        switch (space) {
        case NODE_SPACE_DOUBLED:
            add(map, 2 * start, start + end, node);
            break;
        case NODE_SPACE_SPLIT_AT_2GIB:
            add_split(map, start, end, node, 2 * GIB);
            break;
        case NODE_SPACE_SPLIT_AT_3GIB:
            add_split(map, start, end, node, 3 * GIB);
            break;
        case NODE_SPACE_FLAT:
        case NODE_SPACES:
            add(map, start, end, node);
            break;
        }
        start = end;
    }
}

uint32_t node_map_find(const struct node_map *map, uint64_t address)
{
    for (uint32_t i = 0; i < map->count; i++)
        if (address >= map->ranges[i].start && address < map->ranges[i].end)
            return map->ranges[i].node;
    return ACCESS_NODE_UNKNOWN;
}
