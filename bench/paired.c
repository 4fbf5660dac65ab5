/*
 * Sampling in pairs: A B B A, A B B A...
 *
 * Who always comes second finds caches warm, clocks risen, and what the first has left behind; so the order turns round with
 * each pair. It goes on until the interval of the comparison is as narrow as was asked or the time is up. It does not stop
 * as soon as the interval clears a bound: who stops at the moment that suits him is right by chance.
 */
#include "paired.h"

#include "failure.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The first looks are close together, later ones are each a quarter further on. */
#define FIRST_LOOK (4 * STATISTICS_FEWEST)
#define PATIENCE   4

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool make_room(struct paired *paired)
{
    if (paired->pairs < paired->capacity)
        return true;
    size_t capacity = paired->capacity == 0 ? 64 : 2 * paired->capacity;
    double *ours = realloc(paired->ours, capacity * sizeof *ours);
    if (ours != NULL)
        paired->ours = ours;
    double *baseline = realloc(paired->baseline, capacity * sizeof *baseline);
    if (baseline != NULL)
        paired->baseline = baseline;
    if (ours == NULL || baseline == NULL)
        return false;
    paired->capacity = capacity;
    return true;
}

static bool take_pair(struct paired *paired)
{
    bool baseline_first = paired->pairs % 2 == 1;
    double first, second;

    if (!paired->sample(paired, baseline_first, &first) || !paired->sample(paired, !baseline_first, &second))
        return false;
    paired->ours[paired->pairs] = baseline_first ? second : first;
    paired->baseline[paired->pairs] = baseline_first ? first : second;
    paired->pairs++;
    return true;
}

/* Work out the comparison; false when there is no memory for it. */
static bool look(struct paired *paired)
{
    if (!ratio_of_medians(paired->ours, paired->baseline, paired->pairs, paired->kind, &paired->random, &paired->ratio))
        return false;
    double allowed = paired->kind == RATIO_QUOTIENT ? paired->width * fabs(paired->ratio.value) : paired->width;
    bool narrow = paired->pairs >= STATISTICS_FEWEST && paired->ratio.ci_high - paired->ratio.ci_low <= allowed;
    paired->state = narrow ? BENCH_CONVERGED : BENCH_NOT_CONVERGED;
    return true;
}

static void mark_unfinished(struct paired *paired)
{
    if (paired->state == BENCH_NOT_CONVERGED)
        snprintf(paired->reason, sizeof paired->reason, "after %zu pairs the interval is %.3g wide; %.3g was asked",
            paired->pairs, paired->ratio.ci_high - paired->ratio.ci_low,
            paired->kind == RATIO_QUOTIENT ? paired->width * paired->ratio.value : paired->width);
}

/* Fewer pairs than an interval needs would be time spent for nothing: for those it may take some times as long. */
static bool is_out_of_time(const struct paired *paired, double elapsed)
{
    double allowed = paired->pairs < STATISTICS_FEWEST ? PATIENCE * paired->seconds : paired->seconds;
    bool is_over = paired->end > 0 && now() >= paired->end;

    return paired->pairs > 0 && (is_over || elapsed >= allowed);
}

/* True when the outcome could be kept and worked out. */
static bool take_pairs(struct paired *paired)
{
    double start = now();
    size_t next_look = FIRST_LOOK;
    bool enough = true, taken = true;

    while (enough && taken && paired->state != BENCH_CONVERGED) {
        bool is_last = paired->pairs_max > 0 && paired->pairs == paired->pairs_max;
        if (is_last || is_out_of_time(paired, now() - start))
            break;
        enough = make_room(paired);
        taken = enough && take_pair(paired);
        if (taken && paired->pairs == next_look) {
            enough = look(paired);
            next_look += next_look / 4;
        }
    }
    if (enough && !taken)
        paired->state = BENCH_NOT_RUN;
    else if (enough)
        enough = look(paired);
    return enough;
}

np_status paired_measure(struct paired *paired, np_error *error)
{
    struct noise_mark before, after;

    paired->state = BENCH_NOT_CONVERGED;
    paired->pairs = 0;
    noise_look(&before);
    bool enough = take_pairs(paired);
    noise_look(&after);
    noise_causes(&before, &after, paired->noise, sizeof paired->noise);
    mark_unfinished(paired);
    return enough ? NP_OK : failure(error, NP_ALLOCATION, "no memory to keep %zu pairs of samples", paired->pairs);
}

void paired_free(struct paired *paired)
{
    free(paired->ours);
    free(paired->baseline);
    paired->ours = paired->baseline = NULL;
    paired->pairs = paired->capacity = 0;
}
