/*
 * Choosing cases and running them: the public face of the suite (suite.h).
 *
 * CUnit keeps the registry and counts: each round of the cases is a CUnit suite, each case a CUnit test whose one assertion
 * is the case's verdict. A CUnit test has no argument, so that the run in progress is kept in one static place, and there
 * is one run at a time in a process.
 */
#include "fault_journal.h"
#include "machine_lock.h"
#include "plan.h"
#include "schedule.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestRun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/*
 * A hang is told from slowness by this much; an emulated processor is some ten times slower than the real one. Who is only kept from
 * a CPU meanwhile is given more (case_process.c).
 */
#define LIMIT_SECONDS          10
#define LIMIT_SECONDS_EMULATED 60

/* The run in progress. */
static struct {
    const struct suite_options *options;
    struct suite_report *report;
    struct plan plan;
    struct schedule *schedule;
    size_t done;
    bool stopped; /* By whoever watches the progress. */
} run;

static bool is_bad(const struct suite_result *result)
{
    return result->status == SUITE_ERROR || (result->status == SUITE_RAN && result->verdict != SUITE_PASS);
}

/* The weight of a result among the rounds of its case: that it was skipped once says less than that it passed once. */
static int weight(const struct suite_result *result)
{
    static const int weights[] = {[SUITE_PASS] = 2, [SUITE_INCONCLUSIVE] = 3, [SUITE_FAIL] = 5};

    if (result->runs == 0)
        return 0;
    if (result->status == SUITE_SKIPPED)
        return 1;
    return result->status == SUITE_ERROR ? 4 : weights[result->verdict];
}

/* Add a round to what the rounds of the case came to so far: the gravest stands, with its reason. */
static void add_round(struct suite_result *sum, const struct suite_result *round)
{
    double seconds = sum->seconds + round->seconds;
    unsigned runs = sum->runs + 1, bad_runs = sum->bad_runs + (is_bad(round) ? 1 : 0);

    if (weight(round) > weight(sum))
        *sum = *round;
    sum->seconds = seconds;
    sum->runs = runs;
    sum->bad_runs = bad_runs;
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

/* Once all rounds are over. A run that was stopped leaves out what it did not come to; a case that was bad in some of several says in how many. */
static void count_all_results(struct suite_report *report)
{
    size_t kept = 0;

    for (size_t i = 0; i < report->result_count; i++)
        if (report->results[i].runs > 0)
            report->results[kept++] = report->results[i];
    report->result_count = kept;
    for (size_t i = 0; i < report->result_count; i++) {
        struct suite_result *result = &report->results[i];
        if (result->bad_runs > 0 && result->runs > 1) {
            char reason[sizeof result->reason];
            memcpy(reason, result->reason, sizeof reason);
            snprintf(result->reason, sizeof result->reason, "in %u of %u runs: %.900s", result->bad_runs, result->runs,
                reason);
        }
        count_result(report, result);
    }
}

/* What every CUnit test does: take the result of the next case, and let its verdict be the one assertion. */
static void take_next_result(void)
{
    struct suite_result result;

    if (run.stopped || !schedule_next(run.schedule, &result))
        return;
    add_round(&run.report->results[run.plan.order[run.done++]], &result);
    CU_assertImplementation(is_bad(&result) ? CU_FALSE : CU_TRUE, 0, result.reason, result.id, "", CU_FALSE);
    if (run.options->progress != NULL)
        run.stopped = !run.options->progress(&result, run.done, run.plan.rounds * run.plan.count, run.options->closure);
}

/* A CUnit suite for the round, with its cases in their order. */
static bool fill_registry(size_t round)
{
    char name[32];

    snprintf(name, sizeof name, "round %zu", round + 1);
    CU_pSuite suite = CU_add_suite(name, NULL, NULL);
    for (size_t i = 0; suite != NULL && i < run.plan.count; i++) {
        const struct suite_case *test = run.plan.chosen[run.plan.order[round * run.plan.count + i]];
        if (CU_add_test(suite, test->id, take_next_result) == NULL)
            return false;
    }
    return suite != NULL;
}

/* Each round has a registry of its own: CUnit looks through all names at each that is added. */
static np_status run_round(size_t round, np_error *error)
{
    np_status status = NP_OK;

    if (CU_initialize_registry() != CUE_SUCCESS)
        return plan_refuse(error, NP_ALLOCATION, "CUnit: %s", CU_get_error_msg());
    if (!fill_registry(round))
        status = plan_refuse(error, NP_SYSTEM, "CUnit: %s", CU_get_error_msg());
    else if (CU_run_all_tests() != CUE_SUCCESS || (!run.stopped && run.done != (round + 1) * run.plan.count))
        status = plan_refuse(error, NP_SYSTEM, "CUnit ran %zu of %zu cases: %s", run.done,
            run.plan.rounds * run.plan.count, CU_get_error_msg());
    CU_cleanup_registry();
    return status;
}

static np_status run_chosen(np_error *error)
{
    np_status status = NP_OK;

    for (size_t round = 0; status == NP_OK && !run.stopped && round < run.plan.rounds; round++)
        status = run_round(round, error);
    return status;
}

/*
 * A process with privileges that its user has not (setuid, or file capabilities as the contract's own page advises) lends
 * them to no library but its own.
 */
static np_status look_at_implementation(
    const struct suite_options *options, struct suite_report *report, np_error *error)
{
    static struct implementation_facts facts;
    char reason[400];

    if (options->implementation == NULL)
        return plan_refuse(error, NP_INVALID_ARGUMENT, "no implementation was named");
    if (!options->own_library && getauxval(AT_SECURE) != 0)
        return plan_refuse(error, NP_INVALID_ARGUMENT,
            "%s is refused: this program has privileges of its own (setuid or file capabilities) and lends them to its "
            "own library only; run an unprivileged copy of it",
            options->implementation);
    if (!implementation_probe(options->implementation, &facts, reason, sizeof reason))
        return plan_refuse(error, NP_INVALID_ARGUMENT, "%s", reason);
    memcpy(report->implementation, facts.path, sizeof report->implementation);
    memcpy(report->version, facts.version, sizeof report->version);
    memcpy(report->missing, facts.missing, sizeof report->missing);
    report->function_count = implementation_function_count();
    report->missing_count = report->function_count - facts.exported;
    return NP_OK;
}

/* What a run that was killed with its guards left changed. False if it cannot be put back. */
static np_status repair(struct suite_report *report, np_error *error)
{
    char said[400] = "";

    if (!journal_exists())
        return NP_OK;
    if (!machine_lock(true))
        return plan_refuse(error, NP_SYSTEM, "another run is changing this machine, and does not end");
    bool repaired = !journal_open(false) || journal_undo(said, sizeof said);
    journal_close();
    machine_unlock();
    if (!repaired)
        return plan_refuse(
            error, NP_SYSTEM, "an earlier run left this machine changed, and it cannot be put back: %s", said);
    if (said[0] != '\0')
        snprintf(
            report->repaired, sizeof report->repaired, "an earlier run left this machine changed; put back: %s", said);
    return NP_OK;
}

/* Room for the results of all chosen cases, and the schedule that will bring them. */
static np_status prepare(const struct suite_options *options, struct suite_report *report,
    const struct case_setting *setting, np_error *error)
{
    np_status status = plan_make(options, &run.plan, error);

    if (status != NP_OK)
        return status;
    report->results = calloc(run.plan.count > 0 ? run.plan.count : 1, sizeof report->results[0]);
    run.schedule = schedule_new(&run.plan, setting, options->jobs);
    if (report->results == NULL || run.schedule == NULL)
        return plan_refuse(error, NP_ALLOCATION, "no memory for %zu results", run.plan.count);
    report->result_count = run.plan.count;
    report->rounds = (unsigned)run.plan.rounds;
    report->jobs = options->jobs > 0 ? options->jobs : 1;
    report->shuffled = options->shuffle;
    report->seed = options->seed;
    run.options = options;
    run.report = report;
    run.done = 0;
    run.stopped = false;
    return NP_OK;
}

np_status suite_run(const struct suite_options *options, struct suite_report *report, np_error *error)
{
    const struct case_setting setting = {.implementation = report->implementation,
        .allow_system_changes = options->allow_system_changes,
        .limit_seconds = options->limit_seconds > 0 ? options->limit_seconds
                         : oracle_is_guest()        ? LIMIT_SECONDS_EMULATED
                                                    : LIMIT_SECONDS};

    *report = (struct suite_report){.result_count = 0};
    np_status status = look_at_implementation(options, report, error);
    if (status == NP_OK)
        status = repair(report, error);
    if (status == NP_OK)
        status = prepare(options, report, &setting, error);
    if (status == NP_OK)
        status = run_chosen(error);
    if (status == NP_OK)
        count_all_results(report);
    schedule_free(run.schedule);
    run.schedule = NULL;
    plan_free(&run.plan);
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
