/*
 * Medians, and how sure they are.
 *
 * Times on a real machine are not normally distributed: interrupts, refresh and neighbours only ever add, so that there
 * is a floor and a long tail. Means and standard deviations describe such samples badly. What is used here makes no
 * assumption of a distribution: the median, its interval from order statistics (the number of samples below the true
 * median is binomial with a half, whatever they are), and the median absolute deviation.
 *
 * Nor are samples independent: a neighbour comes, stays for a second, and a hundred samples in a row are slow. An interval
 * that takes them for a hundred witnesses is too narrow, and the next run's median falls outside it. So it is measured how
 * much the samples vary together: cut into batches in the order taken, the counts above the median in a batch vary more
 * than coins would, by a factor that we call inflation (batch means; Fishman, "Discrete-Event Simulation", chapter 6). So
 * many samples are worth one. What varies more slowly than the whole run shows as drift from its first third to its last.
 *
 * An outlier is flagged and never dropped: that the machine sometimes takes ten times as long is a result.
 */
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Up to here the binomial is summed exactly; 2^-n is still a normal double. Above, its normal approximation serves. */
#define EXACT_BINOMIAL 1000
/* Fewer samples than these make too few batches to tell anything from. */
#define FEWEST_FOR_INFLATION 30
/* An interval twice as wide as that of independent samples. */
#define INFLATION_TO_MARK 4

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
static size_t low_rank(size_t n, double inflation)
{
    if (n > EXACT_BINOMIAL || inflation > 1) {
        double rank = floor(((double)n - 1.959964 * sqrt((double)n * inflation)) / 2);
        return rank > 0 ? (size_t)rank : 0;
    }
    double term = pow(0.5, (double)n), sum = 0;
    size_t k = 0;
    while (k < n / 2 && sum + term <= 0.025) {
        sum += term;
        term *= (double)(n - k) / (double)(k + 1);
        k++;
    }
    return k;
}

void statistics_median_ranks(size_t n, double inflation, size_t *low, size_t *high)
{
    size_t k = low_rank(n, inflation);

    *low = k > 0 ? k - 1 : 0;
    *high = n - 1 - *low;
}

/*
 * How much more the counts above the median vary from batch to batch than those of independent samples. sqrt(n) batches:
 * enough of them to see their variance, and each long enough to hold what lasts a while.
 */
double statistics_inflation(const double *samples, size_t n, double median)
{
    size_t batches = (size_t)sqrt((double)n), length = n / (batches > 0 ? batches : 1);
    double between = 0, within = 0;

    if (n < FEWEST_FOR_INFLATION)
        return 1;
    for (size_t batch = 0; batch < batches; batch++) {
        double sum = 0;
        for (size_t i = batch * length; i < (batch + 1) * length; i++) {
            double side = samples[i] > median ? 0.5 : samples[i] < median ? -0.5 : 0;
            sum += side;
            within += side * side;
        }
        between += sum * sum;
    }
    return within > 0 && between > within ? between / within : 1;
}

struct middle {
    double median, low, high;
};

/* The median of samples[from..from + n) with its interval; @room holds as many. */
static struct middle find_middle(const double *samples, size_t n, double inflation, double *room)
{
    size_t low, high;

    memcpy(room, samples, n * sizeof *room);
    qsort(room, n, sizeof *room, compare);
    statistics_median_ranks(n, inflation, &low, &high);
    return (struct middle){.median = statistics_quantile(room, n, 0.5), .low = room[low], .high = room[high]};
}

static void find_drift(const double *samples, size_t n, struct summary *summary, double *room)
{
    size_t third = n / 3;

    if (third < STATISTICS_FEWEST)
        return;
    struct middle first = find_middle(samples, third, 1, room);
    struct middle last = find_middle(samples + n - third, third, 1, room);
    summary->drift = summary->median != 0 ? (last.median - first.median) / fabs(summary->median) : 0;
    summary->drifts = first.high < last.low || last.high < first.low;
}

bool statistics_summarize(const double *samples, size_t n, struct summary *summary)
{
    double *sorted = malloc(n * sizeof *sorted);

    if (sorted == NULL)
        return false;
    struct middle middle = find_middle(samples, n, 1, sorted);
    double inflation = statistics_inflation(samples, n, middle.median);
    size_t low, high;
    statistics_median_ranks(n, inflation, &low, &high);
    *summary = (struct summary){.n = n,
        .median = middle.median,
        .ci_low = sorted[low],
        .ci_high = sorted[high],
        .min = sorted[0],
        .max = sorted[n - 1],
        .p99 = statistics_quantile(sorted, n, 0.99),
        .inflation = inflation};
    for (size_t i = 0; i < n; i++)
        sorted[i] = fabs(samples[i] - summary->median);
    qsort(sorted, n, sizeof *sorted, compare);
    summary->mad = statistics_quantile(sorted, n, 0.5);
    for (size_t i = 0; i < n; i++)
        summary->outliers += sorted[i] * 0.6745 > 3.5 * summary->mad;
    find_drift(samples, n, summary, sorted);
    free(sorted);
    return true;
}

bool statistics_noise(const struct summary *summary, double width, const char *disturbance, char *words, size_t size)
{
    bool drifts = summary->drifts && fabs(summary->drift) > width / 2;
    bool together = summary->inflation > INFLATION_TO_MARK;
    size_t used = (size_t)snprintf(words, size, "%s", disturbance);

    if (drifts && used < size)
        used += (size_t)snprintf(words + used, size - used, "%sdrift of %+.1f%% from the first third to the last",
            used > 0 ? "; " : "", 100 * summary->drift);
    if (together && used < size)
        snprintf(words + used, size - used, "%ssamples vary together: the interval is %.1f times wider for it",
            used > 0 ? "; " : "", sqrt(summary->inflation));
    return words[0] != '\0';
}

bool statistics_converged(const struct summary *summary, double width)
{
    return summary->n >= STATISTICS_FEWEST && summary->ci_high - summary->ci_low <= width * fabs(summary->median);
}
