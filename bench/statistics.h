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
    double
        inflation; /* How many samples are worth one independent sample: 1 where each is. The interval allows for it. */
    double drift;  /* How much the median of the last third exceeds that of the first, as a share of the median... */
    bool drifts;   /* ...and whether that is beyond the intervals of these two. */
};

/* Sum up @n samples, at least one, in the order in which they were taken. False when there is no memory for it. */
bool statistics_summarize(const double *samples, size_t n, struct summary *summary);

/*
 * The 95% interval of the median of @n samples, as ranks: of the samples in order, numbered from 0, it reaches from
 * *@low to *@high. @inflation samples, 1 or more, are worth one independent one.
 */
void statistics_median_ranks(size_t n, double inflation, size_t *low, size_t *high);

/* How many of @n samples, in the order taken, are worth one independent sample of whether it is above @median: 1 or more. */
double statistics_inflation(const double *samples, size_t n, double median);

/* The @share quantile (0 to 1) of @n samples in ascending order, interpolated between neighbours. */
double statistics_quantile(const double *sorted, size_t n, double share);

/*
 * Say what makes the figure less sure than independent samples would: a @disturbance that was seen ("" = none), samples
 * that vary together, drift of more than @width. False, and @words empty, where there is nothing.
 */
bool statistics_noise(const struct summary *summary, double width, const char *disturbance, char *words, size_t size);

/* Whether the interval is no wider than @width times the median. */
bool statistics_converged(const struct summary *summary, double width);

#endif
