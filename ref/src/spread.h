/*
 * A block of memory on each node of a topology: what sharded data and counters are made of.
 */
#ifndef NUMAPROOF_SPREAD_H
#define NUMAPROOF_SPREAD_H

#include "node_map.h"
#include "node_memory.h"

struct spread {
    struct node_map map;
    struct node_memory *memory; /* By position, as the blocks. */
    void **blocks;
    np_enforcement enforcement;
};

/* How large a block is: so much, and so much more for each CPU of the node. */
struct spread_size {
    size_t fixed;
    size_t by_cpu;
};

/*
 * Zeroed blocks, aligned to APART. Strict: all pages of each lie on its node, or it is refused. Soft: the enforcement says
 * which do not. Errors name @operation, NP_INVALID_ARGUMENT (NULL, an unknown mode, another machine's topology) among
 * them. On an error @spread needs no ending.
 */
np_status spread_init(struct spread *spread, const np_topology *topology, np_mode mode, struct spread_size size,
    const char *operation, np_error *error);
void spread_end(struct spread *spread);

#endif
