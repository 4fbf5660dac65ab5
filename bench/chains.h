/* Samples of latency along a chain, checked for place: see chains.c. */
#ifndef NUMAPROOF_BENCH_CHAINS_H
#define NUMAPROOF_BENCH_CHAINS_H

#include "cells.h"
#include "chase.h"
#include "placement.h"

/* A chain on a node's memory, or why there is none. */
struct chain {
    struct buffer *buffer; /* Of its own, or another chain's. */
    char *start;           /* Of the chain in it. */
    size_t elements;
    void *evenly[CHASE_CHAINS]; /* Places along it as it was laid, evenly. */
    void *places[CHASE_CHAINS]; /* Where it is followed from next. */
    size_t chains;              /* How many are followed at once. */
    size_t warm_up;             /* Loads before each sample, not timed. */
    bool is_read_first;         /* Before these, all its lines are read in order: what fits a cache is in it. */
    size_t loads;               /* Of a sample, by each; the same for all cells that are compared. */
    const char *sized;          /* What its size follows from, in words, or NULL. */
    char why[256];
};

/* A cell's closure. */
struct chain_cell {
    struct chain *chain;
    unsigned cpu;
    const void *variant;               /* The caller's own. */
    uint64_t loads_made;               /* In all samples, warming up included. */
    struct bench_histogram *histogram; /* Of its single loads, or NULL. */
};

/*
 * Lay a chain through @bytes of @buffer from @offset on, to be followed at @chains places at once, spread evenly along it,
 * and see that it is one cycle. Where there is no memory to do it in its why says so.
 */
void chain_lay(struct chain *chain, struct buffer *buffer, size_t offset, size_t bytes, const struct chase_order *order,
    size_t chains, struct random *random);

/* Follow another chain, wherever it is by now, at @chains places at once, spread evenly along it. */
void chain_split(struct chain *chain, const struct chain *other, size_t chains);

/* How many loads make a sample of @ns, by whatever CPU the caller is on. */
void chain_choose_loads(struct chain *chain, double ns);

/* A cells_sample: ns a load. */
bool chain_cell_sample(struct cell *cell, double *sample);

#endif
