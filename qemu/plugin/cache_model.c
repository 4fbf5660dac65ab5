/*
 * A set-associative cache with the least recently used line thrown out, and nothing more.
 *
 * It exists to answer one question of each access: would it have reached memory? Loads and stores are alike (a store takes
 * the line in), there is no prefetcher, and the caches of two CPUs do not know of each other: a line that another CPU has
 * written meanwhile still counts as a hit. That makes the counts easy to work out on paper, which is what they are for.
 */
#include "cache_model.h"
#include <stdlib.h>
#include <string.h>

#define MOST_LINES (1U << 24)

static bool is_power_of_two(uint32_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

bool cache_model_shape_is_valid(uint32_t sets, uint32_t ways, uint32_t line_bytes)
{
    return is_power_of_two(sets) && is_power_of_two(line_bytes) && line_bytes >= 8 && line_bytes <= 4096 && ways >= 1 &&
           ways <= 64 && (uint64_t)sets * ways <= MOST_LINES;
}

bool cache_model_make(struct cache_model *cache, uint32_t sets, uint32_t ways, uint32_t line_bytes)
{
    *cache = (struct cache_model){.sets = sets, .ways = ways};
    while ((1U << cache->line_shift) < line_bytes)
        cache->line_shift++;
    cache->lines = calloc((size_t)sets * ways, sizeof *cache->lines);
    return cache->lines != NULL;
}

void cache_model_empty(struct cache_model *cache)
{
    memset(cache->lines, 0, (size_t)cache->sets * cache->ways * sizeof *cache->lines);
}

bool cache_model_access(struct cache_model *cache, uint64_t address)
{
    uint64_t line = (address >> cache->line_shift) + 1;
    uint64_t *set = cache->lines + ((line - 1) & (cache->sets - 1)) * cache->ways;
    uint32_t way = 0;
    while (way < cache->ways - 1 && set[way] != line)
        way++;
    bool hit = set[way] == line;
    memmove(set + 1, set, way * sizeof *set);
    set[0] = line;
    return hit;
}
