/*
 * Hard against soft for people: for each workload and disturbance a row for each mode and one for their ratio.
 *
 * The figures are those of the names that begin with "modes ": one name a column, one variant a group of rows. Intervals are
 * printed where decisions hang on them, of throughput and p99, and where there were runs enough for one. What disturbed a group,
 * beyond what was made to, is told below them all, for the first of its figures that is marked: the others' is in the result file.
 */
#include "run.h"
#include "terminal.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN_COUNT = 6, TEXT_SIZE = 96 };

/* The least and the most of five runs are a 94% interval of the median, of six a 97% one. */
enum { FEWEST_FOR_INTERVAL = 6 };

static const struct {
    const char *name;
    const char *head;
    int width;
    bool has_interval;
} columns[COLUMN_COUNT] = {
    {"modes throughput", "requests/s", 26, true},
    {"modes latency median", "median us", 9, false},
    {"modes latency p99", "p99 us", 26, true},
    {"modes latency p99.9", "p99.9 us", 9, false},
    {"modes misplaced pages", "elsewhere", 9, false},
    {"modes remote share", "remote", 8, false},
};

bool run_is_of_modes(const struct bench_measurement *cell)
{
    return strncmp(cell->name, "modes ", strlen("modes ")) == 0;
}

static const struct bench_measurement *find(
    const struct bench_report *report, const char *name, const char *variant, const char *mode)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        if (strcmp(cell->name, name) == 0 && strcmp(cell->variant, variant) == 0 && strcmp(cell->mode, mode) == 0) {
            return cell;
        }
    }
    return NULL;
}

static const char *short_number(double value, char text[TEXT_SIZE])
{
    double size = value < 0 ? -value : value;
    snprintf(text, TEXT_SIZE, "%.*f", size < 10 ? 2 : size < 100 ? 1 : 0, value);
    return text;
}

static void print_figure(const struct bench_measurement *cell, size_t column)
{
    char text[TEXT_SIZE] = "-";
    char median[TEXT_SIZE];
    char low[TEXT_SIZE];
    char high[TEXT_SIZE];
    if (cell != NULL && bench_has_figure(cell)) {
        bool is_share = strcmp(cell->unit, "%") == 0;
        snprintf(text, sizeof(text), "%.30s%s", short_number(cell->median, median), is_share ? "%" : "");
        if (columns[column].has_interval && cell->n >= FEWEST_FOR_INTERVAL) {
            snprintf(text, sizeof(text), "%.30s [%.25s, %.25s]", median, short_number(cell->ci_low, low),
                short_number(cell->ci_high, high));
        }
    }
    printf("  %*s", columns[column].width, text);
}

/* A row; or, of a mode without figures, why there are none. */
static void print_side(const struct bench_report *report, const char *variant, const char *mode, const char *word)
{
    const struct bench_measurement *first = find(report, columns[0].name, variant, mode);
    printf("    %-9s", word);
    if (first != NULL && !bench_has_figure(first)) {
        terminal_print(PAINT_DOUBTFUL, "  %s", bench_state_name(first->state));
        printf(": %s\n", first->reason);
        return;
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        print_figure(find(report, columns[i].name, variant, mode), i);
    }
    putchar('\n');
}

static void print_ratio(const struct bench_report *report, const char *variant)
{
    char name[128];
    snprintf(name, sizeof(name), "%s ratio", columns[0].name);
    if (find(report, name, variant, "") == NULL) {
        return;
    }
    printf("    %-9s", "hard/soft");
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        snprintf(name, sizeof(name), "%s ratio", columns[i].name);
        print_figure(find(report, name, variant, ""), i);
    }
    putchar('\n');
}

/* Of the figures of a group the first that is marked; NULL when none is. */
static const struct bench_measurement *find_noisy(const struct bench_report *report, const char *variant)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        if (run_is_of_modes(cell) && strcmp(cell->variant, variant) == 0 && cell->noise[0] != '\0') {
            return cell;
        }
    }
    return NULL;
}

static bool is_group(const struct bench_measurement *cell)
{
    return strcmp(cell->name, columns[0].name) == 0 && strcmp(cell->mode, "soft") == 0;
}

/* With the figure's name: some of the words may be of its own samples. */
static void print_noise(const struct bench_report *report)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        const struct bench_measurement *noisy = is_group(cell) ? find_noisy(report, cell->variant) : NULL;
        char text[sizeof(cell->variant) + sizeof(cell->name) + sizeof(cell->mode) + sizeof(cell->noise)];
        if (noisy != NULL) {
            snprintf(text, sizeof(text), "%s, %s%s%s: %s", noisy->variant, noisy->name + strlen("modes "),
                noisy->mode[0] != '\0' ? ", " : "", strcmp(noisy->mode, "strict") == 0 ? "hard" : noisy->mode,
                noisy->noise);
            run_print_row("noisy", text);
        }
    }
}

void run_print_modes(const struct run *run)
{
    const struct bench_report *report = &run->measurements;
    bool begun = false;
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        if (!is_group(cell)) {
            continue;
        }
        if (!begun) {
            terminal_print(PAINT_STRONG, "Hard against soft");
            printf(": medians over runs [95%% interval]%s\n%-13s",
                run->identity.emulated ? "; EMULATED, says nothing of hardware" : "", "");
            for (size_t column = 0; column < COLUMN_COUNT; column++) {
                printf("  %*s", columns[column].width, columns[column].head);
            }
            putchar('\n');
            begun = true;
        }
        terminal_print(PAINT_STRONG, "  %s", cell->variant);
        printf("  (n %zu)", cell->n);
        if (find_noisy(report, cell->variant) != NULL) {
            terminal_print(PAINT_DOUBTFUL, "  noisy");
        }
        putchar('\n');
        print_side(report, cell->variant, "soft", "soft");
        print_side(report, cell->variant, "strict", "hard");
        print_ratio(report, cell->variant);
    }
    print_noise(report);
}
