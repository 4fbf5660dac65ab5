/*
 * What is said of samples: the middle and its interval against values worked out by hand or found in tables, drift, noise and
 * its causes, and the histogram.
 */
#include "bench/bench.h"
#include "chase.h"
#include "noise.h"
#include "run_suites.h"
#include "statistics.h"

#include <stddef.h>
#include <stdlib.h>

/* The order-statistic interval of the median as tables of the sign test give it (David and Nagaraja, Order Statistics). */
static void median_ranks_are_those_of_the_tables(void)
{
    static const struct {
        size_t n, low, high; /* Counted from 1, as tables do. */
    } rows[] = {{6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {15, 4, 12}, {20, 6, 15}, {25, 8, 18}, {50, 18, 33},
        {100, 40, 61}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t low, high;
        statistics_median_ranks(rows[i].n, 1, &low, &high);
        CU_ASSERT_EQUAL(low + 1, rows[i].low);
        CU_ASSERT_EQUAL(high + 1, rows[i].high);
    }
}

static void exact_and_approximate_ranks_meet(void)
{
    size_t low, high, next_low, next_high;

    statistics_median_ranks(1000, 1, &low, &high);
    statistics_median_ranks(1001, 1, &next_low, &next_high);
    CU_ASSERT_TRUE(next_low >= low && next_low <= low + 2);
    CU_ASSERT_TRUE(next_high <= high + 2 && next_high >= high);
}

static void summary_is_worked_out_by_hand(void)
{
    /* In order 1 2 3 4 5 6 7 8 9 100: median 5.5, deviations .5 .5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 94.5, their median 2.5. */
    static const double samples[] = {9, 1, 100, 3, 5, 2, 4, 8, 6, 7};
    struct summary summary;

    CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, 10, &summary));
    CU_ASSERT_DOUBLE_EQUAL(summary.median, 5.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(summary.mad, 2.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(summary.ci_low, 2, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.ci_high, 9, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.min, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.max, 100, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.p99, 9 + 0.91 * 91, 1e-9);
    CU_ASSERT_EQUAL(summary.outliers, 1);
    CU_ASSERT_EQUAL(summary.n, 10);
}

static void few_samples_do_not_converge(void)
{
    static const double same[] = {5, 5, 5, 5, 5, 5};
    struct summary summary;

    CU_ASSERT_TRUE_FATAL(statistics_summarize(same, 5, &summary));
    CU_ASSERT_FALSE(statistics_converged(&summary, 0.02));
    CU_ASSERT_TRUE_FATAL(statistics_summarize(same, 6, &summary));
    CU_ASSERT_TRUE(statistics_converged(&summary, 0.02));
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* 95% of intervals hold the true median: here of a skewed distribution whose median is known, over many trials. */
static void interval_covers_the_median_as_often_as_it_says(void)
{
    struct random random = {.state = 88172645463325252};
    double samples[40];
    unsigned covered = 0, trials = 4000;

    for (unsigned trial = 0; trial < trials; trial++) {
        struct summary summary;
        for (size_t i = 0; i < 40; i++) {
            double uniform = (double)(random_next(&random) >> 11) / 9007199254740992.0;
            samples[i] = 1 / (1 - uniform * 0.999); /* Median 1 / (1 - 0.4995). */
        }
        CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, 40, &summary));
        covered += summary.ci_low <= 1 / (1 - 0.4995) && 1 / (1 - 0.4995) <= summary.ci_high;
    }
    CU_ASSERT_TRUE(covered >= trials * 94 / 100);
    CU_ASSERT_TRUE(covered <= trials * 98 / 100);
}

/*
 * Samples that go along with their neighbours (of each, 0.9 is the one before): an interval that took them for independent
 * would hold the median in one trial of three.
 */
static void interval_allows_for_samples_that_vary_together(void)
{
    enum { SAMPLES = 1000, TRIALS = 1000 };
    struct random random = {.state = 88172645463325252};
    static double samples[SAMPLES];
    unsigned covered = 0, blind = 0;

    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct summary summary;
        double last = 0;
        size_t low, high;
        for (size_t i = 0; i < SAMPLES; i++)
            samples[i] = last = 0.9 * last + (double)(random_next(&random) >> 11) / 9007199254740992.0 - 0.5;
        CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, SAMPLES, &summary));
        covered += summary.ci_low <= 0 && 0 <= summary.ci_high;
        statistics_median_ranks(SAMPLES, 1, &low, &high);
        qsort(samples, SAMPLES, sizeof samples[0], compare_doubles);
        blind += samples[low] <= 0 && 0 <= samples[high];
    }
    CU_ASSERT_TRUE(covered >= TRIALS * 88 / 100);
    CU_ASSERT_TRUE(blind < TRIALS / 2);
}

static void drift_is_seen_and_noise_is_not_drift(void)
{
    struct random random = {.state = 5};
    double level[300], rising[300];
    struct summary summary;

    for (size_t i = 0; i < 300; i++) {
        level[i] = 100 + (double)random_below(&random, 1000) / 100;
        rising[i] = level[i] + (double)i / 30;
    }
    CU_ASSERT_TRUE_FATAL(statistics_summarize(level, 300, &summary));
    CU_ASSERT_FALSE(summary.drifts);
    CU_ASSERT_TRUE(summary.inflation < 3);
    CU_ASSERT_TRUE_FATAL(statistics_summarize(rising, 300, &summary));
    CU_ASSERT_TRUE(summary.drifts);
    CU_ASSERT_DOUBLE_EQUAL(summary.drift, 200.0 / 30 / 110, 0.02);
    CU_ASSERT_TRUE(summary.inflation > 3);
}

/* Each cause alone, just beyond what is worth a word, and all of them at rest. */
static void noise_is_named_by_its_cause(void)
{
    static const struct {
        struct noise_mark end;
        const char *words; /* NULL: nothing to say. */
    } rows[] = {
        {{.seconds = 10, .cpus = 4, .busy_seconds = 20, .used_seconds = 19.9, .probe_ns = 102}, NULL},
        {{.seconds = 10, .cpus = 4, .steal_seconds = 0.8, .probe_ns = 100},
            "the hypervisor took 2.0% of the CPUs' time"},
        {{.seconds = 10, .cpus = 4, .steal_seconds = 0.8, .probe_ns = 100, .is_virtual = true},
            "the hypervisor took 2.0% of the CPUs' time; a virtual machine, which does not see what else its host "
            "runs"},
        {{.seconds = 10, .cpus = 4, .busy_seconds = 24, .used_seconds = 20, .probe_ns = 100},
            "other programs took 10% of the CPUs' time"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 125}, "the processor ran 20% slower at the end than at the start"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 80}, "the processor ran 25% faster at the end than at the start"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 100, .pages_swapped = 3}, "3 pages went through swap"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 100, .throttled = 1}, "the processor throttled itself for heat"},
    };
    const struct noise_mark start = {.cpus = 4, .probe_ns = 100};
    char words[192];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_EQUAL(noise_causes(&start, &rows[i].end, words, sizeof words), rows[i].words != NULL);
        CU_ASSERT_STRING_EQUAL(words, rows[i].words != NULL ? rows[i].words : "");
    }
}

static void noise_of_a_figure_is_told_from_its_samples(void)
{
    struct summary steady = {.median = 100, .inflation = 2}, moving = steady, bursty = steady;
    char words[192];

    moving.drifts = true;
    moving.drift = 0.05;
    bursty.inflation = 9;
    CU_ASSERT_FALSE(statistics_noise(&steady, 0.02, "", words, sizeof words));
    CU_ASSERT_TRUE(statistics_noise(&steady, 0.02, "load", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "load");
    CU_ASSERT_TRUE(statistics_noise(&moving, 0.02, "load", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "load; drift of +5.0% from the first third to the last");
    CU_ASSERT_FALSE(statistics_noise(&moving, 0.2, "", words, sizeof words));
    CU_ASSERT_TRUE(statistics_noise(&bursty, 0.02, "", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "samples vary together: the interval is 3.0 times wider for it");
}

static void histogram_counts_by_constant_factors(void)
{
    struct bench_histogram histogram = {{0}};

    CU_ASSERT_EQUAL(bench_histogram_quantile(&histogram, 0.5), 0);
    for (size_t i = 0; i < 990; i++)
        bench_histogram_add(&histogram, 100);
    for (size_t i = 0; i < 10; i++)
        bench_histogram_add(&histogram, 5000);
    bench_histogram_add(&histogram, 0.1);
    bench_histogram_add(&histogram, 1e30);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_quantile(&histogram, 0.5), 100, 6);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_quantile(&histogram, 0.995), 5000, 300);
    CU_ASSERT_EQUAL(histogram.counts[0], 1);
    CU_ASSERT_EQUAL(histogram.counts[BENCH_HISTOGRAM_COUNTS - 1], 1);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_bound(BENCH_BOUNDS_AN_OCTAVE), 2, 1e-9);
}

int main(void)
{
    CU_TestInfo summaries[] = {
        {"median ranks are those of the tables", median_ranks_are_those_of_the_tables},
        {"exact and approximate ranks meet", exact_and_approximate_ranks_meet},
        {"summary is worked out by hand", summary_is_worked_out_by_hand},
        {"few samples do not converge", few_samples_do_not_converge},
        {"interval covers the median as often as it says", interval_covers_the_median_as_often_as_it_says},
        {"interval allows for samples that vary together", interval_allows_for_samples_that_vary_together},
        {"drift is seen, and noise is not drift", drift_is_seen_and_noise_is_not_drift},
        {"noise is named by its cause", noise_is_named_by_its_cause},
        {"noise of a figure is told from its samples", noise_of_a_figure_is_told_from_its_samples},
        {"histogram counts by constant factors", histogram_counts_by_constant_factors},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"summaries", NULL, NULL, NULL, NULL, summaries}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
