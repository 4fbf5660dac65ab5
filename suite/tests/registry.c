/*
 * The cases as data: ids are their own, every clause is one of the catalogue, every sentence is one; and the pairs of
 * status and verdict, by a table of their own.
 */
#include "case.h"
#include "catalogue.h"
#include "test.h"

#include <ctype.h>

static bool is_identifier(const char *text)
{
    for (; *text != '\0'; text++)
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && *text != '_')
            return false;
    return true;
}

static void check_case(const struct suite_case *test)
{
    CHECK(is_identifier(test->id), "%s", test->id);
    CHECK(strlen(test->meaning) > 20 && test->meaning[strlen(test->meaning) - 1] != '.', "%s: \"%s\"", test->id,
        test->meaning);
    CHECK(test->clauses[0] != NULL, "%s names no clause", test->id);
    for (const char *const *clause = test->clauses; *clause != NULL; clause++) {
        const struct suite_clause *known = catalogue_find(*clause);
        CHECK(known != NULL, "%s names %s, which is no clause", test->id, *clause);
        CHECK(known == NULL || known->level != SUITE_COMMAND, "%s names %s, which no case tests", test->id, *clause);
        for (const char *const *other = test->clauses; other < clause; other++)
            CHECK(strcmp(*other, *clause) != 0, "%s names %s twice", test->id, *clause);
    }
}

static void check_cases(void)
{
    for (const struct case_list *const *list = all_cases; *list != NULL; list++)
        for (size_t i = 0; i < (*list)->count; i++) {
            const struct suite_case *test = (*list)->cases[i];
            check_case(test);
            for (const struct case_list *const *other = all_cases; *other != NULL; other++)
                for (size_t j = 0; j < (*other)->count; j++)
                    CHECK((*other)->cases[j] == test || strcmp((*other)->cases[j]->id, test->id) != 0, "two cases %s",
                        test->id);
        }
}

static void check_catalogue(void)
{
    size_t count;
    const struct suite_clause *clauses = suite_clauses(&count);

    CHECK(count == 98, "%zu clauses", count);
    for (size_t i = 0; i < count; i++) {
        CHECK(clauses[i].text[0] != '\0', "%s", clauses[i].id);
        CHECK(catalogue_find(clauses[i].id) == &clauses[i], "two clauses %s", clauses[i].id);
    }
    CHECK(catalogue_find("PIN-99") == NULL, "PIN-99 is a clause");
}

static void check_pairs(void)
{
    static const bool legal[3][4] = {
        [SUITE_RAN] = {[SUITE_PASS] = true, [SUITE_FAIL] = true, [SUITE_INCONCLUSIVE] = true},
        [SUITE_ERROR] = {[SUITE_INCONCLUSIVE] = true},
        [SUITE_SKIPPED] = {[SUITE_NOT_APPLICABLE] = true},
    };

    for (int status = 0; status < 3; status++)
        for (int verdict = 0; verdict < 4; verdict++)
            CHECK(suite_pair_is_legal((enum suite_status)status, (enum suite_verdict)verdict) == legal[status][verdict],
                "%s, %s", suite_status_name((enum suite_status)status),
                suite_verdict_name((enum suite_verdict)verdict));
}

/* A report of up to two cases of one clause, and what the clause and the whole come to. */
static void check_sums(void)
{
    static const char *const clauses[] = {"PIN-1", NULL};
    static const struct {
        enum suite_status status;
        enum suite_verdict verdict, clause, with_a_pass;
    } rows[] = {
        {SUITE_RAN, SUITE_PASS, SUITE_PASS, SUITE_PASS},
        {SUITE_RAN, SUITE_FAIL, SUITE_FAIL, SUITE_FAIL},
        {SUITE_ERROR, SUITE_INCONCLUSIVE, SUITE_FAIL, SUITE_FAIL},
        {SUITE_RAN, SUITE_INCONCLUSIVE, SUITE_INCONCLUSIVE, SUITE_PASS},
        {SUITE_SKIPPED, SUITE_NOT_APPLICABLE, SUITE_NOT_APPLICABLE, SUITE_PASS},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct suite_result results[2] = {
            {.clauses = clauses, .status = rows[i].status, .verdict = rows[i].verdict},
            {.clauses = clauses, .status = SUITE_RAN, .verdict = SUITE_PASS},
        };
        struct suite_report report = {.results = results, .result_count = 1};
        CHECK(suite_clause_verdict(&report, "PIN-1") == rows[i].clause, "row %zu alone", i);
        CHECK(suite_clause_verdict(&report, "PIN-2") == SUITE_NOT_APPLICABLE, "row %zu, another clause", i);
        report.result_count = 2;
        CHECK(suite_clause_verdict(&report, "PIN-1") == rows[i].with_a_pass, "row %zu with a pass", i);
    }
}

static void check_whole(void)
{
    struct suite_report passed = {.passed = 3, .skipped = 2}, skipped = {.skipped = 5},
                        failed = {.passed = 9, .failed = 1};
    struct suite_report broken = {.passed = 9, .errors = 1}, undecided = {.passed = 9, .inconclusive = 1},
                        empty = {.passed = 0};

    CHECK(suite_report_verdict(&passed) == SUITE_PASS, "passes and skips");
    CHECK(suite_report_verdict(&skipped) == SUITE_INCONCLUSIVE, "only skips");
    CHECK(suite_report_verdict(&empty) == SUITE_INCONCLUSIVE, "nothing");
    CHECK(suite_report_verdict(&failed) == SUITE_FAIL, "a fail");
    CHECK(suite_report_verdict(&broken) == SUITE_FAIL, "an error");
    CHECK(suite_report_verdict(&undecided) == SUITE_INCONCLUSIVE, "an inconclusive case");
}

int main(void)
{
    check_cases();
    check_catalogue();
    check_pairs();
    check_sums();
    check_whole();
    return test_result();
}
