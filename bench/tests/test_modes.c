/*
 * What is said of hard against soft mode, of runs that were made up: five of them have no 95% interval, and decide nothing.
 */
#include "modes_internal.h"

#include <CUnit/Basic.h>
#include <string.h>

enum { MOST_RUNS = 12 };

static const struct workload made_up = {.name = "made up", .doc = "runs that were made up"};

/* So many runs in soft mode, each with @p99; hard mode refused. */
static void have_runs(struct modes_result *result, double samples[MODES_FIGURES][MOST_RUNS], size_t runs, double p99)
{
    for (int figure = 0; figure < MODES_FIGURES; figure++) {
        for (size_t i = 0; i < runs; i++)
            samples[figure][i] = p99 + 0.001 * (double)i;
        result->sides[NP_SOFT].samples[figure] = samples[figure];
    }
    result->sides[NP_SOFT].count = runs;
    result->sides[NP_STRICT].refused = 1;
    result->scenario.workload = &made_up;
}

/* The verdict on pages that were spilled and made the slowest ten times as slow, after so many runs. */
static void verdict_of(size_t runs, char verdict[16])
{
    static double quiet[MODES_FIGURES][MOST_RUNS], full[MODES_FIGURES][MOST_RUNS];
    struct modes_result results[2] = {
        {.scenario = {.name = "quiet"}}, {.scenario = {.name = "full", .disturbance = DISTURBANCE_FULL}}};
    const struct modes modes = {.setting = {.node_count = 1, .bytes = 1 << 20}};
    struct bench_report report = {0};
    np_error error = {0};

    have_runs(&results[0], quiet, runs, 10);
    have_runs(&results[1], full, runs, 100);
    CU_ASSERT_EQUAL_FATAL(modes_report(&modes, results, 2, &report, &error), NP_OK);
    strcpy(verdict, "absent");
    for (size_t i = 0; i < report.claim_count; i++)
        if (strcmp(report.claims[i].id, "modes-spill-costs-full") == 0)
            memcpy(verdict, report.claims[i].verdict, sizeof report.claims[i].verdict);
    bench_report_free(&report);
}

static void fewer_than_six_runs_decide_nothing(void)
{
    char verdict[16];

    verdict_of(5, verdict);
    CU_ASSERT_STRING_EQUAL(verdict, "inconclusive");
    verdict_of(6, verdict);
    CU_ASSERT_STRING_EQUAL(verdict, "pass");
}

int main(void)
{
    CU_TestInfo claims[] = {
        {"fewer than six runs decide nothing", fewer_than_six_runs_decide_nothing}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"modes", NULL, NULL, NULL, NULL, claims}, CU_SUITE_INFO_NULL};

    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
