/*
 * Choosing cases and running them: the public face of the suite (suite.h).
 *
 * CUnit keeps the registry and counts: each list of cases is a CUnit suite, each case a CUnit test whose one assertion is
 * the case's verdict. A CUnit test has no argument, so that the run in progress is kept in one static place, and there is
 * one run at a time in a process.
 */
#include "case_process.h"
#include "catalogue.h"
#include "fault_journal.h"
#include "machine_lock.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* A hang is told from slowness by this much; an emulated processor is some ten times slower than the real one. */
#define LIMIT_SECONDS          10
#define LIMIT_SECONDS_EMULATED 60

/* The run in progress. */
static struct {
    const struct suite_options *options;
    struct suite_report *report;
    struct case_setting setting;
    const struct suite_case **chosen;
    size_t count, done;
} run;

static np_status refuse(np_error *error, np_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static np_status refuse(np_error *error, np_status status, const char *format, ...)
{
    va_list arguments;

    if (error == NULL)
        return status;
    *error = (np_error){.code = (int32_t)status, .operation = "suite"};
    va_start(arguments, format);
    vsnprintf(error->reason, sizeof error->reason, format, arguments);
    va_end(arguments);
    return status;
}

static bool glob_matches_a_clause(const char *glob)
{
    size_t count;
    const struct suite_clause *clauses = suite_clauses(&count);

    for (size_t i = 0; i < count; i++)
        if (fnmatch(glob, clauses[i].id, 0) == 0)
            return true;
    return false;
}

static bool is_chosen(const struct suite_case *test, const char *const *globs)
{
    if (globs == NULL)
        return true;
    for (; *globs != NULL; globs++)
        for (const char *const *clause = test->clauses; *clause != NULL; clause++)
            if (fnmatch(*globs, *clause, 0) == 0)
                return true;
    return false;
}

static size_t count_all(void)
{
    size_t count = 0;

    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        count += (*list)->count;
    return count;
}

/* The chosen cases in the order of their lists; the caller frees *@chosen. */
static np_status choose(
    const struct suite_options *options, const struct suite_case ***chosen, size_t *count, np_error *error)
{
    for (const char *const *glob = options->clause_globs; glob != NULL && *glob != NULL; glob++)
        if (!glob_matches_a_clause(*glob))
            return refuse(error, NP_INVALID_ARGUMENT, "no clause of the contract matches \"%s\"", *glob);
    *count = 0;
    *chosen = calloc(count_all(), sizeof **chosen);
    if (*chosen == NULL)
        return refuse(error, NP_ALLOCATION, "no memory for the list of cases");
    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        for (size_t i = 0; i < (*list)->count; i++)
            if (is_chosen((*list)->cases[i], options->clause_globs))
                (*chosen)[(*count)++] = (*list)->cases[i];
    return NP_OK;
}

static void count_result(struct suite_report *report, const struct suite_result *result)
{
    if (!suite_pair_is_legal(result->status, result->verdict) || result->status == SUITE_ERROR)
        report->errors++;
    else if (result->status == SUITE_SKIPPED)
        report->skipped++;
    else if (result->verdict == SUITE_FAIL)
        report->failed++;
    else if (result->verdict == SUITE_INCONCLUSIVE)
        report->inconclusive++;
    else
        report->passed++;
    report->seconds += result->seconds;
}

/* What every CUnit test does: run the next case, and let its verdict be the one assertion. */
static void run_next_case(void)
{
    struct suite_result *result = &run.report->results[run.done];

    case_process_run(run.chosen[run.done], &run.setting, result);
    count_result(run.report, result);
    run.report->result_count = ++run.done;
    bool holds = result->status == SUITE_SKIPPED || result->verdict == SUITE_PASS;
    CU_assertImplementation(holds ? CU_TRUE : CU_FALSE, 0, result->reason, result->id, "", CU_FALSE);
    if (run.options->progress != NULL)
        run.options->progress(result, run.done, run.count, run.options->closure);
}

/* One CUnit suite a list, with the chosen cases of it. */
static bool fill_registry(void)
{
    size_t next = 0;

    for (const struct case_list *const *list = all_cases; *list != NULL; list++) {
        CU_pSuite suite = CU_add_suite((*list)->name, NULL, NULL);
        if (suite == NULL)
            return false;
        for (size_t i = 0; i < (*list)->count && next < run.count; i++) {
            if ((*list)->cases[i] != run.chosen[next])
                continue;
            if (CU_add_test(suite, run.chosen[next++]->id, run_next_case) == NULL)
                return false;
        }
    }
    return next == run.count;
}

static np_status run_chosen(np_error *error)
{
    np_status status = NP_OK;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return refuse(error, NP_ALLOCATION, "CUnit: %s", CU_get_error_msg());
    if (!fill_registry())
        status = refuse(error, NP_SYSTEM, "CUnit: %s", CU_get_error_msg());
    else if (CU_run_all_tests() != CUE_SUCCESS || run.done != run.count)
        status = refuse(error, NP_SYSTEM, "CUnit ran %zu of %zu cases: %s", run.done, run.count, CU_get_error_msg());
    CU_cleanup_registry();
    return status;
}

/*
 * A process with privileges that its user has not (setuid, or file capabilities as the contract's own page advises) lends
 * them to no library but its own.
 */
static np_status look_at_implementation(
    const struct suite_options *options, struct suite_report *report, np_error *error)
{
    struct implementation_facts facts;
    char reason[400];

    if (options->implementation == NULL)
        return refuse(error, NP_INVALID_ARGUMENT, "no implementation was named");
    if (!options->own_library && getauxval(AT_SECURE) != 0)
        return refuse(error, NP_INVALID_ARGUMENT,
            "%s is refused: this program has privileges of its own (setuid or file capabilities) and lends them to its "
            "own library only; run an unprivileged copy of it",
            options->implementation);
    if (!implementation_probe(options->implementation, &facts, reason, sizeof reason))
        return refuse(error, NP_INVALID_ARGUMENT, "%s", reason);
    memcpy(report->implementation, facts.path, sizeof report->implementation);
    memcpy(report->version, facts.version, sizeof report->version);
    return NP_OK;
}

/* What a run that was killed with its guards left changed. False if it cannot be put back. */
static np_status repair(struct suite_report *report, np_error *error)
{
    char said[400] = "";

    if (!journal_exists())
        return NP_OK;
    if (!machine_lock(true))
        return refuse(error, NP_SYSTEM, "another run is changing this machine, and does not end");
    bool repaired = !journal_open(false) || journal_undo(said, sizeof said);
    journal_close();
    machine_unlock();
    if (!repaired)
        return refuse(
            error, NP_SYSTEM, "an earlier run left this machine changed, and it cannot be put back: %s", said);
    if (said[0] != '\0')
        snprintf(
            report->repaired, sizeof report->repaired, "an earlier run left this machine changed; put back: %s", said);
    return NP_OK;
}

np_status suite_run(const struct suite_options *options, struct suite_report *report, np_error *error)
{
    *report = (struct suite_report){.result_count = 0};
    run.done = 0;
    np_status status = look_at_implementation(options, report, error);
    if (status == NP_OK)
        status = repair(report, error);
    if (status == NP_OK)
        status = choose(options, &run.chosen, &run.count, error);
    if (status != NP_OK)
        return status;
    report->results = calloc(run.count > 0 ? run.count : 1, sizeof report->results[0]);
    if (report->results == NULL)
        status = refuse(error, NP_ALLOCATION, "no memory for %zu results", run.count);
    run.options = options;
    run.report = report;
    run.setting = (struct case_setting){.implementation = report->implementation,
        .allow_system_changes = options->allow_system_changes,
        .limit_seconds = oracle_is_guest() ? LIMIT_SECONDS_EMULATED : LIMIT_SECONDS};
    if (status == NP_OK)
        status = run_chosen(error);
    free(run.chosen);
    if (status != NP_OK)
        suite_report_free(report);
    return status;
}

void suite_report_free(struct suite_report *report)
{
    free(report->results);
    report->results = NULL;
    report->result_count = 0;
}

np_status suite_list(const struct suite_options *options, FILE *out, np_error *error)
{
    const struct suite_case **chosen;
    size_t count;

    np_status status = choose(options, &chosen, &count, error);
    if (status != NP_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        char needs[512];
        needs_describe(&chosen[i]->needs, needs, sizeof needs);
        fprintf(out, "%s", chosen[i]->id);
        for (const char *const *clause = chosen[i]->clauses; *clause != NULL; clause++)
            fprintf(out, "%s%s", clause == chosen[i]->clauses ? "  " : " ", *clause);
        fprintf(out, "\n    %s\n    needs %s\n", chosen[i]->meaning, needs);
    }
    free(chosen);
    return NP_OK;
}
