/*
 * Thresholds: the documented file says what the defaults are, a user's file changes what it names and nothing else, and what is
 * not understood is named by file and line.
 */
#include "checks.h"
#include "thresholds.h"
#include "unit.h"
#include "verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file[] = "/tmp/numaproof-thresholds-XXXXXX";

static bool read_text(const char *text, size_t size, struct thresholds *thresholds, struct problem *problem)
{
    FILE *stream = fopen(file, "we");
    EXPECT(stream != NULL && fwrite(text, 1, size, stream) == size && fclose(stream) == 0);
    *problem = (struct problem){.text = ""};
    return thresholds_read(thresholds, file, checks_ids(), checks_count(), problem);
}

static void the_documented_file_holds_the_defaults(void)
{
    struct thresholds thresholds;
    struct problem problem = {.text = ""};
    EXPECT(thresholds_read(&thresholds, NP_DEFAULT_THRESHOLDS, checks_ids(), checks_count(), &problem));
    EXPECT_TEXT(problem.text, "");
    double read = 0;
    double built_in = 0;
    for (size_t i = 0; thresholds_number(&thresholds, i, &read) != NULL; i++) {
        EXPECT_TEXT(thresholds_number(&thresholds_default, i, &built_in), thresholds_number(&thresholds, i, &read));
        EXPECT(read >= built_in && read <= built_in);
    }
    EXPECT_NUMBER(thresholds.weight_count, 0);
}

static void a_file_changes_what_it_names(void)
{
    static const char text[] = "# ours\n\n  even-memory.ratio=2 # twice\ncheck.swap = fail\ncheck.cpuset =ignore";
    struct thresholds thresholds;
    struct problem problem;
    EXPECT(read_text(text, strlen(text), &thresholds, &problem));
    EXPECT(thresholds.uneven_memory_ratio > 1.99 && thresholds.uneven_memory_ratio < 2.01);
    EXPECT(thresholds.uneven_memory_mib > 511 && thresholds.uneven_memory_mib < 513);
    EXPECT_NUMBER(thresholds_weight(&thresholds, "swap"), WEIGHT_FAIL);
    EXPECT_NUMBER(thresholds_weight(&thresholds, "cpuset"), WEIGHT_IGNORE);
    EXPECT_NUMBER(thresholds_weight(&thresholds, "hard-mode"), WEIGHT_AS_FOUND);
}

static void what_is_not_understood_is_named(void)
{
    static const struct {
        const char *text;
        const char *said;
    } rows[] = {
        {"even-memory.ratio", ":1: expected 'name = value', found 'even-memory.ratio'"},
        {"\neven-memory.ration = 2",
            ":2: there is no threshold 'even-memory.ration'; did you mean 'even-memory.ratio'?"},
        {"even-memory.ratio = 0.5", ":1: even-memory.ratio must be a number from 1 to 1000, not '0.5'"},
        {"even-memory.ratio = nan", "not 'nan'"},
        {"even-memory.ratio = 0x2", "not '0x2'"},
        {"even-memory.ratio = 2 2", "not '2 2'"},
        {"even-memory.ratio =", "not ''"},
        {"even-memory.ratio = 2\neven-memory.ratio = 3", ":2: even-memory.ratio is set a second time"},
        {"check.swop = note", ":1: there is no check 'swop'; did you mean 'swap'?"},
        {"check.swap = bad", ":1: check.swap must be as-found"},
        {"check.swap = note\n\ncheck.swap = note", ":3: check.swap is set a second time"},
        {"= 3", "there is no threshold ''"},
    };
    struct thresholds thresholds;
    struct problem problem;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        EXPECT(!read_text(rows[i].text, strlen(rows[i].text), &thresholds, &problem));
        EXPECT_PART(problem.text, rows[i].said);
        EXPECT_PART(problem.text, file);
        EXPECT_NUMBER(problem.status, STATUS_USAGE);
    }
    EXPECT(!read_text("\n\0\n", 3, &thresholds, &problem));
    EXPECT_PART(problem.text, ":2: a zero byte");
    EXPECT(!thresholds_read(&thresholds, "/nowhere/at/all", checks_ids(), checks_count(), &problem));
    EXPECT_PART(problem.text, "/nowhere/at/all");
}

/* A check that warns, weighed as the thresholds say. */
static void weights_make_the_verdict(void)
{
    static const struct {
        enum weight weight;
        enum verdict_kind kind;
        size_t reasons; /* The claim is one where the verdict is a pass. */
    } rows[] = {
        {WEIGHT_AS_FOUND, VERDICT_PASS, 2},
        {WEIGHT_NOTE, VERDICT_PASS, 2},
        {WEIGHT_IGNORE, VERDICT_PASS, 1},
        {WEIGHT_SOFT_ONLY, VERDICT_PASS_SOFT_ONLY, 1},
        {WEIGHT_FAIL, VERDICT_FAIL, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        const struct check check = {
            .title = "No swap", .value = "2 GiB", .verdict = CHECK_WARN, .weight = rows[i].weight};
        const struct evidence evidence = {.claim = "all is well", .checks = &check, .check_count = 1};
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
        EXPECT_NUMBER(verdict.reason_count, rows[i].reasons);
    }
}

static struct bench_measurement cell(int target, double median, enum bench_state state)
{
    return (struct bench_measurement){.name = "latency",
        .unit = "ns",
        .target = target,
        .median = median,
        .ci_low = median * 0.99,
        .ci_high = median * 1.01,
        .state = state};
}

static void figures_make_the_verdict(void)
{
    static const struct {
        double remote;
        double allowed;
        double share;
        enum verdict_kind kind;
        const char *said;
    } rows[] = {
        {400, 5, 1, VERDICT_PASS, "1 of 2 figures did not converge and are marked"},
        {600, 5, 1, VERDICT_FAIL, "from node 0 to node 1 is 6.0 times that of its own memory (600 against 100 ns)"},
        {600, 7, 1, VERDICT_PASS, "marked"},
        {400, 5, 0.4, VERDICT_INCONCLUSIVE, "1 of 2 figures did not converge; figures.not-converged-share allows 0.4"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct verdict verdict;
        struct thresholds thresholds = thresholds_default;
        struct bench_measurement cells[] = {
            cell(0, 100, BENCH_CONVERGED), cell(1, rows[i].remote, BENCH_NOT_CONVERGED)};
        const struct bench_report report = {.measurement_count = 2, .measurements = cells};
        const struct evidence evidence = {.claim = "", .thresholds = &thresholds, .measured = &report};
        thresholds.remote_over_local = rows[i].allowed;
        thresholds.not_converged_share = rows[i].share;
        verdict_decide(&verdict, &evidence);
        EXPECT_NUMBER(verdict.kind, rows[i].kind);
        EXPECT_PART(verdict.reasons[verdict.kind == VERDICT_PASS ? 1 : 0].text, rows[i].said);
    }
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"the documented file holds the defaults", the_documented_file_holds_the_defaults},
        {"a file changes what it names", a_file_changes_what_it_names},
        {"what is not understood is named", what_is_not_understood_is_named},
        {"weights make the verdict", weights_make_the_verdict},
        {"figures make the verdict", figures_make_the_verdict},
    };
    int made = mkstemp(file);
    if (made < 0 || close(made) != 0) {
        perror(file);
        return 1;
    }
    int status = unit_main("thresholds", tests, sizeof(tests) / sizeof(tests[0]));
    unlink(file);
    return status;
}
