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
#include "api_rows.h"
#include "failure.h"
#include "figures.h"
#include "paired.h"
#include "placement.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_QUICK 12 /* For the figures; what is made ready for them comes on top. */
#define SECONDS_FULL  50
#define WIDTH_QUICK   0.05
#define WIDTH_FULL    0.02
#define NARROW_NS     2   /* As wide may the interval of a difference be. */
#define COSTS_SHARE   0.3 /* Of the time. */

static const struct api_rows *const all_rows[] = {
    &api_pin_rows, &api_region_rows, &api_lookup_rows, &api_executor_rows, &api_wakeup_rows, &api_counter_rows};

enum { FILE_COUNT = sizeof all_rows / sizeof all_rows[0] };

const char *api_mode_name(np_mode mode)
{
    return mode == NP_STRICT ? "strict" : "soft";
}

enum bench_state api_state_of(const np_error *why)
{
    return why->code == NP_HARD_MODE_UNAVAILABLE ? BENCH_REFUSED : BENCH_NOT_RUN;
}

void api_claim_id(struct bench_claim *claim, const char *name, const char *mode)
{
    size_t length = 0, limit = sizeof claim->id - 1;
    char words[192];

    snprintf(words, sizeof words, "api-%s%s%s", name, mode[0] != '\0' ? "-" : "", mode);
    for (const char *next = words; *next != '\0' && length < limit; next++)
        if (*next != ',')
            claim->id[length++] = *next == ' ' ? '-' : *next;
    claim->id[length] = '\0';
}

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

static bool has_figure(const struct paired *paired)
{
    return paired->state == BENCH_CONVERGED || paired->state == BENCH_NOT_CONVERGED;
}

static const char *kind_of(const struct api_row *row)
{
    return row->kind == RATIO_DIFFERENCE ? "difference" : row->speed_up ? "speed-up" : "ratio";
}

/* "pin and release, soft: at most 1.25 times sched_getaffinity, ..." */
static void word_claim(struct bench_claim *claim, const struct api_row *row)
{
    const char *side = row->bound.kind == RATIO_AT_MOST ? "at most" : "at least";
    const char *mode = row->in_modes ? api_mode_name(row->mode) : "";
    const char *comma = row->in_modes ? ", " : "";

    if (row->kind == RATIO_DIFFERENCE)
        snprintf(claim->text, sizeof claim->text, "%s%s%s: %s %g ns more than %s", row->name, comma, mode, side,
            row->bound.value, row->baseline);
    else
        snprintf(claim->text, sizeof claim->text, "%s%s%s: %s %g times %s%s", row->name, comma, mode, side,
            row->bound.value, row->speed_up ? "as fast as " : "", row->baseline);
    api_claim_id(claim, row->name, mode);
}

static void judge(struct bench_claim *claim, const struct api_row *row, const struct paired *paired)
{
    const struct ratio *ratio = &paired->ratio;
    struct bench_comparison *comparison = &claim->comparison;

    claim->is_comparison = true;
    word_claim(claim, row);
    *comparison = (struct bench_comparison){.ours = row->speed_up ? ratio->baseline : ratio->ours,
        .baseline = row->speed_up ? ratio->ours : ratio->baseline,
        .value = ratio->value,
        .ci_low = ratio->ci_low,
        .ci_high = ratio->ci_high,
        .at_least = row->bound.kind == RATIO_AT_LEAST,
        .bound = row->bound.value};
    snprintf(comparison->measurement, sizeof comparison->measurement, "api");
    snprintf(comparison->variant, sizeof comparison->variant, "%s", row->name);
    snprintf(comparison->mode, sizeof comparison->mode, "%s", row->in_modes ? api_mode_name(row->mode) : "");
    snprintf(comparison->unit, sizeof comparison->unit, "ns");
    snprintf(comparison->kind, sizeof comparison->kind, "%s", kind_of(row));
    if (!has_figure(paired)) {
        snprintf(claim->verdict, sizeof claim->verdict, "not-applicable");
        snprintf(claim->reason, sizeof claim->reason, "not run: %.240s", paired->reason);
        return;
    }
    snprintf(claim->verdict, sizeof claim->verdict, "%s", ratio_verdict(ratio_judge(ratio, row->bound)));
    snprintf(claim->reason, sizeof claim->reason, "ours %.1f ns, baseline %.1f ns, %s %.3f [%.3f, %.3f], %s %g",
        comparison->ours, comparison->baseline, comparison->kind, ratio->value, ratio->ci_low, ratio->ci_high,
        comparison->at_least ? "at least" : "at most", row->bound.value);
}

/* One side's samples, or their comparison, as a measurement. */
static void describe(struct bench_measurement *measurement, const struct api_row *row, const struct paired *paired,
    const char *name, const char *unit)
{
    *measurement = (struct bench_measurement){.initiator = -1, .target = -1, .state = paired->state};
    snprintf(measurement->name, sizeof measurement->name, "%s", name);
    snprintf(measurement->variant, sizeof measurement->variant, "%s", row->name);
    snprintf(measurement->mode, sizeof measurement->mode, "%s", row->in_modes ? api_mode_name(row->mode) : "");
    snprintf(measurement->unit, sizeof measurement->unit, "%s", unit);
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->reason, sizeof measurement->reason, "%s", paired->reason);
    snprintf(measurement->detail, sizeof measurement->detail, "baseline: %.200s; in turns, A B B A", row->baseline);
}

static np_status add_side(struct bench_report *report, const struct api_row *row, const struct paired *paired,
    const double *samples, const char *name, double width, np_error *error)
{
    struct bench_measurement measurement;
    struct summary summary;

    describe(&measurement, row, paired, name, "ns");
    if (!has_figure(paired))
        return bench_report_add_measurement(report, &measurement, error);
    measurement.samples = malloc(paired->pairs * sizeof *samples);
    if (measurement.samples == NULL || !statistics_summarize(samples, paired->pairs, &summary)) {
        free(measurement.samples);
        return failure(error, NP_ALLOCATION, "no memory for %zu samples of %s", paired->pairs, row->name);
    }
    memcpy(measurement.samples, samples, paired->pairs * sizeof *samples);
    figures_take(&measurement, &summary);
    measurement.state = statistics_converged(&summary, width) ? BENCH_CONVERGED : BENCH_NOT_CONVERGED;
    measurement.reason[0] = '\0';
    if (measurement.state == BENCH_NOT_CONVERGED)
        snprintf(measurement.reason, sizeof measurement.reason,
            "after %zu pairs the interval is %.1f%% of the median wide; %.1f%% was asked", paired->pairs,
            100 * (summary.ci_high - summary.ci_low) / summary.median, 100 * width);
    return bench_report_add_measurement(report, &measurement, error);
}

static np_status add_ratio(
    struct bench_report *report, const struct api_row *row, const struct paired *paired, np_error *error)
{
    struct bench_measurement measurement;

    bool difference = row->kind == RATIO_DIFFERENCE;

    describe(&measurement, row, paired, difference ? "api-difference" : "api-ratio", difference ? "ns" : "ratio");
    if (has_figure(paired)) {
        double least = INFINITY, most = -INFINITY;
        measurement.samples = malloc(paired->pairs * sizeof *measurement.samples);
        for (size_t i = 0; measurement.samples != NULL && i < paired->pairs; i++) {
            double of_pair = row->kind == RATIO_QUOTIENT ? paired->ours[i] / paired->baseline[i]
                                                         : paired->ours[i] - paired->baseline[i];
            measurement.samples[i] = of_pair;
            least = fmin(least, of_pair);
            most = fmax(most, of_pair);
        }
        if (measurement.samples == NULL)
            return failure(error, NP_ALLOCATION, "no memory for %zu ratios of %s", paired->pairs, row->name);
        struct summary pairs;
        if (!statistics_summarize(measurement.samples, paired->pairs, &pairs)) {
            free(measurement.samples);
            return failure(error, NP_ALLOCATION, "no memory to sum up %zu ratios of %s", paired->pairs, row->name);
        }
        figures_take(&measurement, &pairs);
        measurement.median = paired->ratio.value;
        measurement.ci_low = paired->ratio.ci_low;
        measurement.ci_high = paired->ratio.ci_high;
    }
    return bench_report_add_measurement(report, &measurement, error);
}

static np_status report_row(
    struct bench_report *report, const struct api_row *row, const struct paired *paired, double width, np_error *error)
{
    struct bench_claim claim = {0};
    const double *ours = row->speed_up ? paired->baseline : paired->ours;
    const double *baseline = row->speed_up ? paired->ours : paired->baseline;
    np_status status = add_side(report, row, paired, ours, "api", width, error);

    if (status == NP_OK)
        status = add_side(report, row, paired, baseline, "api-baseline", width, error);
    if (status == NP_OK)
        status = add_ratio(report, row, paired, error);
    judge(&claim, row, paired);
    return status == NP_OK ? bench_report_add_claim(report, &claim, error) : status;
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
        status = report_row(report, row, &paired, width, error);
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
            status = run_row(machine, row, width, seconds * share, report, error);
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

    if (status == NP_OK)
        status = machine->api.topology_discover(&machine->topology, error);
    return status == NP_OK ? choose_node(machine, error) : status;
}

static np_status measure(const struct api_machine *machine, const struct bench_options *options,
    struct bench_report *report, np_error *error)
{
    double width = options->width > 0 ? options->width : options->quick ? WIDTH_QUICK : WIDTH_FULL;
    double seconds = options->seconds > 0 ? options->seconds : options->quick ? SECONDS_QUICK : SECONDS_FULL;
    double watch = fmin(seconds, API_IDLE_SECONDS);
    struct api_idle *soft = api_idle_begin(machine, NP_SOFT, watch),
                    *strict = api_idle_begin(machine, NP_STRICT, watch);
    np_status status = soft != NULL && strict != NULL
                           ? run_rows(machine, options, width, seconds, report, error)
                           : failure(error, NP_ALLOCATION, "no memory to watch an idle executor");

    if (status == NP_OK)
        status = api_costs_measure(machine, options, width, seconds * COSTS_SHARE, report, error);
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
