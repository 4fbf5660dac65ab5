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

size_t chase_elements(size_t bytes, const struct chase_order *order)
{
    size_t block = order->block > 0 ? order->block : bytes;

    return bytes / block * (block / order->stride);
}

static void shuffle(uint32_t *items, size_t count, struct random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        uint32_t kept = items[i - 1];
        items[i - 1] = items[other];
        items[other] = kept;
    }
}

/* The elements' offsets in the order of the chain, in pointers. */
static void order_elements(uint32_t *sequence, uint32_t *blocks, size_t block_count, size_t each,
    const struct chase_order *order, struct random *random)
{
    for (size_t i = 0; i < block_count; i++)
        blocks[i] = (uint32_t)i;
    shuffle(blocks, block_count, random);
    for (size_t i = 0; i < block_count; i++) {
        for (size_t j = 0; j < each; j++)
            sequence[i * each + j] = (uint32_t)((blocks[i] * order->block + j * order->stride) / sizeof(void *));
        shuffle(sequence + i * each, each, random);
    }
}

bool chase_lay(void *memory, size_t bytes, const struct chase_order *order, struct random *random)
{
    size_t block = order->block > 0 ? order->block : bytes, block_count = bytes / block, each = block / order->stride;
    size_t count = block_count * each;
    uint32_t *sequence = calloc(count, sizeof *sequence), *blocks = calloc(block_count, sizeof *blocks);
    void **start = memory;
    bool made = sequence != NULL && blocks != NULL;

    if (made) {
        order_elements(sequence, blocks, block_count, each, order, random);
        for (size_t i = 0; i < count; i++)
            start[sequence[i]] = &start[sequence[i + 1 < count ? i + 1 : 0]];
    }
    free(sequence);
    free(blocks);
    return made;
}

/* Places in variables of their own, so that each stays in a register. */
#define FOLLOW(i)       p##i = *(void *volatile *)p##i;
#define BEGIN(i)        void *p##i = places[i];
#define END(i)          places[i] = p##i;
#define TWO(what)       what(0) what(1)
#define FOUR(what)      TWO(what) what(2) what(3)
#define EIGHT(what)     FOUR(what) what(4) what(5) what(6) what(7)
#define FOLLOW_ALL(all) all(BEGIN) while (loads-- > 0){all(FOLLOW)} all(END)

static void run_two(void **places, size_t loads)
{
    FOLLOW_ALL(TWO)
}

static void run_four(void **places, size_t loads)
{
    FOLLOW_ALL(FOUR)
}

static void run_eight(void **places, size_t loads)
{
    FOLLOW_ALL(EIGHT)
}

void chase_run_many(void **places, size_t chains, size_t loads)
{
    if (chains == 1)
        places[0] = chase_run(places[0], loads);
    else
        (chains == 2 ? run_two : chains == 4 ? run_four : run_eight)(places, loads / CHASE_STEP * CHASE_STEP);
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
