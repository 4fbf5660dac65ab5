/*
 * What the suite came to, for people. An implementation that lacks functions is told what it conforms to all the same, group by
 * group: its failures for want of a function are one row, and the others stand out. See run.h.
 */
#include "run.h"
#include "terminal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_case(const struct suite_result *result)
{
    char text[sizeof(result->reason) + 512];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s (", result->id);
    for (const char *const *clause = result->clauses; *clause != NULL && used < sizeof(text); clause++) {
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", clause == result->clauses ? "" : " ", *clause);
    }
    if (used < sizeof(text)) {
        snprintf(text + used, sizeof(text) - used, "): %s", result->reason);
    }
    run_print_row(
        result->status == SUITE_RAN ? suite_verdict_name(result->verdict) : suite_status_name(result->status), text);
}

/* How many cases were skipped for the reason of case @first, which is the first with it; 0 when it is not the first. */
static size_t skipped_alike(const struct suite_report *report, size_t first)
{
    size_t count = 0;
    for (size_t i = 0; i < report->result_count; i++) {
        if (report->results[i].status == SUITE_SKIPPED &&
            strcmp(report->results[i].reason, report->results[first].reason) == 0) {
            if (i < first) {
                return 0;
            }
            count++;
        }
    }
    return count;
}

/* How to have the same order again, where it was one by chance. */
static void print_order(const struct suite_report *report)
{
    if (report->rounds > 1) {
        printf("  %u rounds\n", report->rounds);
    }
    if (report->shuffled) {
        printf("  shuffled; the same order again: --shuffle=%" PRIu64 "\n", report->seed);
    }
}

static bool is_bad(const struct suite_result *result)
{
    return result->status == SUITE_ERROR || (result->status == SUITE_RAN && result->verdict != SUITE_PASS);
}

static void print_bad_cases(const struct suite_report *report)
{
    size_t unexported = 0;
    for (size_t i = 0; i < report->result_count; i++) {
        const struct suite_result *result = &report->results[i];
        if (strstr(result->reason, SUITE_NOT_EXPORTED) != NULL) {
            unexported++;
        } else if (is_bad(result)) {
            print_case(result);
        }
    }
    if (unexported > 0) {
        char text[160];
        snprintf(text, sizeof(text),
            "%zu cases that need a function which the implementation does not export; result.json names each",
            unexported);
        run_print_row("fail", text);
    }
}

static void print_skipped_cases(const struct suite_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        size_t count = report->results[i].status == SUITE_SKIPPED ? skipped_alike(report, i) : 0;
        if (count > 0) {
            char text[sizeof(report->results[i].reason) + 64];
            snprintf(text, sizeof(text), "%zu: %s", count, report->results[i].reason);
            run_print_row("skipped", text);
        }
    }
}

/* One group of clauses, beginning with @first: how many hold, and which ones do not. Returns the first of the next group. */
static size_t print_group(
    const struct suite_report *report, const struct suite_clause *clauses, size_t count, size_t first)
{
    size_t next = first;
    size_t holding = 0;
    size_t untested = 0;
    char failed[512] = "";
    size_t length = strcspn(clauses[first].id, "-");
    for (; next < count && strncmp(clauses[next].id, clauses[first].id, length + 1) == 0; next++) {
        enum suite_verdict verdict = suite_clause_verdict(report, clauses[next].id);
        size_t used = strlen(failed);
        holding += verdict == SUITE_PASS;
        untested += verdict == SUITE_NOT_APPLICABLE;
        if (verdict == SUITE_FAIL || verdict == SUITE_INCONCLUSIVE) {
            snprintf(failed + used, sizeof(failed) - used, "%s%s", used > 0 ? ", " : "; not to ", clauses[next].id);
        }
    }
    if (untested < next - first) {
        char text[700];
        char name[32];
        snprintf(name, sizeof(name), "%.*s", (int)length, clauses[first].id);
        snprintf(text, sizeof(text), "conforms to %zu of %zu clauses%s", holding, next - first, failed);
        run_print_row(name, text);
    }
    return next;
}

static void print_groups(const struct suite_report *report)
{
    size_t count = 0;
    const struct suite_clause *clauses = suite_clauses(&count);
    printf("  It exports %zu of the %zu functions of the contract.\n", report->function_count - report->missing_count,
        report->function_count);
    for (size_t first = 0; first < count;) {
        first = print_group(report, clauses, count, first);
    }
}

void run_print_conformance(const struct run *run, bool with_skipped)
{
    const struct suite_report *report = &run->conformance;
    terminal_print(PAINT_STRONG, "Conformance");
    printf(" of %s %s\n", report->implementation, report->version);
    print_order(report);
    print_bad_cases(report);
    if (with_skipped) {
        print_skipped_cases(report);
    }
    if (report->missing_count > 0) {
        print_groups(report);
    }
    printf("  %zu passed, %zu failed, %zu skipped, %zu inconclusive, %zu errors, %.1f s\n", report->passed,
        report->failed, report->skipped, report->inconclusive, report->errors, report->seconds);
}
