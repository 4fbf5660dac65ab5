/*
 * numaproof bench: measure, and keep the figures with all that stands behind them.
 */
#include "nearest.h"
#include "options.h"
#include "run.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* What can be measured; all of it when none is named. The seconds are those it may take, with --quick and without. */
static const struct benchmark {
    const char *name;
    bench_function *function;
    double quick_seconds;
    double seconds;
    const char *doc;
} benchmarks[] = {
    /* The first: the others size their buffers by what it finds. */
    {"caches", bench_caches, 2, 15,
        "latency of memories of growing size: the caches as they are, beside those advertised"},
    {"latency", bench_latency, 6, 60,
        "of a load that depends on the one before, every node's CPUs by every node's memory"},
    {"bandwidth", bench_bandwidth, 7, 60,
        "of reading and writing, one thread to all of a node, every node by every node"},
    {"loaded", bench_loaded, 6, 60, "latency while the node's other CPUs load the memory, step by step"},
    {"cores", bench_cores, 3, 20, "the time from one CPU's store to another's load of it, CPU by CPU"},
    {"modes", bench_modes, 12, 180, "hard against soft: the same workloads under both, quiet and disturbed"},
    {"api", bench_api, 12, 50, "of the calls themselves, in both modes, beside the bare minimum that each is held to"},
};

enum { BENCHMARK_COUNT = sizeof(benchmarks) / sizeof(benchmarks[0]) };

struct bench_choice {
    struct problem *problem;
    bool chosen[BENCHMARK_COUNT];
    bool any_chosen;
    bool quick;
    double width;               /* A share; 0 = the benchmarks' own. */
    double seconds;             /* In all; 0 = as the table says. */
    const char *implementation; /* NULL for the reference. */
    const char *out;
    const char *workload;
    bool may_change_machine;
};

enum { OPTION_QUICK = 256, OPTION_OUT, OPTION_WIDTH, OPTION_SECONDS, OPTION_WORKLOAD, OPTION_ALLOW, OPTION_IMPL };

static const struct argp_option bench_argp_options[] = {
    {"quick", OPTION_QUICK, NULL, 0, "Fewer rounds and smaller memories: wider intervals", 0},
    {"width", OPTION_WIDTH, "PERCENT", 0,
        "Go on until each 95% interval is no wider than so much of its median, or the time is up; without it, 2", 0},
    {"seconds", OPTION_SECONDS, "SECONDS", 0,
        "The time limit over all; what is named shares it (modes in an emulated machine: four runs each at least, "
        "whatever they take)",
        0},
    {"impl", OPTION_IMPL, "SO", 0, "The shared object whose calls are measured; without it, the reference", 0},
    {"out", OPTION_OUT, "DIR", 0, "The folder for the results; without it, ./numaproof-results/TIME-bench", 0},
    {"workload", OPTION_WORKLOAD, "NAME", 0, "Of modes: chase, triad, lookup or packets alone", 0},
    {"allow-system-changes", OPTION_ALLOW, NULL, 0,
        "Of modes: fill a node, switch balancing on, for the time being; needs root", 0},
    {0},
};

static error_t choose_workload(struct bench_choice *choice, const char *name)
{
    const char *names[16];
    size_t count = 0;
    char hint[128];
    for (; count < sizeof(names) / sizeof(names[0]) && bench_workload_name(count) != NULL; count++) {
        names[count] = bench_workload_name(count);
        if (strcmp(names[count], name) == 0) {
            choice->workload = name;
            return 0;
        }
    }
    nearest_hint(name, names, count, hint, sizeof(hint));
    problem_set(choice->problem, STATUS_USAGE, "unknown workload '%s'%s", name, hint);
    return EINVAL;
}

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

static error_t take_width(struct bench_choice *choice, const char *text)
{
    double percent = 0;
    error_t wrong = options_number("width", text, 0.1, 100, &percent, choice->problem);
    choice->width = percent / 100;
    return wrong;
}

/* Who gave this command privileges did not give them to an object of its user's choice. */
static error_t take_implementation(struct bench_choice *choice, const char *path)
{
    choice->implementation = path;
    if (getauxval(AT_SECURE) == 0) {
        return 0;
    }
    problem_set(choice->problem, STATUS_USAGE, "--impl is not for a command with privileges that its user lacks");
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct bench_choice *choice = state->input;
    switch (key) {
    case OPTION_QUICK:
        choice->quick = true;
        return 0;
    case OPTION_WIDTH:
        return take_width(choice, argument);
    case OPTION_SECONDS:
        return options_number("seconds", argument, 1, 1e6, &choice->seconds, choice->problem);
    case OPTION_IMPL:
        return take_implementation(choice, argument);
    case OPTION_OUT:
        choice->out = argument;
        return 0;
    case OPTION_WORKLOAD:
        return choose_workload(choice, argument);
    case OPTION_ALLOW:
        choice->may_change_machine = true;
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

static bool is_chosen(const struct bench_choice *choice, size_t index)
{
    return choice->chosen[index] || !choice->any_chosen;
}

/* What benchmark @first and those after it may take, as the table says. */
static double seconds_from(const struct bench_choice *choice, size_t first)
{
    double seconds = 0;
    for (size_t i = first; i < BENCHMARK_COUNT; i++) {
        if (is_chosen(choice, i)) {
            seconds += choice->quick ? benchmarks[i].quick_seconds : benchmarks[i].seconds;
        }
    }
    return seconds;
}

static void print_estimate(const struct bench_choice *choice, double limit)
{
    double share = limit / seconds_from(choice, 0);
    const char *before = ": ";
    printf("At most %.0f s", limit);
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        if (is_chosen(choice, i)) {
            double seconds = seconds_from(choice, i) - seconds_from(choice, i + 1);
            printf("%s%s %.0f s", before, benchmarks[i].name, seconds * share);
            before = ", ";
        }
    }
    putchar('\n');
    fflush(stdout);
}

/*
 * Run what was chosen within the limit: what one leaves of its time, the others share. One that cannot be run is told among
 * @others, and the rest goes on.
 */
static size_t run_chosen(
    struct run *run, const struct bench_choice *choice, struct other_run *others, struct problem *problem)
{
    double limit = choice->seconds > 0 ? choice->seconds : seconds_from(choice, 0);
    double start = run_seconds(run);
    size_t failed = 0;
    print_estimate(choice, limit);
    for (size_t i = 0; i < BENCHMARK_COUNT; i++) {
        if (!is_chosen(choice, i)) {
            continue;
        }
        double left = limit - (run_seconds(run) - start);
        double share = (seconds_from(choice, i) - seconds_from(choice, i + 1)) / seconds_from(choice, i);
        struct bench_options options = {.quick = choice->quick,
            .width = choice->width,
            .implementation = choice->implementation,
            .workload = choice->workload,
            .emulated = run->identity.emulated,
            .may_change_machine = choice->may_change_machine || run->identity.emulated};
        options.seconds = left * share > 0.1 ? left * share : 0.1;
        run->seconds_after = left - options.seconds;
        if (!run_benchmark(run, benchmarks[i].name, benchmarks[i].function, &options, problem)) {
            struct other_run *other = &others[failed++];
            *other = (struct other_run){.name = benchmarks[i].name, .kind = VERDICT_INCONCLUSIVE};
            snprintf(other->reason, sizeof(other->reason), "could not be run: %.480s", problem->text);
        }
    }
    return failed;
}

static bool measure(struct run *run, const struct bench_choice *choice, struct problem *problem)
{
    struct other_run others[BENCHMARK_COUNT];
    if (!folder_open(&run->folder, choice->out, "bench", problem)) {
        return false;
    }
    size_t failed = run_chosen(run, choice, others, problem);
    if (failed > 0 && run->measurements.measurement_count == 0) {
        folder_abandon(&run->folder);
        return false;
    }
    char claim[128];
    snprintf(claim, sizeof(claim), "figures taken: %zu", run->measurements.measurement_count);
    struct evidence evidence = {.claim = claim, .others = others, .other_count = failed};
    if (!run_conclude(run, &evidence, problem) || !folder_close(&run->folder, problem)) {
        return false;
    }
    run_print_measurements(run);
    run_print_verdict(run);
    printf("Results: %s\n", folder_shown(&run->folder));
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
