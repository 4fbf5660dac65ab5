/*
 * The pointer chase: the latency of memory, and nothing else.
 *
 * Each line of a buffer holds the address of another, all of them one single cycle in random order (Sattolo's shuffle:
 * a plain shuffle makes several cycles, and the chase may then turn in a short one that fits a cache). The next load needs
 * the value of the one before, so that the processor can neither overlap nor predict them, and no prefetcher helps.
 */
#include "chase.h"

#include <stdlib.h>

/* xorshift64*, by Marsaglia and Vigna: passes what matters for shuffling, and is seven instructions. */
uint64_t random_next(struct random *random)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return random->state * UINT64_C(2685821657736338717);
}

size_t random_below(struct random *random, size_t limit)
{
    return (size_t)(random_next(random) % limit);
}

bool chase_make(void *memory, size_t bytes, struct random *random)
{
    char *start = memory;
    size_t lines = bytes / CHASE_LINE;
    uint32_t *order = malloc(lines * sizeof *order);

    if (order == NULL)
        return false;
    for (size_t i = 0; i < lines; i++)
        order[i] = (uint32_t)i;
    for (size_t i = lines - 1; i > 0; i--) {
        size_t other = random_below(random, i);
        uint32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    /* The permutation is a single cycle: line i leads to line order[i]. */
    for (size_t i = 0; i < lines; i++)
        *(void **)(void *)(start + i * CHASE_LINE) = start + (size_t)order[i] * CHASE_LINE;
    free(order);
    return true;
}

#define LOAD   place = *(void *volatile *)place;
#define LOAD4  LOAD LOAD LOAD LOAD
#define LOAD16 LOAD4 LOAD4 LOAD4 LOAD4

void *chase_run(void *place, size_t loads)
{
    for (size_t step = loads / CHASE_STEP; step > 0; step--) {
        LOAD16
    }
    return place;
}

bool chase_is_one_cycle(const void *memory, size_t bytes)
{
    const void *place = memory;
    size_t loads = 0;

    do {
        place = *(const void *const *)place;
        loads++;
    } while (place != memory && loads <= bytes / CHASE_LINE);
    return loads == bytes / CHASE_LINE;
}
