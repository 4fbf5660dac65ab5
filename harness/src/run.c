/* The course of a run: facts and checks, the suite, the benchmark, the files. See run.h. */
#include "run.h"

#include "place.h"
#include "result.h"
#include "tap.h"
#include "terminal.h"
#include "topology_files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

bool run_begin(struct run *run, struct problem *problem)
{
    *run = (struct run){.started = time(NULL)};
    clock_gettime(CLOCK_MONOTONIC, &run->clock);
    run->thresholds = thresholds_default;
    if (!paths_find(&run->paths, problem) || !facts_collect(&run->facts, "", problem)) {
        return false;
    }
    run->facts.thresholds = &run->thresholds;
    identity_read(&run->identity, "");
    run->checks = calloc(checks_count(), sizeof(*run->checks));
    if (run->checks == NULL) {
        out_of_memory();
    }
    checks_run(run->checks, &run->facts);
    return true;
}

bool run_conclude(struct run *run, struct evidence *evidence, struct problem *problem)
{
    evidence->conformance = run->has_conformance ? &run->conformance : NULL;
    evidence->measured = run->has_measurements ? &run->measurements : NULL;
    evidence->thresholds = &run->thresholds;
    verdict_decide(&run->verdict, evidence);
    run->seconds = seconds_since(&run->clock);
    folder_log(&run->folder, "verdict: %s", verdict_name(run->verdict.kind));
    for (size_t i = 0; i < run->verdict.reason_count; i++) {
        folder_log(&run->folder, "    %s", run->verdict.reasons[i].text);
    }
    return topology_files_write(&run->folder, problem) &&
           (!run->has_measurements ||
               json_write(samples_json(&run->measurements), run->folder.path, "samples.json", problem)) &&
           json_write(result_json(run), run->folder.path, "result.json", problem);
}

double run_seconds(const struct run *run)
{
    return seconds_since(&run->clock);
}

void run_free(struct run *run)
{
    if (run->has_conformance) {
        suite_report_free(&run->conformance);
    }
    bench_report_free(&run->measurements);
    free(run->checks);
    facts_free(&run->facts);
}

static bool show_case(const struct suite_result *result, size_t done, size_t total, void *closure)
{
    struct run *run = closure;
    double seconds = seconds_since(&run->clock);
    double share = total > 0 ? (double)done / (double)total : 0;
    folder_log(&run->folder, "%s: %s%s%s", result->id,
        result->status == SUITE_RAN ? suite_verdict_name(result->verdict) : suite_status_name(result->status),
        result->reason[0] != '\0' ? ": " : "", result->reason);
    if (run->tap != 0 && done == 1) {
        tap_begin(stdout, run->tap, total);
    }
    if (run->tap != 0) {
        tap_case(stdout, done, result);
    }
    terminal_progress("conformance", share, share > 0 ? seconds / share - seconds : -1);
    return true;
}

bool run_conformance(struct run *run, const struct suite_options *options, struct problem *problem)
{
    np_error error = {0};
    struct suite_options shown = *options;
    shown.progress = show_case;
    shown.closure = run;
    folder_log(&run->folder, "conformance of %s", options->implementation);
    if (options->shuffle) {
        folder_log(&run->folder, "shuffled with seed %" PRIu64, options->seed);
    }
    np_status status = suite_run(&shown, &run->conformance, &error);
    terminal_progress_end();
    run->has_conformance = status == NP_OK;
    if (run->has_conformance && run->conformance.repaired[0] != '\0') {
        fprintf(stderr, "numaproof: %s\n", run->conformance.repaired);
        folder_log(&run->folder, "%s", run->conformance.repaired);
    }
    if (run->has_conformance && run->tap != 0 && run->conformance.result_count == 0) {
        tap_begin(stdout, run->tap, 0); /* A clause without cases: a reader wants a plan all the same. */
    }
    if (status != NP_OK && run->tap != 0) {
        tap_give_up(stdout, error.reason);
    }
    return status == NP_OK || problem_from(problem, &error);
}

static void show_measurement(const char *what, double fraction, double seconds_left, void *closure)
{
    const struct run *run = closure;
    terminal_progress(what, fraction, seconds_left < 0 ? seconds_left : seconds_left + run->seconds_after);
}

static void log_measurement(struct folder *folder, const struct bench_measurement *cell)
{
    char place[PLACE_SIZE];
    char figure[128] = "no figure";
    if (bench_has_figure(cell)) {
        snprintf(figure, sizeof(figure), "%.6g %s [%.6g, %.6g]", cell->median, cell->unit, cell->ci_low, cell->ci_high);
    }
    folder_log(folder, "%s: %s: %s, n %zu; %s; %s", place_words(cell, place), bench_state_name(cell->state), figure,
        cell->n, cell->detail, cell->reason);
}

bool run_benchmark(struct run *run, const char *name, bench_function *function, const struct bench_options *options,
    struct problem *problem)
{
    np_error error = {0};
    struct bench_options shown = *options;
    size_t before = run->measurements.measurement_count;
    shown.progress = show_measurement;
    shown.closure = run;
    shown.implementation = shown.implementation != NULL ? shown.implementation : run->paths.library;
    folder_log(&run->folder, "%s%s", name, shown.quick ? ", quick" : "");
    np_status status = function(&shown, &run->measurements, &error);
    terminal_progress_end();
    run->has_measurements = run->has_measurements || status == NP_OK;
    for (size_t i = before; i < run->measurements.measurement_count; i++) {
        log_measurement(&run->folder, &run->measurements.measurements[i]);
    }
    return status == NP_OK || problem_from(problem, &error);
}
