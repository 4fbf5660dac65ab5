/* The prices of calls that have no bare minimum to be held to: see api_costs.c. */
#ifndef NUMAPROOF_BENCH_API_COSTS_H
#define NUMAPROOF_BENCH_API_COSTS_H

#include "api_rows.h"

/* One price. A file of them (api_cost_region.c, ...) is one idea; api_costs.c takes them all. */
struct api_cost {
    char name[96];
    np_mode mode;
    bool in_modes;
    /* As in struct api_row: a state, or NULL and why there is no price here; a sample; the end. */
    void *(*begin)(const struct api_machine *machine, const struct api_cost *cost, np_error *why);
    bool (*sample)(void *state, double *nanoseconds, np_error *why);
    void (*end)(void *state);
    const void *closure; /* The file's own. */
};

/* Append to @costs, of which there is room for @most, those of a file; returns how many. */
typedef size_t api_cost_list(struct api_cost *costs, size_t most);
extern api_cost_list api_region_costs, api_executor_costs, api_small_costs;

/* Take all prices in random order, round after round, within @seconds, and append them to @report. */
np_status api_costs_measure(const struct api_machine *machine, const struct bench_options *options, double width,
    double seconds, struct bench_report *report, np_error *error);

#endif
