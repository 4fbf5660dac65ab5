/* Samples of bandwidth, checked for place and result: see stream_cells.c. */
#ifndef NUMAPROOF_BENCH_STREAM_CELLS_H
#define NUMAPROOF_BENCH_STREAM_CELLS_H

#include "cells.h"
#include "placement.h"
#include "streams.h"
#include "team.h"

/* The three arrays on a node, or why there are none. */
struct stream_target {
    struct buffer buffer;
    double *a, *b, *c;
    size_t n;          /* Elements of each. */
    const char *sized; /* What their size follows from, in words. */
    size_t position;   /* Where the next sample begins, so that none finds in a cache what the last left there. */
    char why[256];
};

/* What one member of a team works on: part @share of @shares of a target's arrays. */
struct stream_share {
    struct stream_target *target;
    size_t share, shares;
};

/* What a cell measures; its closure. */
struct stream_cell {
    enum stream_kernel kernel;
    const struct stream_code *code;
    struct team *team;
    size_t members;
    struct stream_share *shares; /* One a member. */
    double aim_seconds;          /* How long a sample should take. */
    size_t slice;                /* Elements of a member's share that a sample takes; 0 until the first one told. */
    struct random random;
};

/*
 * Make three arrays of @bytes together on @node and fill them. Where there is no room the target's why says so, and its
 * cells cannot be run.
 */
void stream_target_make(struct stream_target *target, size_t bytes, unsigned node);
void stream_target_free(struct stream_target *target);

/* A cells_sample: GB/s (10^9 bytes) that all members of the cell move together. */
bool stream_cell_sample(struct cell *cell, double *sample);

#endif
