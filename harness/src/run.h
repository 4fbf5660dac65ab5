/*
 * One run of the command: what it found, on its way into the result files.
 *
 * A verb begins a run, adds what it did, and ends it; the files, the same for all verbs, are written at the end.
 */
#ifndef NUMAPROOF_HARNESS_RUN_H
#define NUMAPROOF_HARNESS_RUN_H

#include "checks.h"
#include "facts.h"
#include "folder.h"
#include "identity.h"
#include "paths.h"
#include "verdict.h"

#include <bench/bench.h>
#include <suite/suite.h>
#include <time.h>

struct run {
    struct paths paths;
    struct folder folder;
    struct facts facts;
    struct thresholds thresholds; /* The defaults until a verb reads others. */
    struct identity identity;
    struct check *checks; /* checks_count() of them. */
    time_t started;
    struct timespec clock; /* At the start. */
    double seconds;        /* Set by run_conclude(). */
    unsigned tap;          /* The version of TAP in which each case goes to standard output as it ends; 0: none. */
    bool has_conformance;
    struct suite_report conformance;
    bool has_measurements;
    struct bench_report measurements;
    double seconds_after; /* What may come after the benchmark under way, for the progress line. */
    struct verdict verdict;
};

/* Collect the facts and run the checks. */
bool run_begin(struct run *run, struct problem *problem);

/*
 * Decide the verdict from what the run holds, @evidence having the rest, and write all files to the run's folder. May be done
 * again with more evidence. The log stays open until folder_close().
 */
bool run_conclude(struct run *run, struct evidence *evidence, struct problem *problem);

void run_free(struct run *run);

/* Seconds since the run began. */
double run_seconds(const struct run *run);

/*
 * Run the suite, or the benchmark @function of that name, with progress on the terminal and each result in the log. Benchmarks
 * add to the measurements of those before; of @options the progress is the run's own.
 */
bool run_conformance(struct run *run, const struct suite_options *options, struct problem *problem);
bool run_benchmark(struct run *run, const char *name, bench_function *function, const struct bench_options *options,
    struct problem *problem);

/* Print a row of a list: a verdict's word in its colour, then the text, wrapped. */
void run_print_row(const char *word, const char *text);

/* Print what a run of these came to, in lines for people. */
void run_print_checks(const struct run *run);
/* Of the checks those that found something; how many passed. */
void run_print_findings(const struct run *run);
/* What was skipped and why is a long list, for those who asked for the suite and for nothing else. */
void run_print_conformance(const struct run *run, bool with_skipped);
void run_print_other(const struct other_run *other);
void run_print_comparisons(const struct run *run);
void run_print_measurements(const struct run *run);
/* The table of hard against soft, and whether a figure belongs to it and not to the tables by name. */
void run_print_modes(const struct run *run);
bool run_is_of_modes(const struct bench_measurement *cell);
void run_print_verdict(const struct run *run);

#endif
