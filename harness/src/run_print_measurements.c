/*
 * The figures of a run for people: a table for each name, in which a row is one figure, or why there is none.
 *
 * Columns are as wide as their widest entry: where, what of it, the median with its interval, how many samples.
 */
#include "place.h"
#include "run.h"
#include "terminal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct columns {
    int nodes;
    int variant; /* With the mode. */
    int figure;
    int interval;
};

enum { TEXT_SIZE = 128, INDENT = 6 };

static const char *variant_text(const struct bench_measurement *cell, char text[TEXT_SIZE])
{
    snprintf(text, TEXT_SIZE, "%s%s%s", cell->variant, cell->variant[0] != '\0' && cell->mode[0] != '\0' ? ", " : "",
        cell->mode);
    return text;
}

/* As many digits as say something: 3 of them, or all before the point. */
static const char *number_text(double value, char text[TEXT_SIZE])
{
    double size = value < 0 ? -value : value;
    snprintf(text, TEXT_SIZE, "%.*f", size < 1 ? 3 : size < 10 ? 2 : size < 1000 ? 1 : 0, value);
    return text;
}

static const char *figure_text(const struct bench_measurement *cell, char text[TEXT_SIZE])
{
    char number[TEXT_SIZE];
    snprintf(text, TEXT_SIZE, "%.100s %s", number_text(cell->median, number), cell->unit);
    return text;
}

static const char *interval_text(const struct bench_measurement *cell, char text[TEXT_SIZE])
{
    char low[TEXT_SIZE];
    char high[TEXT_SIZE];
    snprintf(text, TEXT_SIZE, "[%.50s, %.50s]", number_text(cell->ci_low, low), number_text(cell->ci_high, high));
    return text;
}

static void widen(int *column, const char *text)
{
    int length = (int)strlen(text);
    *column = length > *column ? length : *column;
}

static struct columns measure_columns(const struct bench_report *report, const char *name)
{
    struct columns columns = {0};
    char place[PLACE_SIZE];
    char text[TEXT_SIZE];
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        if (strcmp(cell->name, name) != 0) {
            continue;
        }
        widen(&columns.nodes, place_nodes(cell, place));
        widen(&columns.variant, variant_text(cell, text));
        if (bench_has_figure(cell)) {
            widen(&columns.figure, figure_text(cell, text));
            widen(&columns.interval, interval_text(cell, text));
        }
    }
    return columns;
}

static void print_column(const char *text, int width)
{
    if (width > 0) {
        printf("  %-*s", width, text);
    }
}

static void print_cell(const struct bench_measurement *cell, const struct columns *columns)
{
    char place[PLACE_SIZE];
    char text[TEXT_SIZE];
    bool figure = bench_has_figure(cell);
    print_column(place_nodes(cell, place), columns->nodes);
    print_column(variant_text(cell, text), columns->variant);
    if (figure) {
        printf("  %*s", columns->figure, figure_text(cell, text));
        printf("  %-*s  n %zu", columns->interval, interval_text(cell, text), cell->n);
    }
    if (cell->noise[0] != '\0' && figure) {
        terminal_print(PAINT_DOUBTFUL, "  noisy");
    }
    if (cell->state == BENCH_CONVERGED) {
        putchar('\n');
        return;
    }
    bool is_bad = !figure && cell->state != BENCH_REFUSED;
    terminal_print(is_bad ? PAINT_BAD : PAINT_DOUBTFUL, "  %s", bench_state_name(cell->state));
    /* Why a figure is doubtful is in the report; why there is none must be said at once. */
    if (figure) {
        putchar('\n');
        return;
    }
    int column = columns->nodes + columns->variant + 4 + 2 + (int)strlen(bench_state_name(cell->state)) + 2;
    printf(": ");
    terminal_wrap(cell->reason, (unsigned)column, INDENT);
}

/* The two other figures of a comparison stand in its own table. */
static bool is_of_comparison(const struct bench_report *report, const char *name)
{
    for (size_t i = 0; i < report->claim_count; i++) {
        const char *ours = report->claims[i].comparison.measurement;
        size_t length = strlen(ours);
        if (report->claims[i].is_comparison && strncmp(name, ours, length) == 0 &&
            (strcmp(name + length, "-baseline") == 0 || strcmp(name + length, "-ratio") == 0 ||
                strcmp(name + length, "-difference") == 0)) {
            return true;
        }
    }
    return false;
}

static bool is_first_of_name(const struct bench_report *report, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(report->measurements[i].name, report->measurements[index].name) == 0) {
            return false;
        }
    }
    return true;
}

/* What the noise was, for the first row that it marks: the others' is in the result file. */
static void print_noise(const struct bench_report *report, const char *name)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        if (strcmp(cell->name, name) == 0 && cell->noise[0] != '\0' && bench_has_figure(cell)) {
            run_print_row("noisy", cell->noise);
            return;
        }
    }
}

static void print_table(const struct run *run, const char *name)
{
    const struct bench_report *report = &run->measurements;
    const struct columns columns = measure_columns(report, name);
    terminal_print(PAINT_STRONG, "%c%s", toupper((unsigned char)name[0]), name + 1);
    printf(": median [95%% interval]%s\n", run->identity.emulated ? "; EMULATED, says nothing of hardware" : "");
    for (size_t i = 0; i < report->measurement_count; i++) {
        if (strcmp(report->measurements[i].name, name) == 0) {
            print_cell(&report->measurements[i], &columns);
        }
    }
    print_noise(report, name);
}

void run_print_measurements(const struct run *run)
{
    const struct bench_report *report = &run->measurements;
    for (size_t i = 0; i < report->measurement_count; i++) {
        if (is_first_of_name(report, i) && !run_is_of_modes(&report->measurements[i]) &&
            !is_of_comparison(report, report->measurements[i].name)) {
            print_table(run, report->measurements[i].name);
        }
    }
    run_print_modes(run);
    run_print_comparisons(run);
    size_t held = 0;
    for (size_t i = 0; i < report->claim_count; i++) {
        if (report->claims[i].is_comparison) {
            continue;
        }
        if (strncmp(report->claims[i].id, "modes-", strlen("modes-")) == 0 &&
            strcmp(report->claims[i].verdict, "pass") == 0) {
            held++;
            continue;
        }
        char text[sizeof(report->claims[i].text) + sizeof(report->claims[i].reason) + 4];
        snprintf(text, sizeof(text), "%s: %s", report->claims[i].text, report->claims[i].reason);
        run_print_row(report->claims[i].verdict, text);
    }
    if (held > 0) {
        char text[128];
        snprintf(
            text, sizeof(text), "%zu claims of hard against soft hold; result.json has each with its numbers", held);
        run_print_row("pass", text);
    }
}
