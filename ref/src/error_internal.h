/*
 * How the library makes errors and enforcement levels.
 *
 * An error is made once, in the function that finds it out, with the facts in it: what was asked, what was found and
 * what mends it. Every caller above passes status and record on unchanged, so that the words a user reads were written
 * by the code that knew. fail() therefore returns the status that it was given: `return fail(error, ...)`.
 */
#ifndef NUMAPROOF_ERROR_INTERNAL_H
#define NUMAPROOF_ERROR_INTERNAL_H

#include <numaproof/error.h>
#include <numaproof/set.h>

/*
 * Fill @error, which may be NULL, and return @status. @system_errno is 0 where no system call failed. Control
 * characters in the text, which may quote what a user wrote, become '?', so that a reason is always one line.
 */
np_status fail(np_error *error, np_status status, int system_errno, const char *operation, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/*
 * A part of an operation failed: name the @operation that the caller asked for (LAW-5), and leave the reason as it was made.
 * Returns @status.
 */
np_status fail_within(np_error *error, np_status status, const char *operation);

/*
 * The same for a level: there is a reason if and only if it is below strict (LAW-4). The others spare the writing:
 * of a reason that is the same each time, in one line, and of none.
 */
void enforce(np_enforcement *enforcement, np_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void enforce_plainly(np_enforcement *enforcement, np_level level, const char *reason);
void enforce_strict(np_enforcement *enforcement);

/* A set in words for a reason: its kernel list, cut after a whole item where it is long, and then ending in ",...". */
struct set_text {
    char text[128];
};
struct set_text cpus_in_words(const np_cpuset *cpus);
struct set_text nodes_in_words(const np_nodeset *nodes);

#endif
