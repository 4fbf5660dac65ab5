/*
 * The suite, as the command sees it: load an implementation, choose cases, run them, get the results.
 *
 * What a case *did* (its status) is kept apart from what it *says* (its verdict), because the two have been confused in
 * real suites: a case that could not run is not a pass, and one that said nothing is an error. The legal pairs are
 * decided in one place, suite_pair_is_legal().
 */
#ifndef NUMAPROOF_SUITE_H
#define NUMAPROOF_SUITE_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Did the case run? */
enum suite_status {
    SUITE_RAN,    /* To its end, or until the implementation killed it: a crash or a hang is a verdict, fail. */
    SUITE_ERROR,  /* The suite itself could not run it, or it ended without a verdict. */
    SUITE_SKIPPED /* Its needs are not met here; the reason says which. */
};

/* What does it say? */
enum suite_verdict {
    SUITE_PASS,
    SUITE_FAIL,
    SUITE_INCONCLUSIVE,  /* It ran, and the machine let nothing be concluded. */
    SUITE_NOT_APPLICABLE /* Goes with skipped, and with nothing else. */
};

enum suite_level {
    SUITE_MUST,   /* An implementation that fails it does not conform. */
    SUITE_SHOULD, /* Reported, and not held against it. */
    SUITE_COMMAND /* About this project's own command, not about an implementation: no case tests it. */
};

/* One clause of the contract. */
struct suite_clause {
    const char *id; /* "PIN-3" */
    enum suite_level level;
    const char *text; /* The sentence of the contract. */
};

/* Part of the reason of a case that needs a function which the implementation lacks; the function's name follows. */
#define SUITE_NOT_EXPORTED "the implementation does not export "

/* The result of one case. */
struct suite_result {
    const char *id;             /* "pin_strict_offline_cpu" */
    const char *meaning;        /* What would be wrong with whoever fails it, a sentence. */
    const char *const *clauses; /* Ids, NULL-terminated. */
    enum suite_status status;
    enum suite_verdict verdict;
    char reason[1024]; /* Empty for a pass; expected and seen for a fail; the unmet need for a skip. */
    double seconds;    /* Of all its runs. */
    unsigned runs;     /* How often it was begun: the rounds of the run. */
    unsigned bad_runs; /* How many of those did not pass and were not skipped. */
};

struct suite_report {
    char implementation[512]; /* The path of the shared object that really was loaded. */
    char version[64];         /* What its np_version_string() said. */
    size_t function_count;    /* Of the API, and how many of them it does not export. */
    size_t missing_count;
    char missing[8192]; /* Their names, "np_pin_to_cpus, np_region_create". */
    size_t result_count;
    struct suite_result *results; /* Owned by the report. */
    size_t passed, failed, skipped, inconclusive, errors;
    double seconds;        /* Of all cases together, which is more than what passed where some ran side by side. */
    unsigned rounds, jobs; /* As they really were. */
    bool shuffled;
    uint64_t seed; /* Of the order, where it was shuffled. */
    char repaired
        [1024]; /* What an earlier run, killed in the middle, had left changed and this one put back. Or empty. */
};

/*
 * Called for each case of each round as it ends, in the order of the run, in the runner's process. False ends the run: the
 * report then has the cases that were run so far.
 */
typedef bool suite_progress(const struct suite_result *result, size_t done, size_t total, void *closure);

struct suite_options {
    const char *implementation;      /* Path of the shared object; never NULL. */
    bool own_library;                /* It is the command's own, and not one that the user named. */
    const char *const *clause_globs; /* fnmatch(3) patterns of clause ids, NULL-terminated; NULL = all. */
    bool allow_system_changes;       /* Faults that change the machine are allowed, and undone. */
    unsigned rounds;                 /* How often each case is run; 0 is once. */
    unsigned jobs;                   /* How many cases at a time, those that allow it; 0 is one. */
    bool shuffle;                    /* Each round in an order of its own, which follows from @seed. */
    uint64_t seed;
    unsigned limit_seconds;   /* For a case that names none of its own; 0 is what tells a hang from slowness here. */
    suite_progress *progress; /* May be NULL. */
    void *closure;
};

/* All clauses of the catalogue, in the contract's order; *count of them. Static storage. */
const struct suite_clause *suite_clauses(size_t *count);

/* "must", "should", "command". */
const char *suite_level_name(enum suite_level level);

/* Whether a pair of status and verdict means anything. */
bool suite_pair_is_legal(enum suite_status status, enum suite_verdict verdict);

/* "ran", "error", "skipped"; "pass", "fail", "inconclusive", "not-applicable". */
const char *suite_status_name(enum suite_status status);
const char *suite_verdict_name(enum suite_verdict verdict);

/*
 * Run the cases that @options chooses, each in a child process of its own with a time limit. Of the rounds of a case the
 * gravest counts: one that failed once in a hundred has failed.
 *
 * NP_OK says only that the run took place: the verdicts are in @report, which the caller frees with
 * suite_report_free(). NP_INVALID_ARGUMENT: a glob that matches no clause; an implementation that cannot be read, is
 * not a shared object of this machine, crashes or hangs while it is loaded, or exports nothing of the API; a foreign one
 * while this process has privileges that its user lacks (setuid, file capabilities): those are not lent. A single missing
 * function is no error here but a failed case. One run at a time in a process: CUnit's registry is global.
 *
 * The implementation is never loaded into the calling process.
 */
np_status suite_run(const struct suite_options *options, struct suite_report *report, np_error *error);
void suite_report_free(struct suite_report *report);

/* The same choice of cases, listed without running: id, clauses, meaning, needs. */
np_status suite_list(const struct suite_options *options, FILE *out, np_error *error);

/*
 * What a clause came to over a whole report: fail if any case failed or could not be run, else pass if at least one
 * passed, else inconclusive if one was, else not applicable (only skipped, or no case).
 */
enum suite_verdict suite_clause_verdict(const struct suite_report *report, const char *clause);

/*
 * What the whole report came to: fail if any case failed or could not be run, inconclusive if nothing passed (an all-skip
 * run is no success) or a case was inconclusive, else pass.
 */
enum suite_verdict suite_report_verdict(const struct suite_report *report);

#endif
