/* A run for people: short rows, aligned, the verdict last. See run.h. */
#include "run.h"
#include "terminal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where the text of a row starts that continues on further lines. */
enum { TEXT_COLUMN = 18 };

void run_print_row(const char *word, const char *text)
{
    terminal_print(terminal_paint_of(word), "  %-14s", word);
    printf("  ");
    terminal_wrap(text, TEXT_COLUMN, TEXT_COLUMN);
}

void run_print_checks(const struct run *run)
{
    terminal_print(PAINT_STRONG, "Checks\n");
    for (size_t i = 0; i < checks_count(); i++) {
        const struct check *check = &run->checks[i];
        char text[sizeof(check->value) + sizeof(check->fix) + 256];
        snprintf(text, sizeof(text), "%s: %s%s%s", check->title, check->value, check->fix[0] != '\0' ? "; mend: " : "",
            check->fix);
        run_print_row(check_verdict_name(check->verdict), text);
    }
}

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

void run_print_conformance(const struct run *run)
{
    const struct suite_report *report = &run->conformance;
    terminal_print(PAINT_STRONG, "Conformance");
    printf(" of %s %s\n", report->implementation, report->version);
    print_order(report);
    for (size_t i = 0; i < report->result_count; i++) {
        const struct suite_result *result = &report->results[i];
        if (result->status == SUITE_ERROR || (result->status == SUITE_RAN && result->verdict != SUITE_PASS)) {
            print_case(result);
        }
    }
    for (size_t i = 0; i < report->result_count; i++) {
        size_t count = report->results[i].status == SUITE_SKIPPED ? skipped_alike(report, i) : 0;
        if (count > 0) {
            char text[sizeof(report->results[i].reason) + 64];
            snprintf(text, sizeof(text), "%zu: %s", count, report->results[i].reason);
            run_print_row("skipped", text);
        }
    }
    printf("  %zu passed, %zu failed, %zu skipped, %zu inconclusive, %zu errors, %.1f s\n", report->passed,
        report->failed, report->skipped, report->inconclusive, report->errors, report->seconds);
}

void run_print_other(const struct other_run *other)
{
    terminal_print(PAINT_STRONG, "%c%s\n", toupper((unsigned char)other->name[0]), other->name + 1);
    run_print_row(verdict_name(other->kind), other->reason);
}

void run_print_verdict(const struct run *run)
{
    const char *name = verdict_name(run->verdict.kind);
    char upper[32];
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < sizeof(upper); length++) {
        upper[length] = (char)toupper((unsigned char)name[length]);
    }
    upper[length] = '\0';
    putchar('\n');
    terminal_print(terminal_paint_of(name), "%s", upper);
    putchar('\n');
    for (size_t i = 0; i < run->verdict.reason_count; i++) {
        printf("  - ");
        terminal_wrap(run->verdict.reasons[i].text, 4, 4);
    }
    if (run->verdict.left_out > 0) {
        printf("  - and %zu more\n", run->verdict.left_out);
    }
}
