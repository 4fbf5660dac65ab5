/*
 * Histograms of single events.
 *
 * The mean of ten thousand loads says nothing of the one that met a refresh or an interrupt. Times span six decades, so the
 * bounds grow by a constant factor: the same relative error everywhere, and a fixed size.
 */
#include "bench/bench.h"

#include <math.h>

void bench_histogram_add(struct bench_histogram *histogram, double ns)
{
    double place = ns > 1 ? floor(log2(ns) * BENCH_BOUNDS_AN_OCTAVE) : 0;
    size_t last = BENCH_HISTOGRAM_COUNTS - 1;

    histogram->counts[place < (double)last ? (size_t)place : last]++;
}

double bench_histogram_bound(size_t index)
{
    return exp2((double)index / BENCH_BOUNDS_AN_OCTAVE);
}

double bench_histogram_quantile(const struct bench_histogram *histogram, double share)
{
    unsigned long long total = 0, below = 0;
    size_t index = 0;

    for (size_t i = 0; i < BENCH_HISTOGRAM_COUNTS; i++)
        total += histogram->counts[i];
    if (total == 0)
        return 0;
    while (index < BENCH_HISTOGRAM_COUNTS - 1 && (double)(below + histogram->counts[index]) < share * (double)total)
        below += histogram->counts[index++];
    return bench_histogram_bound(index + 1);
}
