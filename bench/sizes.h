/* How large the buffers are that must not fit a cache: see sizes.c. */
#ifndef NUMAPROOF_BENCH_SIZES_H
#define NUMAPROOF_BENCH_SIZES_H

#include "bench/bench.h"
#include "nodes.h"

/* What a benchmark wants of its buffers, in bytes. */
struct size_rule {
    size_t caches; /* How many times the last cache a buffer is, */
    size_t smallest, largest;
    size_t together; /* and how many of them are one allocation, */
    size_t share;    /* which takes no more than one part in so many of what the poorest node has free. */
};

struct sizing {
    size_t bytes;    /* Of an allocation: a multiple of 2 MiB, 0 where there is no room. */
    char words[192]; /* By which cache, and whose word that is. */
};

/* The larger of the advertised and the measured cache decides. */
void sizes_choose(
    const struct size_rule *rule, const struct nodes *nodes, const struct bench_cache *measured, struct sizing *sizing);

/*
 * The same by what is measured: by a benchmark before, as @report has it, or by a short sweep now, where there is time for it
 * and it can change a size by @rule. @options are the caller's own: their limit, @own_seconds where there is none, is less
 * afterwards by what the sweep took, or by half.
 */
void sizes_find(const struct size_rule *rule, const struct nodes *nodes, double own_seconds,
    struct bench_options *options, struct bench_report *report, struct sizing *sizing);

#endif
