/*
 * The ratio of two medians: against values worked out by hand, the interval against how often it covers the truth, drift,
 * and what a bound makes of it. The looks at what else the machine does are doubles.
 */
#include "paired.h"
#include "run_suites.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Doubles of noise.c. */
static unsigned looks;

void noise_look(struct noise_mark *mark)
{
    *mark = (struct noise_mark){.seconds = ++looks};
}

bool noise_causes(const struct noise_mark *from, const struct noise_mark *to, char *words, size_t size)
{
    snprintf(words, size, "between looks %g and %g", from->seconds, to->seconds);
    return true;
}

static struct random random_source = {.state = 20240607};

/* In (0, 1). */
static double uniform(void)
{
    return ((double)(random_next(&random_source) >> 11) + 0.5) / 9007199254740992.0;
}

/* Times as machines make them: a floor and a long tail. */
static double long_tailed(double floor)
{
    return floor * (1 - 0.2 * log(uniform()));
}

static void medians_are_worked_out_by_hand(void)
{
    static const double ours[] = {6, 2, 10, 4}, baseline[] = {1, 4, 2, 3};
    struct ratio ratio;

    CU_ASSERT_TRUE_FATAL(ratio_of_medians(ours, baseline, 4, RATIO_QUOTIENT, &random_source, &ratio));
    CU_ASSERT_DOUBLE_EQUAL(ratio.ours, 5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ratio.baseline, 2.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ratio.value, 2, 1e-12);
    CU_ASSERT_TRUE_FATAL(ratio_of_medians(ours, baseline, 3, RATIO_DIFFERENCE, &random_source, &ratio));
    CU_ASSERT_DOUBLE_EQUAL(ratio.value, 6 - 2, 1e-12);
    CU_ASSERT_EQUAL(ratio.n, 3);
}

static void one_pair_is_its_own_interval(void)
{
    const double ours = 3, baseline = 2;
    struct ratio ratio;

    CU_ASSERT_TRUE_FATAL(ratio_of_medians(&ours, &baseline, 1, RATIO_QUOTIENT, &random_source, &ratio));
    CU_ASSERT_DOUBLE_EQUAL(ratio.ci_low, 1.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ratio.ci_high, 1.5, 1e-12);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_MOST, 2}), RATIO_INCONCLUSIVE);
}

/* Both sides from one distribution, ours 1.3 times as long: 1.3 must lie in the interval 95 times in a hundred. */
static void interval_covers_the_truth_as_often_as_it_says(void)
{
    enum { TRIALS = 400, PAIRS = 40 };
    double ours[PAIRS], baseline[PAIRS];
    unsigned covered = 0;

    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct ratio ratio;
        for (unsigned i = 0; i < PAIRS; i++) {
            ours[i] = long_tailed(130);
            baseline[i] = long_tailed(100);
        }
        CU_ASSERT_TRUE_FATAL(ratio_of_medians(ours, baseline, PAIRS, RATIO_QUOTIENT, &random_source, &ratio));
        covered += ratio.ci_low <= 1.3 && ratio.ci_high >= 1.3;
    }
    /* Binomial with 0.95: 380 are expected, and 4 standard deviations are 17. */
    CU_ASSERT_TRUE(covered >= 363 && covered <= 397);
}

/* A first-order autoregression: what came before counts for @correlation; of unit variance. */
static double follow(double before, double correlation)
{
    /* Twelve uniform numbers make a normal one, well enough. */
    double normal = -6;

    for (int i = 0; i < 12; i++)
        normal += uniform();
    return correlation * before + sqrt(1 - correlation * correlation) * normal;
}

/* A sanitizer's build asks for fewer: they touch all that there is to touch, and tell nothing of coverage. */
#ifndef TRIALS_OF_STRETCHES
#define TRIALS_OF_STRETCHES 300
#endif

/* How often in a hundred the interval holds the true 1.3, where slow and fast stretches last, on each side for itself. */
static double coverage_of_stretches(double correlation)
{
    enum { TRIALS = TRIALS_OF_STRETCHES, PAIRS = 300 };
    double ours[PAIRS], baseline[PAIRS];
    unsigned covered = 0;

    for (unsigned trial = 0; trial < TRIALS; trial++) {
        double x = follow(0, 0), y = follow(0, 0);
        struct ratio ratio;
        for (unsigned i = 0; i < PAIRS; i++) {
            ours[i] = 130 * exp(0.1 * (x = follow(x, correlation)));
            baseline[i] = 100 * exp(0.1 * (y = follow(y, correlation)));
        }
        CU_ASSERT_TRUE_FATAL(ratio_of_medians(ours, baseline, PAIRS, RATIO_QUOTIENT, &random_source, &ratio));
        covered += ratio.ci_low <= 1.3 && ratio.ci_high >= 1.3;
    }
    return 100.0 * covered / TRIALS;
}

/* Of independent draws the intervals hold it in 76% and 50%; the binomial's deviation is 1.3 to 1.7 points. */
static void interval_allows_for_pairs_that_vary_together(void)
{
    double weak = coverage_of_stretches(0.5), strong = coverage_of_stretches(0.8);

    printf("coverage %.1f%%, %.1f%% ", weak, strong);
    CU_ASSERT_TRUE(TRIALS_OF_STRETCHES < 100 || (weak >= 88 && weak <= 99.7));
    CU_ASSERT_TRUE(TRIALS_OF_STRETCHES < 100 || (strong >= 86 && strong <= 99.7));
}

/* Stretches that fall on both alike are what pairs are for: they cancel, and widen nothing. */
static void stretches_of_both_cancel(void)
{
    enum { PAIRS = 300 };
    double ours[PAIRS], baseline[PAIRS], x = 0;
    struct ratio ratio;

    for (unsigned i = 0; i < PAIRS; i++) {
        x = follow(x, 0.95);
        ours[i] = 130 * exp(0.1 * x) * (1 + 0.01 * uniform());
        baseline[i] = 100 * exp(0.1 * x) * (1 + 0.01 * uniform());
    }
    CU_ASSERT_TRUE_FATAL(ratio_of_medians(ours, baseline, PAIRS, RATIO_QUOTIENT, &random_source, &ratio));
    CU_ASSERT_TRUE(ratio.ci_low <= 1.3 && ratio.ci_high >= 1.3);
    CU_ASSERT_TRUE(ratio.ci_high - ratio.ci_low < 0.03);
}

/* The same of two that were not taken in turns and are not as many: of so few, order statistics hold it somewhat more often. */
static void independent_medians_cover_the_truth(void)
{
    enum { TRIALS = 400, OURS = 24, BASELINE = 36 };
    double ours[OURS], baseline[BASELINE];
    unsigned covered = 0;

    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct summary a, b;
        for (unsigned i = 0; i < OURS; i++)
            ours[i] = long_tailed(130);
        for (unsigned i = 0; i < BASELINE; i++)
            baseline[i] = long_tailed(100);
        CU_ASSERT_TRUE_FATAL(statistics_summarize(ours, OURS, &a) && statistics_summarize(baseline, BASELINE, &b));
        struct ratio ratio = ratio_of_summaries(&a, &b);
        CU_ASSERT_DOUBLE_EQUAL(ratio.value, a.median / b.median, 1e-12);
        CU_ASSERT_EQUAL(ratio.n, OURS);
        covered += ratio.ci_low <= 1.3 && ratio.ci_high >= 1.3;
    }
    CU_ASSERT_TRUE(covered >= 363 && covered <= 399);
}

static void independent_medians_by_hand(void)
{
    const struct summary ours = {.n = 9, .median = 8, .ci_low = 2, .ci_high = 8 * exp(3)};
    const struct summary baseline = {.n = 7, .median = 2, .ci_low = 2 * exp(-4), .ci_high = 2};
    struct ratio ratio = ratio_of_summaries(&ours, &baseline);

    CU_ASSERT_DOUBLE_EQUAL(ratio.value, 4, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ratio.ci_low, 1, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(ratio.ci_high, 4 * exp(5), 1e-9);
    CU_ASSERT_EQUAL(ratio.n, 7);
}

static void bounds_judge_the_whole_interval(void)
{
    const struct ratio ratio = {.n = 10, .value = 1.5, .ci_low = 1.4, .ci_high = 1.6};
    const struct ratio few = {.n = 5, .value = 1.5, .ci_low = 1.4, .ci_high = 1.6};

    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_MOST, 1.7}), RATIO_HOLDS);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_MOST, 1.6}), RATIO_HOLDS);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_MOST, 1.55}), RATIO_INCONCLUSIVE);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_MOST, 1.3}), RATIO_DOES_NOT_HOLD);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_LEAST, 1.3}), RATIO_HOLDS);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_LEAST, 1.5}), RATIO_INCONCLUSIVE);
    CU_ASSERT_EQUAL(ratio_judge(&ratio, (struct ratio_bound){RATIO_AT_LEAST, 1.7}), RATIO_DOES_NOT_HOLD);
    CU_ASSERT_EQUAL(ratio_judge(&few, (struct ratio_bound){RATIO_AT_MOST, 1.7}), RATIO_INCONCLUSIVE);
    CU_ASSERT_STRING_EQUAL(ratio_verdict(RATIO_HOLDS), "pass");
    CU_ASSERT_STRING_EQUAL(ratio_verdict(RATIO_DOES_NOT_HOLD), "fail");
    CU_ASSERT_STRING_EQUAL(ratio_verdict(RATIO_INCONCLUSIVE), "inconclusive");
}

/* A machine that gets a third slower while it is measured, and two sides of which one takes 1.2 times as long. */
struct drifting {
    double slowness;
    unsigned calls;
    char order[8];
};

static bool sample_drifting(struct paired *paired, bool baseline, double *sample)
{
    struct drifting *drifting = paired->closure;

    if (drifting->calls < sizeof drifting->order - 1)
        drifting->order[drifting->calls] = baseline ? 'B' : 'A';
    drifting->calls++;
    drifting->slowness *= 1.001;
    *sample = long_tailed(baseline ? 100 : 120) * drifting->slowness;
    return true;
}

static void turns_cancel_drift(void)
{
    struct drifting drifting = {.slowness = 1};
    looks = 0;
    struct paired paired = {
        .sample = sample_drifting, .closure = &drifting, .seconds = 60, .pairs_max = 150, .random = {.state = 77}};

    CU_ASSERT_EQUAL_FATAL(paired_measure(&paired, NULL), NP_OK);
    CU_ASSERT_STRING_EQUAL(drifting.order, "ABBAABB");
    CU_ASSERT_EQUAL(paired.pairs, 150);
    CU_ASSERT_EQUAL(paired.state, BENCH_NOT_CONVERGED);
    CU_ASSERT_TRUE(paired.ratio.ci_low <= 1.2 && paired.ratio.ci_high >= 1.2);
    CU_ASSERT_STRING_EQUAL(paired.noise, "between looks 1 and 2");
    paired_free(&paired);
}

static void it_ends_when_the_interval_is_narrow(void)
{
    struct drifting drifting = {.slowness = 1};
    struct paired paired = {
        .sample = sample_drifting, .closure = &drifting, .width = 0.5, .seconds = 60, .random = {.state = 78}};

    CU_ASSERT_EQUAL_FATAL(paired_measure(&paired, NULL), NP_OK);
    CU_ASSERT_EQUAL(paired.state, BENCH_CONVERGED);
    CU_ASSERT_TRUE(paired.pairs < 1000);
    CU_ASSERT_EQUAL(drifting.calls, 2 * paired.pairs);
    paired_free(&paired);
}

static bool sample_until_third(struct paired *paired, bool baseline, double *sample)
{
    unsigned *calls = paired->closure;

    (void)baseline;
    *sample = 1;
    if (++*calls < 3)
        return true;
    snprintf(paired->reason, sizeof paired->reason, "the third was not to be had");
    return false;
}

static void a_sample_that_cannot_be_taken_ends_it(void)
{
    unsigned calls = 0;
    struct paired paired = {.sample = sample_until_third, .closure = &calls, .seconds = 60, .random = {.state = 79}};

    CU_ASSERT_EQUAL_FATAL(paired_measure(&paired, NULL), NP_OK);
    CU_ASSERT_EQUAL(paired.state, BENCH_NOT_RUN);
    CU_ASSERT_STRING_EQUAL(paired.reason, "the third was not to be had");
    CU_ASSERT_EQUAL(calls, 3);
    paired_free(&paired);
}

int main(void)
{
    CU_TestInfo ratio[] = {{"medians are worked out by hand", medians_are_worked_out_by_hand},
        {"one pair is its own interval", one_pair_is_its_own_interval},
        {"interval covers the truth as often as it says", interval_covers_the_truth_as_often_as_it_says},
        {"interval allows for pairs that vary together", interval_allows_for_pairs_that_vary_together},
        {"stretches of both cancel", stretches_of_both_cancel},
        {"independent medians by hand", independent_medians_by_hand},
        {"independent medians cover the truth", independent_medians_cover_the_truth},
        {"bounds judge the whole interval", bounds_judge_the_whole_interval}, CU_TEST_INFO_NULL};
    CU_TestInfo paired[] = {{"turns cancel drift", turns_cancel_drift},
        {"it ends when the interval is narrow", it_ends_when_the_interval_is_narrow},
        {"a sample that cannot be taken ends it", a_sample_that_cannot_be_taken_ends_it}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {
        {"ratio", NULL, NULL, NULL, NULL, ratio}, {"paired", NULL, NULL, NULL, NULL, paired}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
