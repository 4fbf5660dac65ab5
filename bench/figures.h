/* From a summary of samples to the figures of a measurement. */
#ifndef NUMAPROOF_BENCH_FIGURES_H
#define NUMAPROOF_BENCH_FIGURES_H

#include "bench/bench.h"
#include "statistics.h"

/* The median and all that goes with it; state, reason and samples are the caller's. */
static inline void figures_take(struct bench_measurement *measurement, const struct summary *summary)
{
    measurement->median = summary->median;
    measurement->ci_low = summary->ci_low;
    measurement->ci_high = summary->ci_high;
    measurement->mad = summary->mad;
    measurement->min = summary->min;
    measurement->max = summary->max;
    measurement->p99 = summary->p99;
    measurement->n = summary->n;
    measurement->outliers = summary->outliers;
}

#endif
