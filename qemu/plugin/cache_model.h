/* A cache in front of the memory, so that hits can be told from accesses that reach it: see cache_model.c. */
#ifndef NUMAPROOF_CACHE_MODEL_H
#define NUMAPROOF_CACHE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* One cache: a set is `ways` line numbers, the most recently used first. */
struct cache_model {
    uint64_t *lines; /* sets * ways of them, each a line's number plus 1, 0 = empty. */
    uint32_t sets, ways;
    uint32_t line_shift;
};

/* Whether a cache of this shape can be had: sets and line a power of two, everything of a sensible size. */
bool cache_model_shape_is_valid(uint32_t sets, uint32_t ways, uint32_t line_bytes);

/* Make an empty cache. False when there is no memory for it. */
bool cache_model_make(struct cache_model *cache, uint32_t sets, uint32_t ways, uint32_t line_bytes);

void cache_model_empty(struct cache_model *cache);

/* Look @address up, and take its line in. True if it was there already. */
bool cache_model_access(struct cache_model *cache, uint64_t address);

#endif
