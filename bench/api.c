/*
 * What the API costs: each call beside the bare minimum, in the same run.
 *
 * A price alone says nothing: is a microsecond for a pin much? So each of the rows measures a call and the least that
 * anyone would have to do for the same result, in turns (paired.c), and is held to a bound on their ratio. The rest of the
 * prices (api_costs.c), which have no such bound, are then taken all together, and meanwhile idle executors are watched
 * (api_idle.c). A row that cannot be run here, as strict ones without the privilege, says why and has no figure.
 */
#include "api_costs.h"
#include "api_idle.h"
#include "api_report.h"
#include "api_rows.h"
#include "failure.h"
#include "paired.h"
#include "placement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SECONDS_QUICK 12 /* For the figures; what is made ready for them comes on top. */
#define SECONDS_FULL  50
#define WIDTH_QUICK   0.05
#define WIDTH_FULL    0.02
#define NARROW_NS     2   /* As wide may the interval of a difference be. */
#define COSTS_SHARE   0.3 /* Of the time. */

static const struct api_rows *const all_rows[] = {
    &api_pin_rows, &api_region_rows, &api_lookup_rows, &api_executor_rows, &api_wakeup_rows, &api_counter_rows};

enum { FILE_COUNT = sizeof all_rows / sizeof all_rows[0] };

/* A row being measured. */
struct turn {
    const struct api_row *row;
    void *state;
};

static bool sample_row(struct paired *paired, bool baseline, double *sample)
{
    const struct turn *turn = paired->closure;
    /* A speed-up is the baseline's time by ours: the two change places. */
    bool of_baseline = turn->row->speed_up ? !baseline : baseline;
    np_error why;

    if (turn->row->sample(turn->state, of_baseline, sample, &why))
        return true;
    snprintf(paired->reason, sizeof paired->reason, "%.250s", why.reason);
    return false;
}

static np_status run_row(const struct api_machine *machine, const struct api_row *row, double width, double seconds,
    struct bench_report *report, np_error *error)
{
    struct turn turn = {.row = row};
    struct paired paired = {.sample = sample_row,
        .closure = &turn,
        .kind = row->kind,
        .width = row->kind == RATIO_DIFFERENCE ? NARROW_NS : width,
        .seconds = seconds,
        .end = machine->end / 1e9,
        .random = {.state = (uint64_t)api_now() | 1}};

    np_error why = {0};
    turn.state = row->begin(machine, row, &why);
    if (turn.state == NULL) {
        paired.state = api_state_of(&why);
        snprintf(paired.reason, sizeof paired.reason, "%.250s", why.reason);
    }
    np_status status = turn.state != NULL ? paired_measure(&paired, error) : NP_OK;
    if (turn.state != NULL)
        row->end(turn.state);
    if (status == NP_OK)
        status = api_report_row(report, row, &paired, width, machine->emulated, error);
    paired_free(&paired);
    return status;
}

static double share_of(const struct api_row *row)
{
    return row->share > 0 ? row->share : 1;
}

static double sum_of_shares(void)
{
    double sum = 0;

    for (size_t i = 0; i < FILE_COUNT; i++)
        for (size_t j = 0; j < all_rows[i]->count; j++)
            sum += share_of(&all_rows[i]->rows[j]);
    return sum;
}

/* What is left of the time is shared by the rows to come, should those before have taken more: each has a pair of samples. */
static np_status run_rows(const struct api_machine *machine, const struct bench_options *options, double width,
    double seconds, struct bench_report *report, np_error *error)
{
    double sum = sum_of_shares(), begun = 0;
    np_status status = NP_OK;

    for (size_t i = 0; i < FILE_COUNT; i++)
        for (size_t j = 0; j < all_rows[i]->count && status == NP_OK; j++) {
            const struct api_row *row = &all_rows[i]->rows[j];
            double share = share_of(row) / sum * (1 - COSTS_SHARE);
            if (options->progress != NULL)
                options->progress("api", begun, seconds * (1 - begun), options->closure);
            double of_the_rest = api_seconds_left(machine) * share / (1 - COSTS_SHARE - begun);
            status = run_row(machine, row, width, fmax(0, fmin(seconds * share, of_the_rest)), report, error);
            begun += share;
        }
    return status;
}

/* The first node with memory and CPUs that this process may use. */
static np_status choose_node(struct api_machine *machine, np_error *error)
{
    const struct functions *api = &machine->api;
    np_nodeset nodes = {0};
    np_cpuset usable = {0};
    np_status status = api->topology_usable_nodes(machine->topology, &nodes, error);

    if (status == NP_OK)
        status = api->topology_usable_cpus(machine->topology, &usable, error);
    for (int id = api->nodeset_first(&nodes); status == NP_OK && id >= 0; id = api->nodeset_next(&nodes, id)) {
        status = api->topology_cpus_of_node(machine->topology, (unsigned)id, &machine->cpus, error);
        if (status == NP_OK)
            status = api->cpuset_intersection(&machine->cpus, &usable, &machine->cpus, error);
        if (status != NP_OK || api->cpuset_first(&machine->cpus) < 0)
            continue;
        machine->node = (unsigned)id;
        return api->nodeset_add(&machine->bind, machine->node, error);
    }
    return status != NP_OK ? status
                           : failure(error, NP_SYSTEM, "no node has both memory and CPUs that this process may use");
}

static np_status prepare(struct api_machine *machine, const struct bench_options *options, np_error *error)
{
    np_status status = functions_load(options->implementation, &machine->api, error);

    machine->emulated = options->emulated;
    if (status == NP_OK)
        status = machine->api.topology_discover(&machine->topology, error);
    return status == NP_OK ? choose_node(machine, error) : status;
}

static np_status measure(
    struct api_machine *machine, const struct bench_options *options, struct bench_report *report, np_error *error)
{
    double width = options->width > 0 ? options->width : options->quick ? WIDTH_QUICK : WIDTH_FULL;
    double seconds = options->seconds > 0 ? options->seconds : options->quick ? SECONDS_QUICK : SECONDS_FULL;

    api_set_limit(machine, seconds);
    struct api_idle *soft = api_idle_begin(machine, NP_SOFT), *strict = api_idle_begin(machine, NP_STRICT);
    /* What rows take beyond their time does not come out of the last half of the prices'. */
    machine->end -= seconds * COSTS_SHARE / 2 * 1e9;
    np_status status = soft != NULL && strict != NULL
                           ? run_rows(machine, options, width, seconds, report, error)
                           : failure(error, NP_ALLOCATION, "no memory to watch an idle executor");

    machine->end += seconds * COSTS_SHARE / 2 * 1e9;
    if (status == NP_OK)
        status = api_costs_measure(machine, options, width, api_seconds_left(machine), report, error);
    np_status of_soft = api_idle_end(soft, report, status == NP_OK ? error : NULL);
    status = status == NP_OK ? of_soft : status;
    np_status of_strict = api_idle_end(strict, report, status == NP_OK ? error : NULL);
    return status == NP_OK ? of_strict : status;
}

np_status bench_api(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct api_machine *machine = calloc(1, sizeof *machine);
    struct affinity *before = affinity_save();
    double start = api_now();

    if (machine == NULL) {
        affinity_restore(before);
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    }
    np_status status = prepare(machine, options, error);
    if (status == NP_OK)
        status = measure(machine, options, report, error);
    if (machine->topology != NULL)
        machine->api.topology_destroy(machine->topology);
    free(machine);
    affinity_restore(before);
    report->seconds += (api_now() - start) / 1e9;
    return status;
}
