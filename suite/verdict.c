/*
 * Statuses and verdicts: their names, which pairs mean anything, and what the cases of a clause come to together.
 *
 * This is the only place that knows. A skip never counts as a pass here, and what could not be run never counts as
 * harmless.
 */
#include "suite/suite.h"

#include <string.h>

bool suite_pair_is_legal(enum suite_status status, enum suite_verdict verdict)
{
    switch (status) {
    case SUITE_RAN:
        return verdict == SUITE_PASS || verdict == SUITE_FAIL || verdict == SUITE_INCONCLUSIVE;
    case SUITE_ERROR:
        return verdict == SUITE_INCONCLUSIVE;
    case SUITE_SKIPPED:
        return verdict == SUITE_NOT_APPLICABLE;
    }
    return false;
}

const char *suite_status_name(enum suite_status status)
{
    static const char *const names[] = {"ran", "error", "skipped"};
    return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "unknown status";
}

const char *suite_verdict_name(enum suite_verdict verdict)
{
    static const char *const names[] = {"pass", "fail", "inconclusive", "not-applicable"};
    return (size_t)verdict < sizeof names / sizeof names[0] ? names[verdict] : "unknown verdict";
}

const char *suite_level_name(enum suite_level level)
{
    static const char *const names[] = {"must", "should", "command"};
    return (size_t)level < sizeof names / sizeof names[0] ? names[level] : "unknown level";
}

static bool names_clause(const struct suite_result *result, const char *clause)
{
    for (const char *const *id = result->clauses; *id != NULL; id++)
        if (strcmp(*id, clause) == 0)
            return true;
    return false;
}

enum suite_verdict suite_clause_verdict(const struct suite_report *report, const char *clause)
{
    bool passed = false, inconclusive = false;

    for (size_t i = 0; i < report->result_count; i++) {
        const struct suite_result *result = &report->results[i];
        if (!names_clause(result, clause))
            continue;
        if (result->status == SUITE_ERROR || result->verdict == SUITE_FAIL)
            return SUITE_FAIL;
        passed = passed || result->verdict == SUITE_PASS;
        inconclusive = inconclusive || result->verdict == SUITE_INCONCLUSIVE;
    }
    if (inconclusive && !passed)
        return SUITE_INCONCLUSIVE;
    return passed ? SUITE_PASS : SUITE_NOT_APPLICABLE;
}

enum suite_verdict suite_report_verdict(const struct suite_report *report)
{
    if (report->failed > 0 || report->errors > 0)
        return SUITE_FAIL;
    return report->passed > 0 && report->inconclusive == 0 ? SUITE_PASS : SUITE_INCONCLUSIVE;
}
