/*
 * A latency benchmark of one cell, whose result the scenario says: not-converged, misplaced, not-run, claim-fails,
 * claim-undecided, bench-refuses. With noisy-modes also hard against soft in three groups, of which one was not disturbed.
 */
#include "scenario.h"

#include <bench/bench.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double samples[] = {100.5, 101.5, 99.5};

static enum bench_state state(void)
{
    if (scenario_has("misplaced")) {
        return BENCH_MISPLACED;
    }
    if (scenario_has("not-run")) {
        return BENCH_NOT_RUN;
    }
    return scenario_has("not-converged") ? BENCH_NOT_CONVERGED : BENCH_CONVERGED;
}

/* One that counts, and one that does not. */
static void put_counters(struct bench_report *report, const char *during)
{
    report->counter_count = 2;
    report->counters = calloc(2, sizeof(*report->counters));
    report->counters[0] = (struct bench_counter){.name = "faults", .source = "kernel", .counted = true, .value = 7};
    strcpy(report->counters[0].during, during);
    report->counters[1] = (struct bench_counter){.name = "remote", .source = "processor", .reason = "no such event"};
}

np_status bench_latency(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    if (scenario_has("bench-refuses")) {
        *error = (np_error){.code = NP_ALLOCATION};
        strcpy(error->operation, "latency");
        strcpy(error->reason, "asked for 1 GiB, and 1 MiB is free");
        return NP_ALLOCATION;
    }
    options->progress("latency", 0.5, 1, options->closure);
    report->measurement_count = 1;
    report->measurements = calloc(1, sizeof(*report->measurements));
    report->measurements[0] = (struct bench_measurement){.name = "latency",
        .unit = "ns",
        .median = 100.5,
        .ci_low = 99.5,
        .ci_high = 101.5,
        .mad = 1,
        .min = 99.5,
        .max = 101.5,
        .p99 = NAN,
        .n = 3,
        .state = state(),
        .source = "clock",
        .detail = "a double",
        .samples = samples};
    strcpy(report->measurements[0].reason, state() == BENCH_CONVERGED ? "" : "because");
    report->claim_count = 1;
    report->claims = calloc(1, sizeof(*report->claims));
    strcpy(report->claims[0].id, "remote-slower");
    strcpy(report->claims[0].text, "Remote memory is slower than local");
    strcpy(report->claims[0].verdict, scenario_has("claim-fails")       ? "fail"
                                      : scenario_has("claim-undecided") ? "inconclusive"
                                                                        : "not-applicable");
    strcpy(report->claims[0].reason, "one node");
    put_counters(report, "latency");
    return NP_OK;
}

np_status bench_modes(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    static const struct {
        const char *group, *mode, *noise;
    } rows[] = {{"lookup, quiet", "soft", ""}, {"lookup, quiet", "strict", ""},
        {"lookup, CPU hog", "soft", "others took 41%"}, {"lookup, CPU hog", "strict", "others took 41%"},
        {"chase, quiet", "soft", ""}, {"chase, quiet", "strict", "throttled"}};
    size_t count = scenario_has("noisy-modes") ? sizeof(rows) / sizeof(rows[0]) : 0;
    (void)options, (void)error;
    report->measurements =
        realloc(report->measurements, (report->measurement_count + count + 1) * sizeof(*report->measurements));
    for (size_t i = 0; i < count; i++) {
        struct bench_measurement *cell = &report->measurements[report->measurement_count++];
        *cell = (struct bench_measurement){
            .name = "modes throughput", .unit = "1/s", .median = 5, .n = 3, .samples = samples};
        strcpy(cell->variant, rows[i].group);
        strcpy(cell->mode, rows[i].mode);
        strcpy(cell->noise, rows[i].noise);
    }
    return NP_OK;
}

/* The other benchmarks find nothing: a line each. */
#define FINDS_NOTHING(name)                                                                                            \
    np_status name(const struct bench_options *options, struct bench_report *report, np_error *error)                  \
    {                                                                                                                  \
        (void)options, (void)report, (void)error;                                                                      \
        return NP_OK;                                                                                                  \
    }
FINDS_NOTHING(bench_bandwidth)
FINDS_NOTHING(bench_caches)
FINDS_NOTHING(bench_cores)
FINDS_NOTHING(bench_loaded)
FINDS_NOTHING(bench_api)

const char *bench_workload_name(size_t index)
{
    return index == 0 ? "chase" : NULL;
}

np_status bench_counters(struct bench_report *report, np_error *error)
{
    (void)error;
    put_counters(report, "");
    return NP_OK;
}

void bench_report_free(struct bench_report *report)
{
    free(report->measurements);
    free(report->claims);
    free(report->counters);
}

bool bench_has_figure(const struct bench_measurement *measurement)
{
    return measurement->state == BENCH_CONVERGED || measurement->state == BENCH_NOT_CONVERGED;
}

double bench_histogram_bound(size_t index)
{
    return (double)index;
}

const char *bench_state_name(enum bench_state which)
{
    static const char *const names[] = {"converged", "not-converged", "misplaced", "not-run", "refused"};
    return names[which];
}
