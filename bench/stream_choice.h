/* Which code each bandwidth kernel is run in on this machine: see stream_choice.c. */
#ifndef NUMAPROOF_BENCH_STREAM_CHOICE_H
#define NUMAPROOF_BENCH_STREAM_CHOICE_H

#include "nodes.h"
#include "streams.h"

/* By kernel; NULL where no code that this processor runs has it. */
struct stream_choice {
    const struct stream_code *code[STREAM_KERNELS];
};

/*
 * The fastest by a trial over @memory, filled (stream_fill) and written to: @n elements, a multiple of three steps, each third
 * of which is longer than the caches. Goes through all codes at least once, and again as long as a second is not over.
 */
void stream_try(struct stream_choice *choice, double *memory, size_t n);

/* The same over @bytes made for the trial, on the first node with memory; where there is no room, the widest. */
void stream_choose(struct stream_choice *choice, size_t bytes, const struct nodes *nodes);

#endif
