/* Which vector code the bandwidth benchmarks run on this machine: see stream_choice.c. */
#ifndef NUMAPROOF_BENCH_STREAM_CHOICE_H
#define NUMAPROOF_BENCH_STREAM_CHOICE_H

#include "nodes.h"
#include "streams.h"

/*
 * The fastest by a trial over @memory, which is longer than the caches, filled (stream_fill) and written to: @n elements, a
 * multiple of three steps. Takes half a second at most, or two rounds where those take longer.
 */
const struct stream_code *stream_fastest(double *memory, size_t n);

/* The same over @bytes made for the trial, on the first node with memory; where there is no room, the widest. */
const struct stream_code *stream_choose(size_t bytes, const struct nodes *nodes);

#endif
