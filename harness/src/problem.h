/*
 * What went wrong, in one line, and the exit status that it means.
 *
 * A problem is made where it happens, with the facts in it (which file, which word, what was expected), and passed on
 * unchanged to main(), which prints it once. Functions that can fail return bool and take a problem to fill:
 *
 *     return problem_set(problem, STATUS_USAGE, "unknown verb '%s'", word);
 */
#ifndef NUMAPROOF_HARNESS_PROBLEM_H
#define NUMAPROOF_HARNESS_PROBLEM_H

#include <numaproof/error.h>
#include <stdbool.h>

/* The exit statuses of the command, the same for every verb. */
enum exit_status {
    STATUS_PASS = 0,
    STATUS_FAIL = 1,
    STATUS_USAGE = 2,     /* The command line, or a file named on it, is wrong. */
    STATUS_CANNOT_RUN = 3 /* It could not be run, or nothing could be concluded. */
};

struct problem {
    enum exit_status status;
    char text[1024];
};

/* Fill @problem. Always false, so that it can be returned. */
bool problem_set(struct problem *problem, enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the facts of an error of the API or of the suite: a wrong argument is bad usage, the rest could not run. */
bool problem_from(struct problem *problem, const np_error *error);

/*
 * Print "@who: text" as one line on standard error; nothing where the text is empty, because getopt has said it already.
 * Returns the problem's exit status.
 */
int problem_tell(const struct problem *problem, const char *who);

/* End the program with a message: for allocations so small that there is nothing sensible left to do. */
_Noreturn void out_of_memory(void);

#endif
