/* One line for each failure, whatever the words in it came from: see problem.h. */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool problem_set(struct problem *problem, enum exit_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    problem->status = status;
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    return false;
}

bool problem_from(struct problem *problem, const np_error *error)
{
    enum exit_status status = error->code == NP_INVALID_ARGUMENT ? STATUS_USAGE : STATUS_CANNOT_RUN;
    return problem_set(problem, status, "%s: %s", error->operation, error->reason);
}

int problem_tell(const struct problem *problem, const char *who)
{
    char line[sizeof(problem->text)];
    size_t length = 0;
    /* A newline or an escape sequence in a file name must not break the line, nor act on the terminal. */
    for (const char *c = problem->text; *c != '\0'; c++) {
        line[length++] = *c;
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            line[length - 1] = '?';
        }
    }
    if (length > 0) {
        fprintf(stderr, "%s: %.*s\n", who, (int)length, line);
    }
    return (int)problem->status;
}

void out_of_memory(void)
{
    fputs("numaproof: out of memory\n", stderr);
    exit(STATUS_CANNOT_RUN);
}
