/*
 * Workload: a = b + s * c over arrays longer than the caches, a block a request.
 *
 * What dense numerical code does: bandwidth, prefetched, so that the place of a page is felt as a narrower road rather than
 * a longer way. Blocks are taken in steps of the golden ratio, which spreads any number of requests evenly over all pages.
 */
#include "workload.h"

#include "failure.h"

#include <stdlib.h>

#define BLOCK_DOUBLES 512
#define SCALAR        3.0

struct triad_state {
    np_region *region;
    double *a, *b, *c;
    size_t blocks;
};

static void triad_close(struct workload_run *run)
{
    struct triad_state *state = run->state;

    if (state != NULL)
        np_region_release(state->region);
    free(state);
}

static np_status triad_open(struct workload_run *run, np_error *error)
{
    struct triad_state *state = run->state = calloc(1, sizeof *state);

    if (state == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe three arrays in");
    state->blocks = run->setting.bytes / (3 * BLOCK_DOUBLES * sizeof(double));
    size_t doubles = state->blocks * BLOCK_DOUBLES;
    np_status status = workload_add_region(
        run, 3 * doubles * sizeof(double), run->setting.nodes[0], ACCESS_DATA, &state->region, error);
    if (status != NP_OK)
        return status;
    state->a = np_region_address(state->region);
    state->b = state->a + doubles;
    state->c = state->b + doubles;
    for (size_t i = 0; i < doubles; i++) {
        state->b[i] = (double)i;
        state->c[i] = 2;
    }
    return NP_OK;
}

static void do_block(const struct triad_state *state, size_t block)
{
    double *restrict a = state->a + block * BLOCK_DOUBLES;
    const double *restrict b = state->b + block * BLOCK_DOUBLES;
    const double *restrict c = state->c + block * BLOCK_DOUBLES;

    for (size_t i = 0; i < BLOCK_DOUBLES; i++)
        a[i] = b[i] + SCALAR * c[i];
}

static bool triad_serve(struct workload_request *request)
{
    const struct triad_state *state = request->run->state;
    uint64_t work = request->run->setting.work;

    for (uint64_t i = 0; i < work; i++)
        do_block(state, workload_spread(request->number * work + i, state->blocks));
    workload_done(request);
    return true;
}

const struct workload workload_triad = {.name = "triad",
    .doc = "a = b + s * c over arrays longer than the caches, 4 KiB of each a request",
    .ring = 1024,
    .delayed_work = 16,
    .open = triad_open,
    .close = triad_close,
    .serve = triad_serve};
