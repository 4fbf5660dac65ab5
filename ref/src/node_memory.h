/*
 * Memory on one node, handed out in blocks and given back all at once.
 *
 * Everything the library keeps for a node (queues, workers' records, shards, counters) is cut from regions bound to that
 * node, touched before they are used. A strict owner gets a block only when the pages were verified to lie there; a soft
 * one gets whatever there is, and can ask what that was. Growing asks for no capability: the requirements of hard mode
 * were checked when the owner was made, and a program may drop its privileges after that.
 */
#ifndef NUMAPROOF_NODE_MEMORY_H
#define NUMAPROOF_NODE_MEMORY_H

#include <numaproof/region.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Two lines: processors that fetch lines in pairs must not tie together what is apart. */
#define APART 128

struct node_memory_chunk {
    struct node_memory_chunk *next;
    np_region *region;
    size_t used;
};

struct node_memory {
    pthread_mutex_t taking;
    unsigned node;
    bool strict;
    size_t first_bytes;
    struct node_memory_chunk *chunks; /* The newest first. */
};

/* Takes nothing yet; the first region will have @first_bytes, or more where the first block needs more. */
void node_memory_init(struct node_memory *memory, unsigned node, np_mode mode, size_t first_bytes);

/*
 * @bytes zeroed bytes, aligned to @alignment (a power of two, at most a page), until node_memory_end(). Any thread.
 *
 * NP_HARD_MODE_UNAVAILABLE: strict, and the pages are not all on the node. NP_ALLOCATION: there is not that much memory.
 */
np_status node_memory_take(struct node_memory *memory, size_t bytes, size_t alignment, void **block, np_error *error);

/* Give back every block. No block is touched: in the child of a fork they may be gone. */
void node_memory_end(struct node_memory *memory);

/*
 * Where the pages are now: *@elsewhere is the number of those not on the node, and of those not present. Errors are
 * np_region_verify()'s. Any thread.
 */
np_status node_memory_look(struct node_memory *memory, uint64_t *elsewhere, np_error *error);

#endif
