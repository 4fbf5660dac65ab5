/*
 * The ratio of two medians, and how sure it is.
 *
 * Two things are compared on a machine that drifts by measuring them in turns, A B B A, so that drift falls on both alike, and
 * a slow stretch slows a pair and not a side. The figure is the quotient of the two medians (or their difference). Its
 * interval comes from the percentile bootstrap: pairs are drawn with replacement, as many as there are, the figure is worked
 * out anew, and of two thousand such figures the middle 95% is the interval. Pairs and not samples are drawn, because what
 * the two of a pair have in common (the drift) is to cancel; nothing is assumed of any distribution. (Efron and
 * Tibshirani, An Introduction to the Bootstrap, chapters 8 and 13.)
 *
 * What does not cancel may still last: a side that is slow for twenty pairs is one event, not twenty. So pairs are drawn in
 * blocks of neighbours, long enough to hold what lasts (the circular block bootstrap; Politis and Romano 1992). How long that is
 * comes from the pairs: by which of the two lay further above its median they are samples whose inflation statistics.c
 * finds, and it is that of a first-order autoregression, for which the best length is known (Politis and White 2004). A block
 * bootstrap of few blocks is too sure, by about one block's part of the pairs; the interval is widened by that.
 *
 * A bound holds only if the whole interval says so. An interval that straddles it is inconclusive, whatever its middle.
 */
#include "ratio.h"

#include "statistics.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define RESAMPLES 2000

/* One side in ascending order, and how often each of its samples was drawn. */
struct side {
    const double *samples;
    size_t *order;   /* The numbers of the pairs, by ascending sample. */
    uint32_t *drawn; /* By number of the pair; the two sides have it in common. */
};

static int compare_by_sample(const void *left, const void *right, void *samples)
{
    const double *by = samples;
    double a = by[*(const size_t *)left], b = by[*(const size_t *)right];

    return (a > b) - (a < b);
}

static void sort_side(struct side *side, size_t n)
{
    for (size_t i = 0; i < n; i++)
        side->order[i] = i;
    qsort_r(side->order, n, sizeof *side->order, compare_by_sample, (void *)(uintptr_t)side->samples);
}

/* The median of what was drawn: walk up the order until half of it is passed. */
static double median_of_drawn(const struct side *side, size_t n)
{
    size_t low = (n - 1) / 2, high = n / 2, passed = 0;
    double lower = NAN;

    for (size_t i = 0; i < n; i++) {
        size_t pair = side->order[i];
        passed += side->drawn[pair];
        if (isnan(lower) && passed > low)
            lower = side->samples[pair];
        if (passed > high)
            return (lower + side->samples[pair]) / 2;
    }
    return lower;
}

static double compare_medians(double ours, double baseline, enum ratio_kind kind)
{
    return kind == RATIO_QUOTIENT ? ours / baseline : ours - baseline;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* 1, 0 or -1: on which side of its median a sample lies. */
static int side_of(double sample, double median)
{
    return (sample > median) - (sample < median);
}

/* How many pairs in a row are drawn at once: 1 where each is independent, and a quarter of all at most. */
static size_t block_length(const struct side sides[2], const struct ratio *ratio, double *room)
{
    for (size_t i = 0; i < ratio->n; i++)
        room[i] = side_of(sides[0].samples[i], ratio->ours) - side_of(sides[1].samples[i], ratio->baseline);
    double inflation = statistics_inflation(room, ratio->n, 0);
    double correlation = (inflation - 1) / (inflation + 1);
    double length = pow(sqrt(6) * correlation / (1 - correlation * correlation), 2.0 / 3) * cbrt((double)ratio->n);

    length = fmin(ceil(length), floor((double)ratio->n / 4));
    return length > 1 ? (size_t)length : 1;
}

static void draw_blocks(uint32_t *drawn, size_t n, size_t block, struct random *random)
{
    for (size_t i = 0; i < n; i++)
        drawn[i] = 0;
    for (size_t taken = 0; taken < n; taken += block) {
        size_t start = random_below(random, n);
        for (size_t i = 0; i < block && taken + i < n; i++)
            drawn[(start + i) % n]++;
    }
}

static void resample(
    const struct side sides[2], size_t n, size_t block, enum ratio_kind kind, struct random *random, double *figures)
{
    for (size_t i = 0; i < RESAMPLES; i++) {
        draw_blocks(sides[0].drawn, n, block, random);
        figures[i] = compare_medians(median_of_drawn(&sides[0], n), median_of_drawn(&sides[1], n), kind);
    }
    qsort(figures, RESAMPLES, sizeof *figures, compare);
}

bool ratio_of_medians(const double *ours, const double *baseline, size_t n, enum ratio_kind kind, struct random *random,
    struct ratio *ratio)
{
    size_t *orders = malloc(2 * n * sizeof *orders);
    uint32_t *drawn = malloc(n * sizeof *drawn);
    double *figures = malloc(RESAMPLES * sizeof *figures);
    double *room = malloc(n * sizeof *room);
    bool enough = orders != NULL && drawn != NULL && figures != NULL && room != NULL;

    if (enough) {
        struct side sides[2] = {{ours, orders, drawn}, {baseline, orders + n, drawn}};
        for (size_t i = 0; i < n; i++)
            drawn[i] = 1;
        sort_side(&sides[0], n);
        sort_side(&sides[1], n);
        *ratio =
            (struct ratio){.n = n, .ours = median_of_drawn(&sides[0], n), .baseline = median_of_drawn(&sides[1], n)};
        ratio->value = compare_medians(ratio->ours, ratio->baseline, kind);
        size_t block = block_length(sides, ratio, room);
        double widening = block > 1 ? sqrt((double)n / (double)(n - block)) : 1;
        resample(sides, n, block, kind, random, figures);
        ratio->ci_low = ratio->value - widening * (ratio->value - statistics_quantile(figures, RESAMPLES, 0.025));
        ratio->ci_high = ratio->value + widening * (statistics_quantile(figures, RESAMPLES, 0.975) - ratio->value);
    }
    free(room);
    free(orders);
    free(drawn);
    free(figures);
    return enough;
}

/*
 * Two intervals that just fail to overlap say more than 95%: both medians would have to be at their far ends at once. The
 * distances to the ends add up as deviations do, by their squares, here of logarithms (the method of variance estimates
 * recovery; Zou and Donner 2008).
 */
struct ratio ratio_of_summaries(const struct summary *ours, const struct summary *baseline)
{
    double down = hypot(log(ours->median / ours->ci_low), log(baseline->ci_high / baseline->median));
    double up = hypot(log(ours->ci_high / ours->median), log(baseline->median / baseline->ci_low));
    double value = ours->median / baseline->median;

    return (struct ratio){.n = ours->n < baseline->n ? ours->n : baseline->n,
        .ours = ours->median,
        .baseline = baseline->median,
        .value = value,
        .ci_low = value * exp(-down),
        .ci_high = value * exp(up)};
}

enum ratio_answer ratio_judge(const struct ratio *ratio, struct ratio_bound bound)
{
    bool at_most = bound.kind == RATIO_AT_MOST;

    if (ratio->n < STATISTICS_FEWEST)
        return RATIO_INCONCLUSIVE;
    if (at_most ? ratio->ci_high <= bound.value : ratio->ci_low >= bound.value)
        return RATIO_HOLDS;
    if (at_most ? ratio->ci_low > bound.value : ratio->ci_high < bound.value)
        return RATIO_DOES_NOT_HOLD;
    return RATIO_INCONCLUSIVE;
}

const char *ratio_verdict(enum ratio_answer answer)
{
    static const char *const verdicts[] = {
        [RATIO_HOLDS] = "pass", [RATIO_DOES_NOT_HOLD] = "fail", [RATIO_INCONCLUSIVE] = "inconclusive"};

    return verdicts[answer];
}
