/* A table of names, ranges and places, and the reader of lines "name = value": see thresholds.h. */
#include "thresholds.h"

#include "nearest.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct thresholds thresholds_default = {
    .uneven_memory_ratio = 1.10,
    .uneven_memory_mib = 512,
    .contradiction_ratio = 1.10,
    .remote_over_local = 5,
    .not_converged_share = 1,
    .widest_interval = 0.5,
    .undecided_share = 1,
    .baseline_least_change = 0.05,
};

static const struct row {
    const char *name;
    size_t place;
    double least, most;
} rows[] = {
    {"even-memory.ratio", offsetof(struct thresholds, uneven_memory_ratio), 1, 1000},
    {"even-memory.difference-mib", offsetof(struct thresholds, uneven_memory_mib), 0, 1e9},
    {"distances-measured.ratio", offsetof(struct thresholds, contradiction_ratio), 1, 100},
    {"latency.remote-over-local", offsetof(struct thresholds, remote_over_local), 1, 1000},
    {"figures.not-converged-share", offsetof(struct thresholds, not_converged_share), 0, 1},
    {"figures.widest-interval", offsetof(struct thresholds, widest_interval), 0, 1000},
    {"claims.undecided-share", offsetof(struct thresholds, undecided_share), 0.01, 2},
    {"baseline.least-change", offsetof(struct thresholds, baseline_least_change), 0, 10},
};

enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const char *const weight_names[] = {
    [WEIGHT_AS_FOUND] = "as-found",
    [WEIGHT_IGNORE] = "ignore",
    [WEIGHT_NOTE] = "note",
    [WEIGHT_SOFT_ONLY] = "soft-only",
    [WEIGHT_FAIL] = "fail",
};

enum { WEIGHT_COUNT = sizeof(weight_names) / sizeof(weight_names[0]) };

/* Where the reader is, and what it may meet. */
struct reading {
    struct thresholds *thresholds;
    const char *file;
    unsigned line;
    const char *const *checks;
    size_t check_count;
    bool seen[ROW_COUNT];
};

static double *place_of(struct thresholds *thresholds, const struct row *row)
{
    return (double *)(void *)((char *)thresholds + row->place);
}

static bool set_number(
    struct reading *reading, const struct row *row, bool *seen, const char *text, struct problem *problem)
{
    char *end = NULL;
    errno = 0;
    double value = strtod(text, &end);
    if (*seen) {
        return problem_set(
            problem, STATUS_USAGE, "%s:%u: %s is set a second time", reading->file, reading->line, row->name);
    }
    if (end == text || *end != '\0' || errno != 0 || !isfinite(value) || value < row->least || value > row->most ||
        strpbrk(text, "xXpP") != NULL) {
        return problem_set(problem, STATUS_USAGE, "%s:%u: %s must be a number from %g to %g, not '%.60s'",
            reading->file, reading->line, row->name, row->least, row->most, text);
    }
    *seen = true;
    *place_of(reading->thresholds, row) = value;
    return true;
}

static bool set_weight(struct reading *reading, const char *check, const char *text, struct problem *problem)
{
    struct thresholds *thresholds = reading->thresholds;
    char hint[128];
    size_t known = 0;
    size_t weight = 0;
    while (known < reading->check_count && strcmp(reading->checks[known], check) != 0) {
        known++;
    }
    while (weight < WEIGHT_COUNT && strcmp(weight_names[weight], text) != 0) {
        weight++;
    }
    if (known == reading->check_count) {
        nearest_hint(check, reading->checks, reading->check_count, hint, sizeof(hint));
        return problem_set(
            problem, STATUS_USAGE, "%s:%u: there is no check '%.60s'%s", reading->file, reading->line, check, hint);
    }
    if (weight == WEIGHT_COUNT) {
        return problem_set(problem, STATUS_USAGE,
            "%s:%u: check.%s must be as-found, ignore, note, soft-only or fail, not '%.60s'", reading->file,
            reading->line, check, text);
    }
    for (size_t i = 0; i < thresholds->weight_count; i++) {
        if (strcmp(thresholds->weights[i].id, check) == 0) {
            return problem_set(
                problem, STATUS_USAGE, "%s:%u: check.%s is set a second time", reading->file, reading->line, check);
        }
    }
    struct weighted_check *entry = &thresholds->weights[thresholds->weight_count++];
    snprintf(entry->id, sizeof(entry->id), "%s", check);
    entry->weight = (enum weight)weight;
    return true;
}

/* Without blanks at both ends, in place. */
static char *trimmed(char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    size_t length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1])) {
        length--;
    }
    text[length] = '\0';
    return text;
}

static bool read_line(struct reading *reading, char *line, struct problem *problem)
{
    static const char of_check[] = "check.";
    line[strcspn(line, "#")] = '\0';
    char *name = trimmed(line);
    if (*name == '\0') {
        return true;
    }
    char *equals = strchr(name, '=');
    if (equals == NULL) {
        return problem_set(
            problem, STATUS_USAGE, "%s:%u: expected 'name = value', found '%.60s'", reading->file, reading->line, name);
    }
    *equals = '\0';
    const char *value = trimmed(equals + 1);
    name = trimmed(name);
    if (strncmp(name, of_check, sizeof(of_check) - 1) == 0) {
        return set_weight(reading, name + sizeof(of_check) - 1, value, problem);
    }
    const char *names[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        names[i] = rows[i].name;
        if (strcmp(rows[i].name, name) == 0) {
            return set_number(reading, &rows[i], &reading->seen[i], value, problem);
        }
    }
    char hint[128];
    nearest_hint(name, names, ROW_COUNT, hint, sizeof(hint));
    return problem_set(
        problem, STATUS_USAGE, "%s:%u: there is no threshold '%.60s'%s", reading->file, reading->line, name, hint);
}

bool thresholds_read(struct thresholds *thresholds, const char *file, const char *const *checks, size_t check_count,
    struct problem *problem)
{
    struct reading reading = {.thresholds = thresholds, .file = file, .checks = checks, .check_count = check_count};
    *thresholds = thresholds_default;
    snprintf(thresholds->file, sizeof(thresholds->file), "%s", file);
    FILE *stream = fopen(file, "re");
    if (stream == NULL) {
        return problem_set(problem, STATUS_USAGE, "cannot read the thresholds %s: %s", file, strerror(errno));
    }
    char *line = NULL;
    size_t size = 0;
    bool good = true;
    errno = 0;
    for (ssize_t length = 0; good && (length = getline(&line, &size, stream)) > 0;) {
        reading.line++;
        good = strlen(line) == (size_t)length
                   ? read_line(&reading, line, problem)
                   : problem_set(problem, STATUS_USAGE, "%s:%u: a zero byte: this is no text", file, reading.line);
    }
    if (good && ferror(stream)) {
        good = problem_set(problem, STATUS_USAGE, "cannot read the thresholds %s: %s", file, strerror(errno));
    }
    free(line);
    fclose(stream);
    return good;
}

enum weight thresholds_weight(const struct thresholds *thresholds, const char *check)
{
    for (size_t i = 0; i < thresholds->weight_count; i++) {
        if (strcmp(thresholds->weights[i].id, check) == 0) {
            return thresholds->weights[i].weight;
        }
    }
    return WEIGHT_AS_FOUND;
}

const char *thresholds_number(const struct thresholds *thresholds, size_t index, double *value)
{
    if (index >= ROW_COUNT) {
        return NULL;
    }
    *value = *(const double *)(const void *)((const char *)thresholds + rows[index].place);
    return rows[index].name;
}
