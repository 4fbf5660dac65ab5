/*
 * A sample of bandwidth: a team goes through a slice of its arrays once.
 *
 * Each member has a part of the arrays to itself, as the loops of a parallel program would, and takes a slice of it, some
 * ten milliseconds' worth; the next sample goes on behind it, so that what it reads has long left the caches. What was
 * done is checked in every sample: sums must be exact, and some elements, spoilt before, must hold what they should. Every
 * page must lie on its node after the sample as it did before, and each member on its CPU.
 */
#include "stream_cells.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECKED_ELEMENTS 8
#define FIRST_SLICE      ((size_t)1 << 17)
#define FIRST_TRIES      3

/* A sample under way: the streams of all members, and what each came to. */
struct sampling {
    const struct stream_cell *cell;
    stream_function *function;
    struct stream *streams;
    double *results; /* A cache line apart. */
};
enum { RESULT_APART = CHASE_LINE / sizeof(double) };

void stream_target_make(struct stream_target *target, size_t bytes, unsigned node)
{
    np_error problem;

    if (buffer_make(&target->buffer, bytes, node, &problem) != NP_OK) {
        snprintf(target->why, sizeof target->why, "%.200s", problem.reason);
        return;
    }
    target->n = bytes / 3 / sizeof(double) / STREAM_STEP * STREAM_STEP;
    target->a = (double *)(void *)target->buffer.start;
    target->b = target->a + target->n;
    target->c = target->b + target->n;
    stream_fill(target->a, target->n);
    stream_fill(target->b, target->n);
    stream_fill(target->c, target->n);
}

void stream_target_free(struct stream_target *target)
{
    buffer_free(&target->buffer);
}

/* Where in its target's arrays a member's slice begins, and how many elements it has. */
static size_t find_slice(const struct stream_share *share, size_t slice, size_t *n)
{
    size_t steps = share->target->n / STREAM_STEP;
    size_t from = steps * share->share / share->shares * STREAM_STEP;
    size_t length = steps * (share->share + 1) / share->shares * STREAM_STEP - from;
    size_t slices = length / slice > 0 ? length / slice : 1;

    *n = length / slices / STREAM_STEP * STREAM_STEP;
    return from + share->target->position / slice % slices * *n;
}

static void work(unsigned member, void *closure)
{
    struct sampling *sampling = closure;

    sampling->results[member * RESULT_APART] = sampling->function(&sampling->streams[member]);
}

static void fail(struct cell *cell, enum bench_state state, const char *reason)
{
    cell->state = state;
    snprintf(cell->reason, sizeof cell->reason, "%s", reason);
}

/* Lay out each member's slice; what all move goes to *@bytes. */
static void lay_out(struct stream_cell *cell, struct sampling *sampling, double s, double *bytes)
{
    *bytes = 0;
    for (size_t i = 0; i < cell->members; i++) {
        const struct stream_target *target = cell->shares[i].target;
        size_t n, from = find_slice(&cell->shares[i], cell->slice, &n);
        sampling->streams[i] = (struct stream){target->a + from, target->b + from, target->c + from, n, s};
        *bytes += (double)n * stream_facts[cell->kernel].moved;
    }
}

/* The elements of a member that are looked at: the first, the last, and some by chance, the same for the same seed. */
static size_t pick(struct random *random, size_t which, size_t n)
{
    return which == 0 ? 0 : which == 1 ? n - 1 : random_below(random, n);
}

static void spoil(const struct stream_cell *cell, const struct sampling *sampling)
{
    struct random random = cell->random;

    for (size_t i = 0; i < cell->members; i++)
        for (size_t which = 0; which < CHECKED_ELEMENTS && cell->kernel != STREAM_READ; which++)
            sampling->streams[i].a[pick(&random, which, sampling->streams[i].n)] = -1;
}

static bool is_right(struct cell *cell, const struct stream_cell *stream, const struct sampling *sampling)
{
    struct random random = stream->random;

    for (size_t i = 0; i < stream->members; i++) {
        const struct stream *part = &sampling->streams[i];
        double sum = stream_sum((size_t)(part->b - stream->shares[i].target->b), part->n);
        bool right = stream->kernel != STREAM_READ || sampling->results[i * RESULT_APART] == sum;
        for (size_t which = 0; which < CHECKED_ELEMENTS; which++)
            right = right && stream_is_right(stream->kernel, part, pick(&random, which, part->n));
        if (!right) {
            fail(
                cell, BENCH_NOT_RUN, "what the kernel came to is wrong: the memory or the processor cannot be trusted");
            return false;
        }
    }
    return true;
}

static bool is_in_place(struct cell *cell, const struct stream_cell *stream)
{
    for (size_t i = 0; i < stream->members; i++) {
        const struct stream_target *target = stream->shares[i].target;
        size_t elsewhere;
        if ((i > 0 && target == stream->shares[i - 1].target) || buffer_is_in_place(&target->buffer, &elsewhere))
            continue;
        fail(cell, BENCH_MISPLACED, "");
        snprintf(cell->reason, sizeof cell->reason, "%zu pages of the arrays are no longer on node %u", elsewhere,
            target->buffer.node);
        return false;
    }
    return true;
}

/* One pass, of *@seconds. */
static bool pass(
    struct cell *cell, struct stream_cell *stream, struct sampling *sampling, double *bytes, double *seconds)
{
    unsigned missing = 0;

    lay_out(stream, sampling, (double)(2 + random_below(&stream->random, 16)), bytes);
    spoil(stream, sampling);
    if (!team_run(stream->team, stream->members, work, sampling, seconds, &missing)) {
        fail(cell, BENCH_MISPLACED, "");
        snprintf(cell->reason, sizeof cell->reason, "a measuring thread was moved off CPU %u", missing);
        return false;
    }
    for (size_t i = 0; i < stream->members; i++)
        if (i == 0 || stream->shares[i].target != stream->shares[i - 1].target)
            stream->shares[i].target->position += stream->slice;
    bool right = is_right(cell, stream, sampling);
    random_next(&stream->random);
    return right && is_in_place(cell, stream);
}

/* A first pass over a little tells how much fills a sample's time. */
static bool choose_slice(struct cell *cell, struct stream_cell *stream, struct sampling *sampling)
{
    double bytes, seconds, quickest = 1;

    stream->slice = FIRST_SLICE;
    for (unsigned try = 0; try < FIRST_TRIES; try++) {
        if (!pass(cell, stream, sampling, &bytes, &seconds))
            return false;
        quickest = seconds < quickest ? seconds : quickest; /* An interruption must not pass for slow memory. */
    }
    double times = quickest > 0 ? stream->aim_seconds / quickest : 1;
    size_t slice = (size_t)(times * (double)FIRST_SLICE) / STREAM_STEP * STREAM_STEP;
    stream->slice = slice > STREAM_STEP ? slice : STREAM_STEP;
    return true;
}

bool stream_cell_sample(struct cell *cell, double *sample)
{
    struct stream_cell *stream = cell->closure;
    struct sampling sampling = {.cell = stream,
        .function = stream->code->kernels[stream->kernel],
        .streams = calloc(stream->members, sizeof *sampling.streams),
        .results = calloc(stream->members, sizeof *sampling.results * RESULT_APART)};
    double bytes = 0, seconds = 1;
    bool done = sampling.streams != NULL && sampling.results != NULL;

    if (!done)
        fail(cell, BENCH_NOT_RUN, "no memory to lay out the work in");
    done = done && (stream->slice > 0 || choose_slice(cell, stream, &sampling)) &&
           pass(cell, stream, &sampling, &bytes, &seconds);
    *sample = bytes / seconds / 1e9;
    free(sampling.streams);
    free(sampling.results);
    return done;
}
