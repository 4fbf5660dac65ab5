/*
 * The price list: what is not held to a bare minimum, taken as cells are (cells.c), all of them in random order, round
 * after round, so that two prices can be compared.
 */
#include "api_costs.h"

#include "cells.h"
#include "failure.h"

#include <stdio.h>
#include <stdlib.h>

#define COSTS_MAX 96

struct priced {
    struct api_cost cost;
    void *state;
    np_error lack; /* Where this machine has not got what it needs. */
};

struct prices {
    struct priced priced[COSTS_MAX];
    size_t count;
    struct cell cell[COSTS_MAX]; /* Of those that have a price here. */
    struct cells cells;
};

static void drop_out(struct cell *cell, const np_error *why)
{
    cell->state = api_state_of(why);
    snprintf(cell->reason, sizeof cell->reason, "%.250s", why->reason);
}

static bool sample(struct cell *cell, double *nanoseconds)
{
    const struct priced *priced = cell->closure;
    np_error why = {0};
    bool taken = priced->cost.sample(priced->state, nanoseconds, &why);

    if (!taken)
        drop_out(cell, &why);
    return taken;
}

static void begin(struct prices *prices, struct priced *priced, const struct api_machine *machine)
{
    np_error why = {0};

    priced->state = priced->cost.begin(machine, &priced->cost, &why);
    if (priced->state == NULL && why.code == NP_NOT_AVAILABLE) {
        priced->lack = why;
        return;
    }
    struct cell *cell = &prices->cell[prices->cells.count++];
    *cell = (struct cell){.initiator = -1, .target = -1, .state = BENCH_NOT_CONVERGED, .closure = priced};
    if (priced->state == NULL)
        drop_out(cell, &why);
}

static void begin_all(struct prices *prices, const struct api_machine *machine)
{
    static api_cost_list *const lists[] = {api_small_costs, api_region_costs, api_executor_costs};
    struct api_cost costs[COSTS_MAX];

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        prices->count += lists[i](costs + prices->count, COSTS_MAX - prices->count);
    for (size_t i = 0; i < prices->count; i++) {
        prices->priced[i].cost = costs[i];
        begin(prices, &prices->priced[i], machine);
    }
}

static void end_all(struct prices *prices)
{
    for (size_t i = 0; i < prices->count; i++)
        if (prices->priced[i].state != NULL)
            prices->priced[i].cost.end(prices->priced[i].state);
    cells_free_samples(&prices->cells);
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    const struct api_cost *cost = &((const struct priced *)cell->closure)->cost;

    snprintf(measurement->name, sizeof measurement->name, "api");
    snprintf(measurement->variant, sizeof measurement->variant, "%s", cost->name);
    snprintf(measurement->mode, sizeof measurement->mode, "%s", cost->in_modes ? api_mode_name(cost->mode) : "");
    snprintf(measurement->unit, sizeof measurement->unit, "ns");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
}

/* What this machine cannot have: no figure is missing, and yet it is said why there is none. */
static np_status report_lack(const struct priced *priced, struct bench_report *report, np_error *error)
{
    const struct api_cost *cost = &priced->cost;
    struct bench_claim claim = {.verdict = "not-applicable"};
    const char *mode = cost->in_modes ? api_mode_name(cost->mode) : "";

    api_claim_id(&claim, cost->name, mode);
    snprintf(claim.text, sizeof claim.text, "%s%s%s has a price here", cost->name, cost->in_modes ? ", " : "", mode);
    snprintf(claim.reason, sizeof claim.reason, "%.250s", priced->lack.reason);
    return bench_report_add_claim(report, &claim, error);
}

static np_status report_all(struct prices *prices, struct bench_report *report, np_error *error)
{
    np_status status = cells_report(&prices->cells, describe, report, error);

    for (size_t i = 0; i < prices->count && status == NP_OK; i++)
        if (prices->priced[i].lack.code != NP_OK)
            status = report_lack(&prices->priced[i], report, error);
    return status;
}

np_status api_costs_measure(const struct api_machine *machine, const struct bench_options *options, double width,
    double seconds, struct bench_report *report, np_error *error)
{
    struct prices *prices = calloc(1, sizeof *prices);

    if (prices == NULL)
        return failure(error, NP_ALLOCATION, "no memory for a price list");
    prices->cells = (struct cells){.cell = prices->cell,
        .sample = sample,
        .what = "api, prices",
        .width = width,
        .seconds = seconds,
        .random = {.state = (uint64_t)api_now() | 1}};
    begin_all(prices, machine);
    np_status status = cells_measure(&prices->cells, options, error);
    if (status == NP_OK)
        status = report_all(prices, report, error);
    end_all(prices);
    free(prices);
    return status;
}
