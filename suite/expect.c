/*
 * Expectations; see expect.h. Each counts itself, so that the runner knows a case that checked nothing.
 */
#include "expect.h"
#include "outcome.h"
#include "sanitized.h"
#include "snapshot.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the error record holds before a call; no implementation writes it. */
#define UNTOUCHED 0xA5

static _Thread_local char about[200];

void expect_with(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(about, sizeof about, format, arguments);
    va_end(arguments);
}

static _Noreturn void failed(const struct spot *spot, const char *format, ...) __attribute__((format(printf, 2, 3)));
static _Noreturn void failed(const struct spot *spot, const char *format, ...)
{
    char what[900];
    va_list arguments;
    const char *file = strrchr(spot->file, '/');

    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    case_failed(
        "%s%s%s (%s:%d)", about, about[0] != '\0' ? ": " : "", what, file != NULL ? file + 1 : spot->file, spot->line);
}

void expect_true(const struct spot *spot, bool condition)
{
    outcome_count_check();
    if (!condition)
        failed(spot, "expected %s", spot->text);
}

void expect_integers(const struct spot *spot, intmax_t actual, const char *comparison, intmax_t expected)
{
    bool holds = false;

    outcome_count_check();
    if (strcmp(comparison, "==") == 0)
        holds = actual == expected;
    else if (strcmp(comparison, "!=") == 0)
        holds = actual != expected;
    else if (strcmp(comparison, "<") == 0)
        holds = actual < expected;
    else if (strcmp(comparison, "<=") == 0)
        holds = actual <= expected;
    else if (strcmp(comparison, ">") == 0)
        holds = actual > expected;
    else if (strcmp(comparison, ">=") == 0)
        holds = actual >= expected;
    else
        case_error("\"%s\" is no comparison (%s:%d)", comparison, spot->file, spot->line);
    if (!holds)
        failed(spot, "expected %s: %" PRIdMAX " %s %" PRIdMAX " is false", spot->text, actual, comparison, expected);
}

void expect_strings(const struct spot *spot, const char *actual, const char *expected)
{
    outcome_count_check();
    if (actual == NULL || strcmp(actual, expected) != 0)
        failed(spot, "%s: expected \"%s\", found \"%s\"", spot->text, expected, actual != NULL ? actual : "(NULL)");
}

void expect_contains(const struct spot *spot, const char *actual, const char *part)
{
    outcome_count_check();
    if (actual == NULL || strcasestr(actual, part) == NULL)
        failed(spot, "%s: expected \"%s\" in it, found \"%s\"", spot->text, part, actual != NULL ? actual : "(NULL)");
}

void expect_words(const struct spot *spot, const char *actual, const char *const *words)
{
    for (; *words != NULL; words++)
        expect_contains(spot, actual, *words);
}

void expect_ids(const struct spot *spot, struct ids actual, struct ids expected)
{
    outcome_count_check();
    if (!ids_equal(&actual, &expected))
        failed(spot, "%s: expected %s, found %s", spot->text, ids_text(&expected).text, ids_text(&actual).text);
}

static const char *status_text(np_status status)
{
    static const char *const names[] = {"NP_OK", "NP_INVALID_ARGUMENT", "NP_HARD_MODE_UNAVAILABLE", "NP_ALLOCATION",
        "NP_SYSTEM", "NP_NOT_AVAILABLE", "NP_SHUT_DOWN", "NP_TIMED_OUT"};

    return (size_t)status < sizeof names / sizeof names[0] ? names[status] : "a number that is no status";
}

void expect_prepare(np_error *error)
{
    memset(error, UNTOUCHED, sizeof *error);
}

static bool is_untouched(const np_error *error)
{
    const unsigned char *bytes = (const unsigned char *)error;

    return bytes[0] == UNTOUCHED && memcmp(bytes, bytes + 1, sizeof *error - 1) == 0;
}

/* One line of text, ended within its field, not empty. */
static bool is_one_line(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    return length > 0 && length < size && memchr(text, '\n', length) == NULL;
}

static void check_record(const struct spot *spot, np_status status, const np_error *error)
{
    if (status == NP_OK) {
        if (!is_untouched(error))
            failed(spot, "%s: NP_OK, but the error record was written: \"%.200s\"", spot->text, error->reason);
        return;
    }
    if (error->code != (int32_t)status)
        failed(spot, "%s: returned %s, but the error record's code is %" PRId32, spot->text, status_text(status),
            error->code);
    if (!is_one_line(error->operation, sizeof error->operation))
        failed(
            spot, "%s: the error record's operation is not one line of text: \"%.63s\"", spot->text, error->operation);
    if (!is_one_line(error->reason, sizeof error->reason))
        failed(spot, "%s: the error record's reason is not one line of text: \"%.200s\"", spot->text, error->reason);
    if (error->system_errno < 0 || error->system_errno > 4095)
        failed(spot, "%s: the error record's system_errno is %" PRId32, spot->text, error->system_errno);
}

void expect_status(const struct spot *spot, np_status actual, np_status expected, const np_error *error)
{
    outcome_count_check();
    if (actual != expected)
        failed(spot, "%s: expected %s, found %s%s%.400s%s", spot->text, status_text(expected), status_text(actual),
            is_untouched(error) ? "" : " (", is_untouched(error) ? "" : error->reason, is_untouched(error) ? "" : ")");
    check_record(spot, actual, error);
}

/* Two, of which the one taken last is @latest; to copy them would touch all their pages. */
static struct snapshot states[2];
static unsigned latest;

void expect_state_taken(void)
{
    snapshot_take(&states[latest], false);
}

/*
 * With @mappings they are compared with those at the end of the last expect_state_kept(): the first one after
 * expect_state_taken() only takes them.
 */
void expect_state_kept(const struct spot *spot, bool mappings)
{
    char what[600];

    outcome_count_check();
    const struct snapshot *before = &states[latest];
    latest = 1 - latest;
    snapshot_take(&states[latest], !BUILT_WITH_SANITIZER);
    if (snapshot_differs(before, &states[latest], mappings && !BUILT_WITH_SANITIZER, what, sizeof what))
        failed(spot, "%s: it did not leave the process as it was: %s", spot->text, what);
}

/* The next number of the text at or after *@cursor, which moves behind it. False if there is none. */
static bool next_number(const char **cursor, uintmax_t *number)
{
    while (**cursor != '\0' && !isdigit((unsigned char)**cursor))
        (*cursor)++;
    if (**cursor == '\0')
        return false;
    *number = strtoumax(*cursor, (char **)(uintptr_t)cursor, 10);
    return true;
}

void expect_names_id(const struct spot *spot, const char *text, unsigned id)
{
    const char *cursor = text;
    uintmax_t first;

    outcome_count_check();
    while (next_number(&cursor, &first)) {
        uintmax_t last = first;
        if (*cursor == '-' && isdigit((unsigned char)cursor[1]))
            next_number(&cursor, &last);
        if (first <= id && id <= last)
            return;
    }
    failed(spot, "%s: expected it to name %u, found \"%s\"", spot->text, id, text);
}

void expect_names_number(const struct spot *spot, const char *text, uintmax_t number)
{
    const char *cursor = text;
    uintmax_t found;

    outcome_count_check();
    while (next_number(&cursor, &found))
        if (found == number)
            return;
    failed(spot, "%s: expected the number %" PRIuMAX " in it, found \"%s\"", spot->text, number, text);
}

void expect_honest(const struct spot *spot, const np_enforcement *enforcement)
{
    outcome_count_check();
    if (enforcement->level < NP_LEVEL_NONE || enforcement->level > NP_LEVEL_STRICT)
        failed(spot, "%s: level %" PRId32 " is none of the three", spot->text, enforcement->level);
    if (memchr(enforcement->reason, '\0', sizeof enforcement->reason) == NULL)
        failed(spot, "%s: its reason does not end", spot->text);
    if (enforcement->level == NP_LEVEL_STRICT && enforcement->reason[0] != '\0')
        failed(spot, "%s: strict, but with a reason: \"%s\"", spot->text, enforcement->reason);
    if (enforcement->level != NP_LEVEL_STRICT && !is_one_line(enforcement->reason, sizeof enforcement->reason))
        failed(spot, "%s: level %" PRId32 " without a one-line reason: \"%.200s\"", spot->text, enforcement->level,
            enforcement->reason);
}

void expect_level(const struct spot *spot, const np_enforcement *enforcement, np_level level)
{
    static const char *const names[] = {"none", "best-effort", "strict"};

    expect_honest(spot, enforcement);
    if (enforcement->level != (int32_t)level)
        failed(spot, "%s: expected level %s, found %s (%s)", spot->text, names[level], names[enforcement->level],
            enforcement->reason);
}
