/*
 * The verbs that are Python programs: vm, matrix and machines of qemu, report and compare of reports.
 *
 * The command becomes the program, with the same arguments, so that its output and exit status are the verb's own. Pages
 * and pictures need files and nothing else, and get no other right.
 */
#include "child.h"
#include "file.h"
#include "paths.h"
#include "problem.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool become(const char *const *arguments, enum child_rights rights, struct problem *problem)
{
    if (rights == CHILD_FILE_RIGHTS) {
        child_keep_file_rights();
    }
    execv(arguments[0], (char *const *)(size_t)arguments);
    return problem_set(problem, STATUS_CANNOT_RUN, "cannot run %s: %s", arguments[0], strerror(errno));
}

enum part { PART_QEMU, PART_REPORTS };

static bool find_and_become(int argc, char **argv, enum part part, const char *script, struct problem *problem)
{
    struct paths paths;
    char path[PATH_MAX];
    size_t count = (size_t)argc - 1;
    size_t size = count + 8;
    const char **arguments = calloc(size, sizeof(*arguments));
    if (arguments == NULL) {
        out_of_memory();
    }
    bool ready = paths_find(&paths, problem) &&
                 file_join(path, sizeof(path), part == PART_QEMU ? paths.qemu : paths.reports, script, problem) &&
                 child_python(arguments, size, path, (const char *const *)argv + 1, count, &paths, problem) &&
                 become(arguments, part == PART_QEMU ? CHILD_ALL_RIGHTS : CHILD_FILE_RIGHTS, problem);
    free(arguments);
    return ready;
}

static int delegate(int argc, char **argv, enum part part, const char *script)
{
    struct problem problem;
    find_and_become(argc, argv, part, script, &problem);
    return problem_tell(&problem, argv[0]);
}

int verb_vm(int argc, char **argv)
{
    return delegate(argc, argv, PART_QEMU, "vm.py");
}

int verb_matrix(int argc, char **argv)
{
    return delegate(argc, argv, PART_QEMU, "matrix.py");
}

int verb_machines(int argc, char **argv)
{
    return delegate(argc, argv, PART_QEMU, "machines.py");
}

int verb_report(int argc, char **argv)
{
    return delegate(argc, argv, PART_REPORTS, "report.py");
}

int verb_compare(int argc, char **argv)
{
    return delegate(argc, argv, PART_REPORTS, "compare.py");
}
