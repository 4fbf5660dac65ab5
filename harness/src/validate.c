/*
 * numaproof validate: can hard mode be relied on here?
 *
 * The checklist, the conformance suite, the latency matrix, and from all of it a verdict. A machine with one node leaves the
 * clauses about two nodes untested; they are tested in an emulated machine of two, whose results stand in a folder of their own
 * and are never mixed with those of the hardware.
 */
#include "clause_globs.h"
#include "file.h"
#include "included_runs.h"
#include "options.h"
#include "run.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct validate_options {
    struct problem *problem;
    struct clause_globs clauses;
    bool quick;
    double seconds; /* 0: as seconds_to_measure() says. */
    const char *baseline;
    const char *thresholds;
    const char *out;
};

enum { OPTION_QUICK = 256, OPTION_CLAUSE, OPTION_SECONDS, OPTION_BASELINE, OPTION_THRESHOLDS, OPTION_OUT };

static const struct argp_option validate_argp_options[] = {
    {"quick", OPTION_QUICK, NULL, 0, "Measure with fewer rounds: wider intervals", 0},
    {"clause", OPTION_CLAUSE, "GLOB", 0,
        "Test only clauses that match, as PIN-3 or 'MEM-*'; may be given again. A pass then says nothing of the others",
        0},
    {"seconds", OPTION_SECONDS, "SECONDS", 0,
        "The time limit of the measurement: more of it where figures or claims were left undecided", 0},
    {"baseline", OPTION_BASELINE, "DIR", 0,
        "Results of a machine known to be good: to be worse than it, beyond the "
        "noise, is a fail",
        0},
    {"thresholds", OPTION_THRESHOLDS, "FILE", 0, "Where the verdict draws its lines, instead of the defaults", 0},
    {"out", OPTION_OUT, "DIR", 0, "The folder for the results; without it, ./numaproof-results/TIME-validate", 0},
    {0},
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct validate_options *options = state->input;
    switch (key) {
    case OPTION_QUICK:
        options->quick = true;
        return 0;
    case OPTION_CLAUSE:
        return clause_globs_add(&options->clauses, argument, options->problem) ? 0 : EINVAL;
    case OPTION_SECONDS:
        return options_number("seconds", argument, 1, 1e6, &options->seconds, options->problem);
    case OPTION_BASELINE:
        options->baseline = argument;
        return 0;
    case OPTION_THRESHOLDS:
        options->thresholds = argument;
        return 0;
    case OPTION_OUT:
        options->out = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp validate_argp = {
    .options = validate_argp_options,
    .parser = parse,
    .doc = "Check this machine, test the contract on it, measure it, and say whether hard mode can be relied on here.\v"
           "Verdicts: pass, pass-soft-only (soft mode works, hard mode lacks something), fail, inconclusive (something "
           "could not be run).\n\n"
           "Exit status: 0 pass or pass-soft-only, 1 fail, 3 inconclusive.",
};

/* The emulated machine that stands in for the second node of a machine with one. */
static const char second_machine[] = "two-nodes";

/* What a pass says, with what it rests on. */
static void describe(const struct run *run, const struct validate_options *options, char *text, size_t size)
{
    size_t nodes = run->facts.nodes.count;
    if (options->clauses.count > 0) {
        snprintf(text, size,
            "%zu cases of the clauses that were asked for passed, none failed; the other clauses were not tested, and "
            "a "
            "pass says nothing of them",
            run->conformance.passed);
        return;
    }
    int used = snprintf(text, size, "hard mode can be relied on here: %zu conformance cases passed, none failed",
        run->conformance.passed);
    if (nodes == 1 && used > 0 && (size_t)used < size) {
        snprintf(text + used, size - (size_t)used,
            "; this machine has one node, so that all its memory is local whatever a program does");
    }
}

/* A part that could not be run is evidence too. */
static void add_not_run(struct other_run *others, struct evidence *evidence, const char *name, const char *reason)
{
    struct other_run *other = &others[evidence->other_count++];
    *other = (struct other_run){.name = name, .kind = VERDICT_INCONCLUSIVE};
    snprintf(other->reason, sizeof(other->reason), "could not be run: %.480s", reason);
    run_print_other(other);
}

/* A figure or two need no minute: a quarter of one for each pair of nodes, and no more than the benchmark's own limit. */
static double seconds_to_measure(const struct run *run, const struct validate_options *options)
{
    static const double for_each_pair = 15;
    static const double at_most = 60;
    if (options->seconds > 0) {
        return options->seconds;
    }
    double seconds = for_each_pair * (double)(run->facts.nodes.count * run->facts.nodes.count);
    return options->quick || seconds > at_most ? 0 : seconds;
}

/* Conformance and measurements of the machine itself. */
static void examine(
    struct run *run, const struct validate_options *options, struct other_run *others, struct evidence *evidence)
{
    struct problem problem;
    const struct suite_options suite = {.implementation = run->paths.library,
        .own_library = true,
        .clause_globs = clause_globs_for_suite(&options->clauses)};
    run_print_findings(run);
    if (!run->facts.probes.pages_located) {
        /* What cannot be seen cannot be judged: a case would blame the implementation for the filter around it. */
        problem_set(&problem, STATUS_CANNOT_RUN, "no page can be located here (%s), so that no placement can be judged",
            run->facts.probes.pages_text);
        add_not_run(others, evidence, "conformance", problem.text);
    } else if (run_conformance(run, &suite, &problem)) {
        run_print_conformance(run, false);
    } else {
        add_not_run(others, evidence, "conformance", problem.text);
    }
    const struct bench_options bench = {
        .quick = options->quick, .seconds = seconds_to_measure(run, options), .without_sweep = run->identity.emulated};
    if (run_benchmark(run, "latency", bench_latency, &bench, &problem)) {
        run->facts.measured = &run->measurements;
        checks_run(run->checks, &run->facts);
        run_print_measurements(run);
    } else {
        add_not_run(others, evidence, "latency", problem.text);
    }
    if (run->facts.nodes.count == 1 && !run->identity.our_guest) {
        struct other_run *other = &others[evidence->other_count++];
        other->name = "emulated machine two-nodes";
        include_emulated(run, second_machine, &options->clauses, other);
        run_print_other(other);
    }
}

static bool validate(struct run *run, const struct validate_options *options, struct problem *problem)
{
    struct other_run others[4] = {{0}};
    char claim[256];
    /* What an emulated machine measures says nothing of hardware: too little of it is no want. */
    struct evidence evidence = {.claim = claim,
        .checks = run->checks,
        .check_count = checks_count(),
        .others = others,
        .figures_are_incidental = run->identity.our_guest};
    examine(run, options, others, &evidence);
    describe(run, options, claim, sizeof(claim));
    if (!run_conclude(run, &evidence, problem)) {
        return false;
    }
    if (options->baseline != NULL) {
        struct other_run *other = &others[evidence.other_count++];
        other->name = "against the baseline";
        include_baseline(run, options->baseline, other);
        run_print_other(other);
        if (!run_conclude(run, &evidence, problem)) {
            return false;
        }
    }
    run_print_verdict(run);
    return true;
}

/* The page is for people; a verdict stands without it, and a guest of ours has no Python to make it with. */
static void report(struct run *run)
{
    struct problem problem;
    if (run->identity.our_guest) {
        printf("Results: %s\n", folder_shown(&run->folder));
    } else if (include_report(run, false, &problem)) {
        printf("Report: %s/report.html\n", folder_shown(&run->folder));
    } else {
        printf("Results: %s\n", folder_shown(&run->folder));
        fprintf(stderr, "numaproof validate: no report.html: %s\n", problem.text);
        folder_log(&run->folder, "no report.html: %s", problem.text);
    }
}

/* Before the long work, and not after it: are there results to compare with? */
static bool baseline_is_there(const struct validate_options *options, struct problem *problem)
{
    char path[PATH_MAX];
    if (options->baseline == NULL) {
        return true;
    }
    if (!file_join(path, sizeof(path), options->baseline, "result.json", problem)) {
        return false;
    }
    return access(path, R_OK) == 0 ||
           problem_set(problem, STATUS_USAGE, "cannot read the baseline %s: %s", path, strerror(errno));
}

/* A run judged by the user's thresholds, or none at all: they are read before anything is done. */
static bool begin(struct run *run, const struct validate_options *options, struct problem *problem)
{
    struct thresholds thresholds = thresholds_default;
    if (options->thresholds != NULL &&
        !thresholds_read(&thresholds, options->thresholds, checks_ids(), checks_count(), problem)) {
        return false;
    }
    if (!baseline_is_there(options, problem) || !run_begin(run, problem)) {
        return false;
    }
    run->thresholds = thresholds;
    checks_run(run->checks, &run->facts);
    return true;
}

int verb_validate(int argc, char **argv)
{
    struct problem problem;
    struct validate_options options = {.problem = &problem};
    struct run run;
    clause_globs_begin(&options.clauses, argc);
    if (!options_parse(&validate_argp, argc, argv, &options, &problem) || !begin(&run, &options, &problem)) {
        clause_globs_free(&options.clauses);
        return problem_tell(&problem, argv[0]);
    }
    bool opened = folder_open(&run.folder, options.out, "validate", &problem);
    bool done = opened && validate(&run, &options, &problem);
    if (done) {
        report(&run);
        done = folder_close(&run.folder, &problem);
    }
    int status = done ? (int)verdict_exit_status(run.verdict.kind) : problem_tell(&problem, argv[0]);
    run_free(&run);
    clause_globs_free(&options.clauses);
    return status;
}
