/*
 * A suite of two clauses and two cases, whose results the scenario says: case-fails, case-errs, case-inconclusive, all-skipped,
 * suite-refuses (the run does not take place), suite-dies (with the whole process), odd-text (no UTF-8).
 */
#include "scenario.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <suite/suite.h>
#include <time.h>

static const struct suite_clause clauses[] = {
    {"PIN-3", SUITE_MUST, "Strict names the CPUs that it could not have."},
    {"MEM-5", SUITE_MUST, "What does not fit is refused."},
};

static const char *const clauses_of_first[] = {"PIN-3", NULL};
static const char *const clauses_of_second[] = {"MEM-5", NULL};

const struct suite_clause *suite_clauses(size_t *count)
{
    *count = sizeof(clauses) / sizeof(clauses[0]);
    return clauses;
}

const char *suite_level_name(enum suite_level level)
{
    return level == SUITE_MUST ? "must" : "should";
}

const char *suite_status_name(enum suite_status status)
{
    static const char *const names[] = {"ran", "error", "skipped"};
    return names[status];
}

const char *suite_verdict_name(enum suite_verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "inconclusive", "not-applicable"};
    return names[verdict];
}

static np_status refuse(np_error *error, const char *reason)
{
    *error = (np_error){.code = NP_INVALID_ARGUMENT};
    strcpy(error->operation, "suite");
    strcpy(error->reason, reason);
    return NP_INVALID_ARGUMENT;
}

static void set(struct suite_result *result, enum suite_status status, enum suite_verdict verdict, const char *reason)
{
    result->status = status;
    result->verdict = verdict;
    strcpy(result->reason, reason);
}

static void play(struct suite_report *report)
{
    struct suite_result *first = &report->results[0];
    struct suite_result *second = &report->results[1];
    set(first, SUITE_RAN, SUITE_PASS, "");
    set(second, SUITE_SKIPPED, SUITE_NOT_APPLICABLE, "needs 2 nodes; there is 1");
    if (scenario_has("case-fails")) {
        set(first, SUITE_RAN, SUITE_FAIL, "expected 1, seen 2");
    } else if (scenario_has("case-errs")) {
        set(first, SUITE_ERROR, SUITE_FAIL, "ended without a verdict");
    } else if (scenario_has("case-inconclusive")) {
        set(first, SUITE_RAN, SUITE_INCONCLUSIVE, "too noisy");
    } else if (scenario_has("all-skipped")) {
        set(first, SUITE_SKIPPED, SUITE_NOT_APPLICABLE, "needs root");
    } else if (scenario_has("odd-text")) {
        set(first, SUITE_RAN, SUITE_FAIL, "seen \xff\xfe\n\"x\"");
    }
}

static void count(struct suite_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        const struct suite_result *result = &report->results[i];
        report->passed += result->status == SUITE_RAN && result->verdict == SUITE_PASS;
        report->failed += result->status == SUITE_RAN && result->verdict == SUITE_FAIL;
        report->inconclusive += result->status == SUITE_RAN && result->verdict == SUITE_INCONCLUSIVE;
        report->skipped += result->status == SUITE_SKIPPED;
        report->errors += result->status == SUITE_ERROR;
    }
}

/* Long enough to be worth a progress line. */
static void take_time(void)
{
    const struct timespec pause = {.tv_sec = 1, .tv_nsec = 100000000};
    if (scenario_has("suite-is-slow")) {
        nanosleep(&pause, NULL);
    }
}

np_status suite_run(const struct suite_options *options, struct suite_report *report, np_error *error)
{
    *report = (struct suite_report){.result_count = 2, .version = "0.1.0", .function_count = 2, .rounds = 1, .jobs = 1};
    strncpy(report->implementation, options->implementation, sizeof(report->implementation) - 1);
    if (scenario_has("suite-refuses")) {
        return refuse(error, "it is no shared object");
    }
    if (scenario_has("suite-dies")) {
        raise(SIGKILL);
    }
    report->results = calloc(2, sizeof(*report->results));
    report->results[0] =
        (struct suite_result){.id = "first", .meaning = "It lies.", .clauses = clauses_of_first, .runs = 1};
    report->results[1] =
        (struct suite_result){.id = "second", .meaning = "It leaks.", .clauses = clauses_of_second, .runs = 1};
    play(report);
    count(report);
    for (size_t i = 0; i < 2; i++) {
        (void)options->progress(&report->results[i], i + 1, 2, options->closure);
        take_time();
    }
    return NP_OK;
}

void suite_report_free(struct suite_report *report)
{
    free(report->results);
}

np_status suite_list(const struct suite_options *options, FILE *out, np_error *error)
{
    (void)options;
    (void)error;
    fputs("first PIN-3\nsecond MEM-5\n", out);
    return NP_OK;
}

enum suite_verdict suite_clause_verdict(const struct suite_report *report, const char *clause)
{
    const struct suite_result *result = &report->results[strcmp(clause, "PIN-3") == 0 ? 0 : 1];
    return result->status == SUITE_SKIPPED ? SUITE_NOT_APPLICABLE : result->verdict;
}
