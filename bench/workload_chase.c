/*
 * Workload: a linked list longer than the caches, followed a few steps a request.
 *
 * What a tree, a graph or any structure of pointers does: each load waits for the one before, and the place of a page is
 * felt in full.
 */
#include "workload.h"

#include "chase.h"
#include "failure.h"

#include <stdlib.h>

#define LOADS_A_REQUEST (4 * CHASE_STEP)

struct chase_state {
    np_region *region;
    void *place; /* Where the last request came out. */
};

static void chase_close(struct workload_run *run)
{
    struct chase_state *state = run->state;

    if (state != NULL)
        np_region_release(state->region);
    free(state);
}

static np_status chase_open(struct workload_run *run, np_error *error)
{
    struct chase_state *state = run->state = calloc(1, sizeof *state);
    struct random random = {.state = 0x9e3779b97f4a7c15};
    size_t bytes = run->setting.bytes;

    if (state == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe a list in");
    np_status status = workload_add_region(run, bytes, run->setting.nodes[0], ACCESS_DATA, &state->region, error);
    if (status != NP_OK)
        return status;
    state->place = np_region_address(state->region);
    return chase_make(state->place, bytes, &random)
               ? NP_OK
               : failure(error, NP_ALLOCATION, "no memory to shuffle %zu lines in", bytes / CHASE_LINE);
}

static bool chase_serve(struct workload_request *request)
{
    struct chase_state *state = request->run->state;

    state->place = chase_run(state->place, LOADS_A_REQUEST * request->run->setting.work);
    workload_done(request);
    return true;
}

const struct workload workload_chase = {.name = "chase",
    .doc = "a linked list longer than the caches, 64 loads a request",
    .ring = 1024,
    .delayed_work = 64,
    .open = chase_open,
    .close = chase_close,
    .serve = chase_serve};
