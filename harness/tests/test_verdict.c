/*
 * The verdict: what outweighs what, and in which order the reasons stand.
 */
#include "thresholds.h"
#include "unit.h"
#include "verdict.h"

#include <stdio.h>
#include <string.h>

static const char *const clauses[] = {"PIN-3", NULL};

static struct suite_result result(enum suite_status status, enum suite_verdict verdict)
{
    return (struct suite_result){
        .id = "a_case", .clauses = clauses, .status = status, .verdict = verdict, .reason = "expected 1, seen 2"};
}

static const struct suite_report all_passed = {.passed = 7, .result_count = 0};

static void nothing_wrong(void)
{
    struct verdict verdict;
    const struct evidence evidence = {.claim = "all is well", .conformance = &all_passed};
    verdict_decide(&verdict, &evidence);
    EXPECT_NUMBER(verdict.kind, VERDICT_PASS);
    EXPECT_NUMBER(verdict.reason_count, 1);
    EXPECT_TEXT(verdict.reasons[0].text, "all is well");
}

/* One piece of evidence each, and what it makes of a run in which all else is well. */
static void cases(void)
{
    static const struct {
        enum suite_status status;
        enum suite_verdict said;
        enum verdict_kind kind;
        const char *reason;
    } rows[] = {
        {SUITE_RAN, SUITE_PASS, VERDICT_PASS, "all is well"},
        {SUITE_RAN, SUITE_FAIL, VERDICT_FAIL, "PIN-3: case a_case failed: expected 1, seen 2"},
        {SUITE_ERROR, SUITE_FAIL, VERDICT_FAIL, "PIN-3: case a_case could not be run"},
        {SUITE_RAN, SUITE_INCONCLUSIVE, VERDICT_INCONCLUSIVE, "PIN-3: case a_case was inconclusive"},
        {SUITE_SKIPPED, SUITE_NOT_APPLICABLE, VERDICT_PASS, "all is well"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct suite_result one = result(rows[i].status, rows[i].said);
        const struct suite_report report = {.passed = 1, .result_count = 1, .results = &one};
        const struct evidence evidence = {.claim = "all is well", .conformance = &report};
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
        EXPECT_PART(verdict.reasons[0].text, rows[i].reason);
        EXPECT(verdict.kind == VERDICT_PASS || verdict.reason_count == 1);
    }
}

/* A run in which everything was skipped proves nothing. */
static void only_skips(void)
{
    struct verdict verdict;
    struct suite_result one = result(SUITE_SKIPPED, SUITE_NOT_APPLICABLE);
    const struct suite_report report = {.skipped = 1, .result_count = 1, .results = &one};
    const struct evidence evidence = {.claim = "", .conformance = &report};
    verdict_decide(&verdict, &evidence);
    EXPECT_NUMBER(verdict.kind, VERDICT_INCONCLUSIVE);
    EXPECT_PART(verdict.reasons[0].text, "no conformance case passed: 1 skipped");
}

static void checks_take_hard_mode_away(void)
{
    struct verdict verdict;
    const struct check checks[] = {
        {.title = "A", .verdict = CHECK_WARN, .value = "odd", .fix = "mend it"},
        {.title = "B", .verdict = CHECK_FAIL, .value = "missing", .fix = "get it"},
        {.title = "C", .verdict = CHECK_PASS, .value = "fine"},
    };
    const struct evidence evidence = {.claim = "well", .conformance = &all_passed, .checks = checks, .check_count = 3};
    verdict_decide(&verdict, &evidence);
    EXPECT_NUMBER(verdict.kind, VERDICT_PASS_SOFT_ONLY);
    EXPECT_NUMBER(verdict.reason_count, 2);
    EXPECT_TEXT(verdict.reasons[0].text, "B: missing; mend: get it");
    EXPECT_TEXT(verdict.reasons[1].text, "A: odd; mend: mend it");
}

static void measurements(void)
{
    static const struct {
        enum bench_state state;
        const char *claim;
        enum verdict_kind kind;
    } rows[] = {
        {BENCH_CONVERGED, "pass", VERDICT_PASS},
        {BENCH_NOT_CONVERGED, "not-applicable", VERDICT_INCONCLUSIVE},
        {BENCH_MISPLACED, "pass", VERDICT_FAIL},
        {BENCH_NOT_RUN, "pass", VERDICT_INCONCLUSIVE},
        {BENCH_REFUSED, "pass", VERDICT_PASS},
        {BENCH_CONVERGED, "fail", VERDICT_FAIL},
        {BENCH_CONVERGED, "inconclusive", VERDICT_INCONCLUSIVE},
        {BENCH_CONVERGED, "not-applicable", VERDICT_PASS},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct bench_measurement cell = {.name = "latency", .state = rows[i].state};
        struct bench_claim claim = {.text = "remote is slower"};
        snprintf(claim.verdict, sizeof(claim.verdict), "%s", rows[i].claim);
        const struct bench_report report = {
            .measurement_count = 1, .measurements = &cell, .claim_count = 1, .claims = &claim};
        const struct evidence evidence = {.claim = "", .measured = &report};
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
    }
}

/* Where the run is about something else, a figure that is missing among others is told and decides nothing. All of them do. */
static void a_figure_that_could_not_be_measured(void)
{
    struct bench_measurement cells[] = {{.name = "latency", .state = BENCH_CONVERGED},
        {.name = "latency", .state = BENCH_NOT_RUN, .reason = "there was no time for it"}};
    const struct bench_report report = {.measurement_count = 2, .measurements = cells};
    const struct bench_report nothing = {.measurement_count = 1, .measurements = &cells[1]};
    for (int incidental = 0; incidental < 2; incidental++) {
        struct verdict verdict;
        struct evidence evidence = {.claim = "", .measured = &nothing, .figures_are_incidental = incidental != 0};
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, VERDICT_INCONCLUSIVE);
        evidence.measured = &report;
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, incidental ? VERDICT_PASS : VERDICT_INCONCLUSIVE);
        size_t told = 0;
        for (size_t i = 0; i < verdict.reason_count; i++) {
            told += strstr(verdict.reasons[i].text, "could not be measured: there was no time for it") != NULL;
        }
        EXPECT_NUMBER(told, 1);
    }
}

static struct bench_measurement figure(enum bench_state state, size_t n, double width)
{
    return (struct bench_measurement){.name = "latency",
        .state = state,
        .n = n,
        .median = -100,
        .ci_low = -100 - width / 2,
        .ci_high = -100 + width / 2};
}

/* One figure that tells something is enough, one that does not is no harm; none is no result. */
static void figures_that_tell_nothing(void)
{
    static const struct {
        enum bench_state state;
        size_t n;
        double width;
        double allowed;
        bool incidental;
        enum verdict_kind kind;
        const char *claim; /* NULL: not-applicable. */
        bool of_the_counting;
    } rows[] = {
        {BENCH_NOT_CONVERGED, 5, 0, 0.5, false, VERDICT_PASS, "pass", false},
        {BENCH_NOT_CONVERGED, 5, 0, 0.5, false, VERDICT_FAIL, "fail", false},
        {BENCH_NOT_CONVERGED, 5, 0, 0.5, false, VERDICT_INCONCLUSIVE, "pass", true},
        {BENCH_CONVERGED, 3, 90, 0.5, false, VERDICT_PASS, NULL, false},
        {BENCH_NOT_CONVERGED, 6, 49, 0.5, false, VERDICT_PASS, NULL, false},
        {BENCH_NOT_CONVERGED, 6, 51, 0.5, false, VERDICT_INCONCLUSIVE, NULL, false},
        {BENCH_NOT_CONVERGED, 5, 0, 0.5, false, VERDICT_INCONCLUSIVE, NULL, false},
        {BENCH_NOT_CONVERGED, 6, 51, 0.6, false, VERDICT_PASS, NULL, false},
        {BENCH_NOT_CONVERGED, 5, 0, 1000, false, VERDICT_INCONCLUSIVE, NULL, false},
        {BENCH_NOT_CONVERGED, 5, 0, 0.5, true, VERDICT_PASS, NULL, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct thresholds thresholds = thresholds_default;
        struct bench_measurement cells[] = {
            figure(rows[i].state, rows[i].n, rows[i].width), figure(BENCH_NOT_CONVERGED, 1, 0)};
        struct bench_claim claim = {.of_the_counting = rows[i].of_the_counting};
        snprintf(claim.verdict, sizeof(claim.verdict), "%s", rows[i].claim != NULL ? rows[i].claim : "not-applicable");
        const struct bench_report report = {
            .measurement_count = 2, .measurements = cells, .claim_count = 1, .claims = &claim};
        const struct evidence evidence = {
            .claim = "", .thresholds = &thresholds, .measured = &report, .figures_are_incidental = rows[i].incidental};
        thresholds.widest_interval = rows[i].allowed;
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
        if (verdict.kind == VERDICT_INCONCLUSIVE) {
            EXPECT_PART(verdict.reasons[0].text, "none of 2 figures is known well enough to tell anything");
        }
    }
}

/* Claims that none of the figures could decide leave the question open. */
static void claims_that_are_undecided(void)
{
    static const struct {
        const char *first, *second;
        double share;
        enum verdict_kind kind;
    } rows[] = {
        {"inconclusive", "inconclusive", 1, VERDICT_INCONCLUSIVE},
        {"inconclusive", "not-applicable", 1, VERDICT_INCONCLUSIVE},
        {"not-applicable", "not-applicable", 1, VERDICT_PASS},
        {"inconclusive", "pass", 1, VERDICT_PASS},
        {"inconclusive", "pass", 0.5, VERDICT_INCONCLUSIVE},
        {"inconclusive", "inconclusive", 2, VERDICT_PASS},
        {"inconclusive", "fail", 1, VERDICT_FAIL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct thresholds thresholds = thresholds_default;
        struct bench_measurement cell = figure(BENCH_CONVERGED, 6, 1);
        struct bench_claim claims[2] = {{.text = "remote is slower", .id = "remote-slower"}, {.text = "another"}};
        snprintf(claims[0].verdict, sizeof(claims[0].verdict), "%s", rows[i].first);
        snprintf(claims[1].verdict, sizeof(claims[1].verdict), "%s", rows[i].second);
        const struct bench_report report = {
            .measurement_count = 1, .measurements = &cell, .claim_count = 2, .claims = claims};
        struct evidence evidence = {.claim = "", .thresholds = &thresholds, .measured = &report};
        thresholds.undecided_share = rows[i].share;
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
        if (verdict.kind == VERDICT_INCONCLUSIVE) {
            EXPECT_PART(verdict.reasons[0].text, "claims could not be decided from the figures");
            evidence.figures_are_incidental = true;
            verdict_decide(&verdict, &evidence);
            EXPECT_NUMBER(verdict.kind, VERDICT_PASS);
        }
    }
}

/* What a reason is about goes with it, for programs. */
static void reasons_name_their_subject(void)
{
    struct verdict verdict;
    const struct check check = {.id = "swap", .title = "No swap", .verdict = CHECK_FAIL};
    struct suite_result one = result(SUITE_RAN, SUITE_FAIL);
    const struct suite_report report = {.passed = 1, .result_count = 1, .results = &one};
    const struct other_run other = {.name = "emulated machine x", .kind = VERDICT_INCONCLUSIVE, .reason = "lost"};
    struct bench_measurement cell = {.name = "latency", .state = BENCH_MISPLACED, .initiator = 0, .target = 1};
    const struct bench_report measured = {.measurement_count = 1, .measurements = &cell};
    const struct evidence evidence = {.claim = "",
        .conformance = &report,
        .checks = &check,
        .check_count = 1,
        .others = &other,
        .other_count = 1,
        .measured = &measured};
    static const struct {
        const char *part, *id;
    } subjects[] = {{"case", "a_case"}, {"figure", "latency from node 0 to node 1"}, {"run", ""},
        {"part", "emulated machine x"}, {"check", "swap"}};
    verdict_decide(&verdict, &evidence);
    EXPECT_NUMBER(verdict.reason_count, sizeof(subjects) / sizeof(subjects[0]));
    for (size_t i = 0; i < verdict.reason_count; i++) {
        EXPECT_TEXT(verdict_part_name(verdict.reasons[i].part), subjects[i].part);
        EXPECT_TEXT(verdict.reasons[i].id, subjects[i].id);
    }
}

/* A machine where hard mode was not put to the test does not speak for hard mode. */
static void other_runs(void)
{
    static const struct {
        enum verdict_kind there;
        enum verdict_kind here;
    } rows[] = {
        {VERDICT_PASS, VERDICT_PASS},
        {VERDICT_PASS_SOFT_ONLY, VERDICT_INCONCLUSIVE},
        {VERDICT_INCONCLUSIVE, VERDICT_INCONCLUSIVE},
        {VERDICT_FAIL, VERDICT_FAIL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        const struct other_run other = {.name = "machine x", .kind = rows[i].there, .reason = "because"};
        const struct evidence evidence = {.claim = "", .others = &other, .other_count = 1};
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].here);
    }
}

/* A failure is never crowded out, however many lesser reasons came before it. */
static void many_reasons(void)
{
    struct verdict verdict;
    struct check checks[VERDICT_REASONS + 3];
    struct suite_result one = result(SUITE_RAN, SUITE_FAIL);
    const struct suite_report report = {.passed = 1, .result_count = 1, .results = &one};
    for (size_t i = 0; i < VERDICT_REASONS + 3; i++) {
        checks[i] = (struct check){.title = "A", .verdict = i % 2 == 0 ? CHECK_WARN : CHECK_FAIL};
    }
    const struct evidence evidence = {
        .claim = "", .conformance = &report, .checks = checks, .check_count = VERDICT_REASONS + 3};
    verdict_decide(&verdict, &evidence);
    EXPECT_NUMBER(verdict.kind, VERDICT_FAIL);
    EXPECT_PART(verdict.reasons[0].text, "a_case failed");
    for (size_t i = 1; i < verdict.reason_count; i++) {
        EXPECT(verdict.reasons[i - 1].weight >= verdict.reasons[i].weight);
    }
    EXPECT(verdict.reason_count + verdict.left_out >= VERDICT_REASONS + 4);
}

static void names(void)
{
    static const enum exit_status statuses[] = {STATUS_PASS, STATUS_PASS, STATUS_CANNOT_RUN, STATUS_FAIL};
    for (int kind = VERDICT_PASS; kind <= VERDICT_FAIL; kind++) {
        enum verdict_kind back = VERDICT_PASS;
        EXPECT(verdict_from_name(verdict_name((enum verdict_kind)kind), &back));
        EXPECT_NUMBER(back, kind);
        EXPECT_NUMBER(verdict_exit_status((enum verdict_kind)kind), statuses[kind]);
    }
    enum verdict_kind untouched = VERDICT_FAIL;
    EXPECT(!verdict_from_name("passed", &untouched));
    EXPECT_NUMBER(untouched, VERDICT_FAIL);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"nothing wrong", nothing_wrong},
        {"cases", cases},
        {"only skips", only_skips},
        {"checks take hard mode away", checks_take_hard_mode_away},
        {"measurements", measurements},
        {"a figure that could not be measured", a_figure_that_could_not_be_measured},
        {"figures that tell nothing", figures_that_tell_nothing},
        {"claims that are undecided", claims_that_are_undecided},
        {"reasons name their subject", reasons_name_their_subject},
        {"other runs", other_runs},
        {"many reasons", many_reasons},
        {"names and statuses", names},
    };
    return unit_main("verdict", tests, sizeof(tests) / sizeof(tests[0]));
}
