/*
 * numaproof bench: measure, and keep the figures with all that stands behind them.
 */
#include "nearest.h"
#include "options.h"
#include "run.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What can be measured; all of it when none is named. */
static const struct benchmark {
    const char *name;
    bench_function *function;
    const char *doc;
} benchmarks[] = {
    {"latency", bench_latency, "of a load that depends on the one before, every node's CPUs by every node's memory"},
    {"bandwidth", bench_bandwidth, "of reading and writing, one thread to all of a node, every node by every node"},
};

enum { BENCHMARK_COUNT = sizeof(benchmarks) / sizeof(benchmarks[0]) };

struct bench_choice {
    struct problem *problem;
    bool chosen[BENCHMARK_COUNT];
    bool any_chosen;
    bool quick;
    const char *out;
};

enum { OPTION_QUICK = 256, OPTION_OUT };

static const struct argp_option bench_argp_options[] = {
    {"quick", OPTION_QUICK, NULL, 0, "Fewer rounds and smaller memories: wider intervals", 0},
    {"out", OPTION_OUT, "DIR", 0, "The folder for the results; without it, ./numaproof-results/TIME-bench", 0},
    {0},
};

static error_t choose(struct bench_choice *choice, const char *name)
{
    const char *names[BENCHMARK_COUNT];
    char hint[128];
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        names[i] = benchmarks[i].name;
        if (strcmp(benchmarks[i].name, name) == 0) {
            choice->chosen[i] = true;
            choice->any_chosen = true;
            return 0;
        }
    }
    nearest_hint(name, names, BENCHMARK_COUNT, hint, sizeof(hint));
    problem_set(choice->problem, STATUS_USAGE, "unknown measurement '%s'%s", name, hint);
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct bench_choice *choice = state->input;
    switch (key) {
    case OPTION_QUICK:
        choice->quick = true;
        return 0;
    case OPTION_OUT:
        choice->out = argument;
        return 0;
    case ARGP_KEY_ARG:
        return choose(choice, argument);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Help's last words, with the table in them. argp frees what is returned. */
static char *help(int key, const char *text, void *input)
{
    char *words = NULL;
    size_t size = 0;
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) {
        return (char *)text;
    }
    FILE *stream = open_memstream(&words, &size);
    if (stream == NULL) {
        return (char *)text;
    }
    fputs("Measurements:\n", stream);
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        fprintf(stream, "  %-10s %s\n", benchmarks[i].name, benchmarks[i].doc);
    }
    fprintf(stream, "\n%s", text);
    fclose(stream);
    return words;
}

static const struct argp bench_argp = {
    .options = bench_argp_options,
    .parser = parse,
    .args_doc = "[MEASUREMENT...]",
    .doc = "Measure; without a name, everything.\v"
           "Exit status: 0 every figure was taken, 1 a figure contradicts what it should be, 3 one could not be taken.",
    .help_filter = help,
};

static bool measure(struct run *run, const struct bench_choice *choice, struct problem *problem)
{
    if (!folder_open(&run->folder, choice->out, "bench", problem)) {
        return false;
    }
    const struct bench_options options = {.quick = choice->quick};
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        const struct benchmark *benchmark = &benchmarks[i];
        if ((choice->chosen[i] || !choice->any_chosen) &&
            !run_benchmark(run, benchmark->name, benchmark->function, &options, problem)) {
            folder_abandon(&run->folder);
            return false;
        }
    }
    char claim[128];
    snprintf(claim, sizeof(claim), "figures taken: %zu", run->measurements.measurement_count);
    struct evidence evidence = {.claim = claim};
    if (!run_conclude(run, &evidence, problem) || !folder_close(&run->folder, problem)) {
        return false;
    }
    run_print_measurements(run);
    run_print_verdict(run);
    printf("Results: %s\n", run->folder.path);
    return true;
}

int verb_bench(int argc, char **argv)
{
    struct problem problem;
    struct bench_choice choice = {.problem = &problem};
    struct run run;
    if (!options_parse(&bench_argp, argc, argv, &choice, &problem) || !run_begin(&run, &problem)) {
        return problem_tell(&problem, argv[0]);
    }
    int status =
        measure(&run, &choice, &problem) ? (int)verdict_exit_status(run.verdict.kind) : problem_tell(&problem, argv[0]);
    run_free(&run);
    return status;
}
