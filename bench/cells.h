/*
 * Cells: one figure for each pair of an initiator and a target, measured round after round: see cells.c.
 */
#ifndef NUMAPROOF_BENCH_CELLS_H
#define NUMAPROOF_BENCH_CELLS_H

#include "bench/bench.h"
#include "chase.h"
#include "noise.h"
#include "statistics.h"

struct cell {
    int initiator, target; /* Nodes. */
    double *samples;       /* One a round; grows. */
    size_t count, capacity;
    struct summary summary; /* Of the samples so far, from STATISTICS_FEWEST of them on. */
    enum bench_state state; /* BENCH_NOT_CONVERGED until it is otherwise. */
    char reason[256];
    void *closure; /* The measurement's own. */
};

/* Take one sample of a cell: false, and the cell's state and reason set, when it is not where it claims to be. */
typedef bool cells_sample(struct cell *cell, double *sample);

struct cells {
    struct cell *cell;
    size_t count;
    cells_sample *sample;
    const char *what; /* For the progress line. */
    double width;     /* Asked width of the interval. */
    double seconds;   /* Time limit; a sample that has begun is ended, and the first round goes on beyond it. */
    struct random random;
    char disturbance[NOISE_SIZE]; /* What disturbed all of them alike; known when it is over. */
};

/* Preparing took so long of the time that was given. A quarter of it is left in any case: figures take some time. */
void cells_take_off(struct cells *cells, double seconds);

/*
 * Measure all cells in random order, round after round, until each has converged or the time is up; one round in any case. A
 * cell that cannot be measured drops out alone. NP_ALLOCATION when there is no memory for samples.
 */
np_status cells_measure(struct cells *cells, const struct bench_options *options, np_error *error);

/*
 * For a second figure that comes with each sample: keep one in a cell of its own (false: no memory), and at the end sum up
 * such cells as cells_measure() does its own. NP_ALLOCATION when there is no memory.
 */
bool cells_keep(struct cell *cell, double sample);
np_status cells_conclude(struct cells *cells, np_error *error);

/* Say what a cell measures: all of @measurement but its figures, state, reason and noise. */
typedef void cells_describe(const struct cell *cell, struct bench_measurement *measurement);

/* Append all cells to @report, with their samples, which are the report's then. */
np_status cells_report(struct cells *cells, cells_describe *describe, struct bench_report *report, np_error *error);

/* Free the samples of all cells that still have theirs. */
void cells_free_samples(struct cells *cells);

/*
 * Whether cell @b takes longer than cell @a, from the differences of the samples of the same round, against the noise:
 * the difference that @a shows against itself from one round to the next. +1 longer, -1 shorter, 0 cannot be told; the
 * median difference and the noise go to *@difference and *@noise.
 */
int cells_compare(const struct cell *a, const struct cell *b, double *difference, double *noise);

#endif
