/*
 * numaproof conform: test an implementation of the contract.
 */
#include "clause_globs.h"
#include "included_runs.h"
#include "options.h"
#include "run.h"
#include "terminal.h"
#include "verb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* More rounds than these are no test but a mistake, and so are more jobs. */
enum { CONFORM_ROUNDS = 100000, CONFORM_JOBS = 64 };

enum { TAP_OLDEST = 13, TAP_NEWEST = 14 };

struct conform_options {
    struct problem *problem;
    const char *implementation; /* NULL for the reference. */
    struct clause_globs clauses;
    bool list;
    unsigned tap;
    bool submission;
    bool allow_system_changes;
    unsigned rounds, jobs;
    bool shuffle;
    uint64_t seed;
    const char *out;
};

enum {
    OPTION_IMPL = 256,
    OPTION_CLAUSE,
    OPTION_LIST,
    OPTION_REPEAT,
    OPTION_SHUFFLE,
    OPTION_JOBS,
    OPTION_TAP,
    OPTION_SUBMISSION,
    OPTION_ALLOW,
    OPTION_OUT
};

static const struct argp_option conform_argp_options[] = {
    {"impl", OPTION_IMPL, "SO", 0, "The shared object to test; without it, the reference", 0},
    {"clause", OPTION_CLAUSE, "GLOB", 0, "Only cases of clauses that match, as PIN-3 or 'MEM-*'; may be given again",
        0},
    {"list", OPTION_LIST, NULL, 0, "List the cases and their needs, and run none", 0},
    {"repeat", OPTION_REPEAT, "N", 0, "Run each case N times; the gravest of its results counts", 0},
    {"shuffle", OPTION_SHUFFLE, "SEED", OPTION_ARG_OPTIONAL,
        "Run the cases in an order by chance, each round in another; the seed is printed, and gives the same order "
        "again",
        0},
    {"jobs", OPTION_JOBS, "N", 0,
        "Run up to N cases at a time; those that change the machine or measure time run alone all the same", 0},
    {"tap", OPTION_TAP, "13|14", OPTION_ARG_OPTIONAL,
        "Print the cases as TAP while they end, and nothing else: version 14, or 13 for older readers", 0},
    {"submission", OPTION_SUBMISSION, NULL, 0,
        "Add to the results what lets a third party recheck them: how, checksums, JUnit XML, a page", 0},
    {"allow-system-changes", OPTION_ALLOW, NULL, 0,
        "Also run cases that change the machine for a moment, such as a CPU taken offline; all is undone", 0},
    {"out", OPTION_OUT, "DIR", 0, "The folder for the results; without it, ./numaproof-results/TIME-conform", 0},
    {0},
};

/* A number in decimal and nothing else. */
static error_t take_number(struct conform_options *options, const char *name, const char *text, uint64_t least,
    uint64_t most, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= least && *number <= most) {
        return 0;
    }
    problem_set(options->problem, STATUS_USAGE, "--%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%s'", name,
        least, most, text);
    return EINVAL;
}

static error_t take_count(
    struct conform_options *options, const char *name, const char *text, unsigned least, unsigned most, unsigned *count)
{
    uint64_t number = 0;
    error_t wrong = take_number(options, name, text, least, most, &number);
    *count = (unsigned)number;
    return wrong;
}

/* Without a seed one by chance, short enough to be copied by hand. */
static error_t take_seed(struct conform_options *options, const char *text)
{
    uint32_t chance = 0;
    options->shuffle = true;
    if (text != NULL) {
        return take_number(options, "shuffle", text, 0, UINT64_MAX, &options->seed);
    }
    if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance)) {
        problem_set(options->problem, STATUS_CANNOT_RUN, "no random seed: %s", strerror(errno));
        return EIO;
    }
    options->seed = chance;
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct conform_options *options = state->input;
    switch (key) {
    case OPTION_IMPL:
        options->implementation = argument;
        return 0;
    case OPTION_CLAUSE:
        return clause_globs_add(&options->clauses, argument, options->problem) ? 0 : EINVAL;
    case OPTION_LIST:
        options->list = true;
        return 0;
    case OPTION_REPEAT:
        return take_count(options, "repeat", argument, 1, CONFORM_ROUNDS, &options->rounds);
    case OPTION_SHUFFLE:
        return take_seed(options, argument);
    case OPTION_JOBS:
        return take_count(options, "jobs", argument, 1, CONFORM_JOBS, &options->jobs);
    case OPTION_TAP:
        options->tap = TAP_NEWEST;
        return argument != NULL ? take_count(options, "tap", argument, TAP_OLDEST, TAP_NEWEST, &options->tap) : 0;
    case OPTION_SUBMISSION:
        options->submission = true;
        return 0;
    case OPTION_ALLOW:
        options->allow_system_changes = true;
        return 0;
    case OPTION_OUT:
        options->out = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp conform_argp = {
    .options = conform_argp_options,
    .parser = parse,
    .doc = "Test an implementation of the contract, clause by clause, each case in a process of its own.\v"
           "Exit status: 0 nothing failed and something passed, 1 something failed, 3 nothing could be concluded.",
};

static struct suite_options for_suite(const struct conform_options *options, const struct paths *paths)
{
    return (struct suite_options){
        .implementation = options->implementation != NULL ? options->implementation : paths->library,
        .own_library = options->implementation == NULL,
        .clause_globs = clause_globs_for_suite(&options->clauses),
        .allow_system_changes = options->allow_system_changes,
        .rounds = options->rounds,
        .jobs = options->jobs,
        .shuffle = options->shuffle,
        .seed = options->seed,
    };
}

static bool list(const struct suite_options *options, struct problem *problem)
{
    np_error error = {0};
    return suite_list(options, stdout, &error) == NP_OK || problem_from(problem, &error);
}

static bool test(struct run *run, const struct conform_options *options, struct problem *problem)
{
    struct suite_options suite = for_suite(options, &run->paths);
    char claim[256];
    if (options->submission && run->identity.our_guest) {
        return problem_set(problem, STATUS_USAGE,
            "--submission needs Python, which an emulated machine has not; make it outside afterwards, with "
            "'numaproof report --submission DIR'");
    }
    if (!folder_open(&run->folder, options->out, "conform", problem)) {
        return false;
    }
    run->tap = options->tap;
    if (!run_conformance(run, &suite, problem)) {
        folder_abandon(&run->folder);
        return false;
    }
    snprintf(claim, sizeof(claim), "cases passed: %zu, failed: none", run->conformance.passed);
    struct evidence evidence = {.claim = claim};
    if (!run_conclude(run, &evidence, problem) || !folder_close(&run->folder, problem)) {
        return false;
    }
    if (options->submission && !include_report(run, true, problem)) {
        return false;
    }
    if (options->tap == 0) {
        run_print_conformance(run, true);
        run_print_verdict(run);
    }
    printf("%sResults: %s\n", options->tap != 0 ? "# " : "", folder_shown(&run->folder));
    return true;
}

int verb_conform(int argc, char **argv)
{
    struct problem problem;
    struct conform_options options = {.problem = &problem};
    struct run run;
    int status = STATUS_PASS;
    clause_globs_begin(&options.clauses, argc);
    if (!options_parse(&conform_argp, argc, argv, &options, &problem)) {
        clause_globs_free(&options.clauses);
        return problem_tell(&problem, argv[0]);
    }
    bool begun = run_begin(&run, &problem);
    struct suite_options suite = for_suite(&options, &run.paths);
    bool done = begun && (options.list ? list(&suite, &problem) : test(&run, &options, &problem));
    if (!done) {
        status = problem_tell(&problem, argv[0]);
    } else if (!options.list) {
        status = (int)verdict_exit_status(run.verdict.kind);
    }
    if (begun) {
        run_free(&run);
    }
    clause_globs_free(&options.clauses);
    return status;
}
