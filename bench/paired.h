/* Two things measured in turns until their comparison can be believed: see paired.c. */
#ifndef NUMAPROOF_BENCH_PAIRED_H
#define NUMAPROOF_BENCH_PAIRED_H

#include "bench/bench.h"
#include "noise.h"
#include "ratio.h"

struct paired;

/* Take one sample of ours or of the baseline: false, and the reason written, when it could not be taken. */
typedef bool paired_sample(struct paired *paired, bool baseline, double *sample);

struct paired {
    /* Set by the caller. */
    paired_sample *sample;
    void *closure; /* The caller's own. */
    enum ratio_kind kind;
    double width;     /* Asked width of the interval: a share of the quotient, or an absolute difference. */
    double seconds;   /* Time limit; a pair that has begun is ended. */
    double end;       /* On CLOCK_MONOTONIC, in seconds: but for the first, no pair is begun after it. 0 = none. */
    size_t pairs_max; /* 0 = as many as there is time for. */
    struct random random;

    /* The outcome. @reason has the caller's words too, when a sample could not be taken. */
    double *ours, *baseline; /* In the order taken; owned by the caller. */
    size_t pairs, capacity;
    struct ratio ratio;
    enum bench_state state;
    char reason[256];
    char noise[NOISE_SIZE]; /* What disturbed them, where that was seen; "" = nothing. */
};

/* Take pairs, A B B A, until the interval is as narrow as asked or the time is up. NP_ALLOCATION: no memory for samples. */
np_status paired_measure(struct paired *paired, np_error *error);

void paired_free(struct paired *paired);

#endif
