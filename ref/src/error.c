/*
 * Errors and levels, in numbers for programs and in words for people.
 *
 * The records are plain memory of the caller's: nothing here allocates, so that running out of memory can be reported
 * too. Text that does not fit is cut, never overrun.
 */
#include "error_internal.h"
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static_assert(sizeof(np_error) == 512, "the error record is pinned");
static_assert(sizeof(np_enforcement) == 512, "the enforcement record is pinned");

const char *np_status_name(np_status status)
{
    switch (status) {
    case NP_OK:
        return "ok";
    case NP_INVALID_ARGUMENT:
        return "invalid argument";
    case NP_HARD_MODE_UNAVAILABLE:
        return "hard mode unavailable";
    case NP_ALLOCATION:
        return "allocation failed";
    case NP_SYSTEM:
        return "system call failed";
    case NP_NOT_AVAILABLE:
        return "not available";
    case NP_SHUT_DOWN:
        return "shut down";
    case NP_TIMED_OUT:
        return "timed out";
    }
    return "unknown status";
}

const char *np_level_name(np_level level)
{
    switch (level) {
    case NP_LEVEL_NONE:
        return "none";
    case NP_LEVEL_BEST_EFFORT:
        return "best-effort";
    case NP_LEVEL_STRICT:
        return "strict";
    }
    return "unknown level";
}

__attribute__((format(printf, 3, 0))) static void write_line(
    char *line, size_t size, const char *format, va_list arguments)
{
    if (vsnprintf(line, size, format, arguments) < 0)
        line[0] = '\0';
    for (char *c = line; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
}

np_status fail(np_error *error, np_status status, int system_errno, const char *operation, const char *format, ...)
{
    assert(status != NP_OK);
    if (error == NULL)
        return status;
    memset(error, 0, sizeof *error);
    error->code = (int32_t)status;
    error->system_errno = system_errno;
    snprintf(error->operation, sizeof error->operation, "%s", operation);
    va_list arguments;
    va_start(arguments, format);
    write_line(error->reason, sizeof error->reason, format, arguments);
    va_end(arguments);
    return status;
}

np_status fail_within(np_error *error, np_status status, const char *operation)
{
    assert(status != NP_OK);
    if (error == NULL)
        return status;
    memset(error->operation, 0, sizeof error->operation);
    snprintf(error->operation, sizeof error->operation, "%s", operation);
    return status;
}

void enforce(np_enforcement *enforcement, np_level level, const char *format, ...)
{
    memset(enforcement, 0, sizeof *enforcement);
    enforcement->level = (int32_t)level;
    va_list arguments;
    va_start(arguments, format);
    write_line(enforcement->reason, sizeof enforcement->reason, format, arguments);
    va_end(arguments);
    assert((level == NP_LEVEL_STRICT) == (enforcement->reason[0] == '\0'));
}

void enforce_plainly(np_enforcement *enforcement, np_level level, const char *reason)
{
    const size_t length = strlen(reason);
    memset(enforcement, 0, sizeof *enforcement);
    enforcement->level = (int32_t)level;
    memcpy(enforcement->reason, reason, length < sizeof enforcement->reason ? length : sizeof enforcement->reason - 1);
    assert(level != NP_LEVEL_STRICT && length > 0);
}

void enforce_strict(np_enforcement *enforcement)
{
    memset(enforcement, 0, sizeof *enforcement);
    enforcement->level = NP_LEVEL_STRICT;
}

/* @length is what the whole list would take; @text has as much of it as fits. */
static void cut_after_item(struct set_text *words, size_t length)
{
    static const char more[] = ",...";
    if (length < sizeof words->text)
        return;
    char *end = words->text + sizeof words->text - sizeof more;
    while (*end != ',')
        end--;
    memcpy(end, more, sizeof more);
}

struct set_text cpus_in_words(const np_cpuset *cpus)
{
    struct set_text words;
    cut_after_item(&words, np_cpuset_format(cpus, words.text, sizeof words.text));
    return words;
}

struct set_text nodes_in_words(const np_nodeset *nodes)
{
    struct set_text words;
    cut_after_item(&words, np_nodeset_format(nodes, words.text, sizeof words.text));
    return words;
}
