/*
 * What was measured beside a baseline, for people: a row for each, with both medians, how they compare, the bound, and whether it
 * holds. The answer goes by the whole interval: one that straddles the bound says nothing.
 */
#include "run.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN_SIZE = 128 };

struct columns {
    int what;
    int ours;
    int baseline;
    int value;
};

/* Three digits that say something, and nanoseconds in the unit that a reader would use. */
static const char *amount_text(double amount, const char *unit, char text[COLUMN_SIZE])
{
    static const struct {
        double size;
        const char *unit;
    } units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
    double magnitude = amount < 0 ? -amount : amount;
    size_t i = strcmp(unit, "ns") == 0 ? 0 : sizeof(units) / sizeof(units[0]) - 1;
    while (i + 1 < sizeof(units) / sizeof(units[0]) && magnitude < units[i].size) {
        i++;
    }
    double scaled = magnitude / units[i].size;
    snprintf(text, COLUMN_SIZE, "%.*f %.32s",
        scaled < 10    ? 2
        : scaled < 100 ? 1
                       : 0,
        amount / units[i].size, strcmp(unit, "ns") == 0 ? units[i].unit : unit);
    return text;
}

static const char *what_text(const struct bench_comparison *comparison, char text[COLUMN_SIZE])
{
    snprintf(
        text, COLUMN_SIZE, "%s%s%s", comparison->variant, comparison->mode[0] != '\0' ? ", " : "", comparison->mode);
    return text;
}

static const char *value_text(const struct bench_comparison *comparison, char text[COLUMN_SIZE])
{
    bool counted = strcmp(comparison->kind, "count") == 0;
    bool difference = strcmp(comparison->kind, "difference") == 0;
    if (counted) {
        snprintf(text, COLUMN_SIZE, "%.0f", comparison->value);
    } else {
        snprintf(text, COLUMN_SIZE, difference ? "%+.2f ns [%+.2f, %+.2f]" : "%.3f [%.3f, %.3f]", comparison->value,
            comparison->ci_low, comparison->ci_high);
    }
    return text;
}

static const char *baseline_text(const struct bench_comparison *comparison, char text[COLUMN_SIZE])
{
    text[0] = '\0';
    return strcmp(comparison->kind, "count") == 0 ? text : amount_text(comparison->baseline, comparison->unit, text);
}

static bool has_figure(const struct bench_claim *claim)
{
    return strcmp(claim->verdict, "not-applicable") != 0;
}

static void widen(int *column, const char *text)
{
    int length = (int)strlen(text);
    *column = length > *column ? length : *column;
}

static struct columns measure_columns(const struct bench_report *report)
{
    struct columns columns = {.ours = (int)strlen("ours"), .baseline = (int)strlen("baseline")};
    char text[COLUMN_SIZE];
    for (size_t i = 0; i < report->claim_count; i++) {
        const struct bench_comparison *comparison = &report->claims[i].comparison;
        if (!report->claims[i].is_comparison) {
            continue;
        }
        widen(&columns.what, what_text(comparison, text));
        if (has_figure(&report->claims[i])) {
            widen(&columns.ours, amount_text(comparison->ours, comparison->unit, text));
            widen(&columns.baseline, baseline_text(comparison, text));
            widen(&columns.value, value_text(comparison, text));
        }
    }
    return columns;
}

static const char *answer(const char *verdict)
{
    if (strcmp(verdict, "pass") == 0) {
        return "holds";
    }
    if (strcmp(verdict, "fail") == 0) {
        return "does not hold";
    }
    return strcmp(verdict, "inconclusive") == 0 ? "inconclusive" : "not run";
}

static void print_comparison(const struct bench_claim *claim, const struct columns *columns)
{
    const struct bench_comparison *comparison = &claim->comparison;
    char what[COLUMN_SIZE];
    char ours[COLUMN_SIZE];
    char baseline[COLUMN_SIZE];
    char value[COLUMN_SIZE];
    terminal_print(terminal_paint_of(claim->verdict), "  %-13s", answer(claim->verdict));
    printf("  %-*s", columns->what, what_text(comparison, what));
    if (!has_figure(claim)) {
        printf("  %s\n", claim->reason);
        return;
    }
    printf("  %*s  %*s  %-*s  %s %g\n", columns->ours, amount_text(comparison->ours, comparison->unit, ours),
        columns->baseline, baseline_text(comparison, baseline), columns->value, value_text(comparison, value),
        comparison->at_least ? ">=" : "<=", comparison->bound);
}

void run_print_comparisons(const struct run *run)
{
    const struct bench_report *report = &run->measurements;
    const struct columns columns = measure_columns(report);
    if (columns.what == 0) {
        return;
    }
    terminal_print(PAINT_STRONG, "Beside a baseline");
    printf(": medians, and how they compare [95%% interval], with the bound%s\n",
        run->identity.emulated ? "; EMULATED, says nothing of hardware" : "");
    printf("  %-13s  %-*s  %*s  %*s\n", "", columns.what, "", columns.ours, "ours", columns.baseline, "baseline");
    for (size_t i = 0; i < report->claim_count; i++) {
        if (report->claims[i].is_comparison) {
            print_comparison(&report->claims[i], &columns);
        }
    }
}
