/*
 * How any figure is taken: interleaved, repeated, and until it can be believed.
 *
 * A machine drifts: it heats up, neighbours come and go. Measuring one pair of nodes for a second and then the next would
 * turn drift into a difference between nodes. So all cells take one sample each, in random order, and then again, round
 * after round: drift falls on all alike, and two cells can be compared by their difference within a round, which is free
 * of it. It goes on until every median's interval is as narrow as was asked, or the time is up; what did not converge is
 * marked, not hidden. The first round is in any case a whole one: on a machine that is slow, or busy with others, a figure of
 * one sample tells more than none.
 */
#include "cells.h"

#include "failure.h"
#include "figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Summing up costs a sort: after the first rounds it is done every so many. */
/*
 * The first round goes on when the time is over, so that no figure is missing on a slow machine: not for ever, since a machine may
 * have thousands of figures.
 */
#define FIRST_ROUND_TIMES   10
#define FIRST_ROUND_SECONDS 30

#define ROUNDS_BETWEEN_LOOKS 8

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool is_running(const struct cell *cell)
{
    return cell->state == BENCH_CONVERGED || cell->state == BENCH_NOT_CONVERGED;
}

bool cells_keep(struct cell *cell, double sample)
{
    if (cell->count == cell->capacity) {
        size_t capacity = cell->capacity == 0 ? 64 : 2 * cell->capacity;
        double *samples = realloc(cell->samples, capacity * sizeof *samples);
        if (samples == NULL)
            return false;
        cell->samples = samples;
        cell->capacity = capacity;
    }
    cell->samples[cell->count++] = sample;
    return true;
}

static void shuffle(size_t *order, size_t count, struct random *random)
{
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        size_t kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* One sample of each cell that still runs, until @end. False when there is no memory for one. */
static bool run_round(struct cells *cells, size_t *order, double end)
{
    shuffle(order, cells->count, &cells->random);
    for (size_t i = 0; i < cells->count && now() < end; i++) {
        struct cell *cell = &cells->cell[order[i]];
        double sample;
        if (is_running(cell) && cells->sample(cell, &sample) && !cells_keep(cell, sample))
            return false;
    }
    return true;
}

/* Sum up all cells; *@widest is the widest interval as a share of its median. False when there is no memory. */
static bool look(struct cells *cells, double *widest)
{
    *widest = 0;
    for (size_t i = 0; i < cells->count; i++) {
        struct cell *cell = &cells->cell[i];
        if (!is_running(cell) || cell->count == 0)
            continue;
        if (!statistics_summarize(cell->samples, cell->count, &cell->summary))
            return false;
        bool converged = statistics_converged(&cell->summary, cells->width);
        cell->state = converged ? BENCH_CONVERGED : BENCH_NOT_CONVERGED;
        double share = converged ? 0 : (cell->summary.ci_high - cell->summary.ci_low) / fabs(cell->summary.median);
        *widest = share > *widest ? share : *widest;
    }
    return true;
}

static void tell(const struct cells *cells, const struct bench_options *options, double elapsed, double widest)
{
    /* Intervals narrow with the square root of the time. */
    double needed = elapsed * (widest / cells->width) * (widest / cells->width);
    double total = needed > 0 && needed < cells->seconds ? needed : cells->seconds;

    if (options->progress != NULL)
        options->progress(cells->what, elapsed < total ? elapsed / total : 1, elapsed < total ? total - elapsed : 0,
            options->closure);
}

static void mark_unfinished(struct cells *cells)
{
    for (size_t i = 0; i < cells->count; i++) {
        struct cell *cell = &cells->cell[i];
        if (is_running(cell) && cell->count == 0) {
            cell->state = BENCH_NOT_RUN;
            snprintf(cell->reason, sizeof cell->reason, "there was no time for it in %.0f s", cells->seconds);
        }
        if (cell->state == BENCH_NOT_CONVERGED && cell->count < STATISTICS_FEWEST)
            snprintf(cell->reason, sizeof cell->reason,
                "there was time for %zu sample%s in %.0f s; an interval takes %d", cell->count,
                cell->count == 1 ? "" : "s", cells->seconds, STATISTICS_FEWEST);
        if (cell->state == BENCH_NOT_CONVERGED && cell->reason[0] == '\0')
            snprintf(cell->reason, sizeof cell->reason, "%.1f%% wide after %zu samples; %.1f%% was asked",
                100 * (cell->summary.ci_high - cell->summary.ci_low) / cell->summary.median, cell->count,
                100 * cells->width);
    }
}

np_status cells_conclude(struct cells *cells, np_error *error)
{
    double widest;

    if (!look(cells, &widest))
        return failure(error, NP_ALLOCATION, "no memory to sum up the samples of %zu cells", cells->count);
    mark_unfinished(cells);
    return NP_OK;
}

void cells_take_off(struct cells *cells, double seconds)
{
    cells->seconds = fmax(cells->seconds - seconds, cells->seconds / 4);
}

np_status cells_measure(struct cells *cells, const struct bench_options *options, np_error *error)
{
    size_t *order = malloc(cells->count * sizeof *order);
    double start = now(), widest = INFINITY;
    bool enough = order != NULL;
    struct noise_mark before, after;

    noise_look(&before);
    for (size_t round = 1; enough && widest > cells->width && (round == 1 || now() - start < cells->seconds); round++) {
        double allowed = cells->seconds;
        if (round == 1)
            allowed = fmax(FIRST_ROUND_SECONDS, FIRST_ROUND_TIMES * cells->seconds);
        enough = run_round(cells, order, start + allowed);
        if (enough && round >= STATISTICS_FEWEST && round % ROUNDS_BETWEEN_LOOKS == 0) {
            enough = look(cells, &widest);
            tell(cells, options, now() - start, widest);
        }
    }
    noise_look(&after);
    noise_causes(&before, &after, cells->disturbance, sizeof cells->disturbance);
    free(order);
    return enough ? cells_conclude(cells, error)
                  : failure(error, NP_ALLOCATION, "no memory to keep the samples of %zu cells", cells->count);
}

static void put_figures(const struct cells *cells, struct cell *cell, struct bench_measurement *measurement)
{
    figures_take(measurement, &cell->summary);
    measurement->samples = cell->samples;
    cell->samples = NULL; /* They are the report's now. */
    statistics_noise(&cell->summary, cells->width, cells->disturbance, measurement->noise, sizeof measurement->noise);
}

np_status cells_report(struct cells *cells, cells_describe *describe, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; i < cells->count && status == NP_OK; i++) {
        struct cell *cell = &cells->cell[i];
        struct bench_measurement measurement = {.initiator = cell->initiator, .target = cell->target};
        describe(cell, &measurement);
        measurement.state = cell->state;
        snprintf(measurement.reason, sizeof measurement.reason, "%s", cell->reason);
        if (is_running(cell))
            put_figures(cells, cell, &measurement);
        status = bench_report_add_measurement(report, &measurement, error);
    }
    return status;
}

void cells_free_samples(struct cells *cells)
{
    for (size_t i = 0; i < cells->count; i++) {
        free(cells->cell[i].samples);
        cells->cell[i].samples = NULL;
    }
}

int cells_compare(const struct cell *a, const struct cell *b, double *difference, double *noise)
{
    size_t n = a->count < b->count ? a->count : b->count;
    double *differences = n > STATISTICS_FEWEST ? malloc(n * sizeof *differences) : NULL;
    struct summary between, within;
    bool known = differences != NULL;

    for (size_t i = 0; known && i < n; i++)
        differences[i] = b->samples[i] - a->samples[i];
    known = known && statistics_summarize(differences, n, &between);
    for (size_t i = 0; known && i + 1 < n; i++)
        differences[i] = a->samples[i + 1] - a->samples[i];
    known = known && statistics_summarize(differences, n - 1, &within);
    free(differences);
    if (!known)
        return 0;
    *difference = between.median;
    *noise = fmax(fabs(within.ci_low), fabs(within.ci_high));
    if (between.ci_low > *noise)
        return 1;
    return between.ci_high < -*noise ? -1 : 0;
}
