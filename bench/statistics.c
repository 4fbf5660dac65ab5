/*
 * Medians, and how sure they are.
 *
 * Times on a real machine are not normally distributed: interrupts, refresh and neighbours only ever add, so that there
 * is a floor and a long tail. Means and standard deviations describe such samples badly. What is used here makes no
 * assumption but that samples are independent: the median, its interval from order statistics (the number of samples
 * below the true median is binomial with a half, whatever the distribution), and the median absolute deviation.
 *
 * An outlier is flagged and never dropped: that the machine sometimes takes ten times as long is a result.
 */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to here the binomial is summed exactly; 2^-n is still a normal double. Above, its normal approximation serves. */
#define EXACT_BINOMIAL 1000

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

double statistics_quantile(const double *sorted, size_t n, double share)
{
    double position = share * (double)(n - 1);
    size_t below = (size_t)position;
    double part = position - (double)below;

    return below + 1 < n ? sorted[below] + part * (sorted[below + 1] - sorted[below]) : sorted[n - 1];
}

/* The largest k with P(fewer than k of n below the median) <= 2.5%: the k-th smallest sample is the low end. */
static size_t low_rank(size_t n)
{
    if (n > EXACT_BINOMIAL)
        return (size_t)floor(((double)n - 1.959964 * sqrt((double)n)) / 2);
    double term = pow(0.5, (double)n), sum = 0;
    size_t k = 0;
    while (k < n / 2 && sum + term <= 0.025) {
        sum += term;
        term *= (double)(n - k) / (double)(k + 1);
        k++;
    }
    return k;
}

void statistics_median_ranks(size_t n, size_t *low, size_t *high)
{
    size_t k = low_rank(n);

    *low = k > 0 ? k - 1 : 0;
    *high = n - 1 - *low;
}

bool statistics_summarize(const double *samples, size_t n, struct summary *summary)
{
    double *sorted = malloc(n * sizeof *sorted);
    size_t low, high;

    if (sorted == NULL)
        return false;
    memcpy(sorted, samples, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    statistics_median_ranks(n, &low, &high);
    *summary = (struct summary){.n = n,
        .median = statistics_quantile(sorted, n, 0.5),
        .ci_low = sorted[low],
        .ci_high = sorted[high],
        .min = sorted[0],
        .max = sorted[n - 1],
        .p99 = statistics_quantile(sorted, n, 0.99)};
    for (size_t i = 0; i < n; i++)
        sorted[i] = fabs(samples[i] - summary->median);
    qsort(sorted, n, sizeof *sorted, compare);
    summary->mad = statistics_quantile(sorted, n, 0.5);
    for (size_t i = 0; i < n; i++)
        summary->outliers += sorted[i] * 0.6745 > 3.5 * summary->mad;
    free(sorted);
    return true;
}

bool statistics_converged(const struct summary *summary, double width)
{
    return summary->n >= STATISTICS_FEWEST && summary->ci_high - summary->ci_low <= width * fabs(summary->median);
}
