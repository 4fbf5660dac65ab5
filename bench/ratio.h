/* How two things compare that were measured in turns: see ratio.c. */
#ifndef NUMAPROOF_BENCH_RATIO_H
#define NUMAPROOF_BENCH_RATIO_H

#include "chase.h"

#include <stdbool.h>
#include <stddef.h>

/* How two medians are compared. */
enum ratio_kind {
    RATIO_QUOTIENT,  /* ours / baseline */
    RATIO_DIFFERENCE /* ours - baseline */
};

struct ratio {
    size_t n;               /* Pairs. */
    double ours, baseline;  /* Medians. */
    double value;           /* Their quotient or difference. */
    double ci_low, ci_high; /* 95% bootstrap interval of it; below STATISTICS_FEWEST pairs it says nothing. */
};

/* What a comparison is held to. */
struct ratio_bound {
    enum { RATIO_AT_MOST, RATIO_AT_LEAST } kind;
    double value;
};

enum ratio_answer { RATIO_HOLDS, RATIO_DOES_NOT_HOLD, RATIO_INCONCLUSIVE };

/*
 * Compare the medians of @n pairs, at least one: @ours[i] and @baseline[i] were taken next to one another. False when there
 * is no memory for it. For a speed-up, hand in the two the other way round.
 */
bool ratio_of_medians(const double *ours, const double *baseline, size_t n, enum ratio_kind kind, struct random *random,
    struct ratio *ratio);

/*
 * The quotient of two medians that were not taken in turns, with the 95% interval that their own two intervals allow; these
 * hold what lasts, drift and stretches, and so does it. Medians and interval ends are above 0; n is that of the smaller.
 */
struct summary;
struct ratio ratio_of_summaries(const struct summary *ours, const struct summary *baseline);

/* The whole interval is on the right side of the bound, or on the wrong one; else nothing can be told. */
enum ratio_answer ratio_judge(const struct ratio *ratio, struct ratio_bound bound);

/* "pass", "fail", "inconclusive": the verdict of a claim. */
const char *ratio_verdict(enum ratio_answer answer);

#endif
