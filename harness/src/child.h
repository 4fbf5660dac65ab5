/*
 * Running another program: by its path and an argument vector, never through a shell.
 *
 * A child ends when the command does, however that ends. One that only reads and writes files is run with file rights and
 * nothing else, though the command itself may hold more.
 */
#ifndef NUMAPROOF_HARNESS_CHILD_H
#define NUMAPROOF_HARNESS_CHILD_H

#include "paths.h"
#include "problem.h"

#include <stdbool.h>
#include <stddef.h>

enum child_rights {
    CHILD_ALL_RIGHTS, /* What the command has. */
    CHILD_FILE_RIGHTS /* No capability, but for those by which root reads and writes anyone's files. */
};

struct child {
    const char *const
        *arguments; /* NULL-terminated; the first is the program, looked for in PATH if it has no slash. */
    enum child_rights rights;
    int output;       /* What its standard output goes to; -1 for the command's own. */
    int error;        /* And its standard error. */
    const char *what; /* What it does, for a progress line, or NULL for none. */
    double seconds;   /* What that may take. */
};

/* Run @child to its end. @exit_status is its exit status; killed by a signal is a problem that names the signal. */
bool child_run(const struct child *child, int *exit_status, struct problem *problem);

/* Keep of the calling thread's privileges only those that open files; what is executed later gets no more. */
void child_keep_file_rights(void);

/*
 * Fill @arguments (of @size) with the command line of a Python helper: the interpreter, @script of @folder, then
 * @count of @rest. The environment tells the helper where the command and the reference are.
 */
bool child_python(const char **arguments, size_t size, const char *script, const char *const *rest, size_t count,
    const struct paths *paths, struct problem *problem);

#endif
