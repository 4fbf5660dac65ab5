/* A chain of loads, each of which must end before the next can begin: see chase.c. */
#ifndef NUMAPROOF_BENCH_CHASE_H
#define NUMAPROOF_BENCH_CHASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One element a cache line. */
#define CHASE_LINE 64
/* The loop is unrolled so often that its own branch costs nothing beside a load; loads are counted in such steps. */
#define CHASE_STEP 16

/* A small generator of pseudo-random numbers, so that a run can be repeated from its seed. */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *random);
/* A number below @limit. */
size_t random_below(struct random *random, size_t limit);

/* Lay one random cycle through all lines of @memory. False when there is no memory to shuffle in. */
bool chase_make(void *memory, size_t bytes, struct random *random);

/* Another order of a chain than all lines of a memory by chance. */
struct chase_order {
    size_t stride; /* Bytes from one element to the next, at least a line and a multiple of 8. */
    size_t
        block; /* Bytes, a multiple of @stride: all elements of a block are visited before the next block's; 0 = none. */
};

/* How many elements such a chain has in @bytes. */
size_t chase_elements(size_t bytes, const struct chase_order *order);

/* Lay one cycle through all elements of @memory, by chance within each block, and the blocks by chance. As chase_make(). */
bool chase_lay(void *memory, size_t bytes, const struct chase_order *order, struct random *random);

/* The most chains that can be followed at once. */
#define CHASE_CHAINS 8

/*
 * Follow @chains chains at once (1, 2, 4 or 8), each from its place for @loads loads, rounded down to whole CHASE_STEPs. They
 * do not wait for one another.
 */
void chase_run_many(void **places, size_t chains, size_t loads);

/* Follow the chain from @place for @loads loads, rounded down to whole CHASE_STEPs; returns where it came out. */
void *chase_run(void *place, size_t loads);

/* Whether the chain from @memory comes back to it after exactly all its lines and no sooner. */
bool chase_is_one_cycle(const void *memory, size_t bytes);

#endif
