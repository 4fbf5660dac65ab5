/* What a set of samples says, without assuming how they are distributed: see statistics.c. */
#ifndef NUMAPROOF_BENCH_STATISTICS_H
#define NUMAPROOF_BENCH_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* The fewest samples whose median has a 95% interval at all: of five, the whole range holds it in 93.75% only. */
#define STATISTICS_FEWEST 6

struct summary {
    size_t n;
    double median;
    double ci_low, ci_high; /* 95% interval of the median; the whole range below STATISTICS_FEWEST samples. */
    double mad;             /* Median of the absolute deviations from the median. */
    double min, max, p99;
    size_t outliers; /* Further from the median than 3.5 deviations, MAD / 0.6745 being one. */
};

/* Sum up @n samples, at least one. False when there is no memory for it. */
bool statistics_summarize(const double *samples, size_t n, struct summary *summary);

/*
 * The 95% interval of the median of @n samples, as ranks: of the samples in order, numbered from 0, it reaches from
 * *@low to *@high.
 */
void statistics_median_ranks(size_t n, size_t *low, size_t *high);

/* The @share quantile (0 to 1) of @n samples in ascending order, interpolated between neighbours. */
double statistics_quantile(const double *sorted, size_t n, double share);

/* Whether the interval is no wider than @width times the median. */
bool statistics_converged(const struct summary *summary, double width);

#endif
