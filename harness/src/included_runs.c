/* Helpers of other parts, run as children: see included_runs.h. */
#include "included_runs.h"

#include "child.h"
#include "file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What comes before the arguments of a helper: the interpreter, its options, the script; and the end. */
enum { ARGUMENTS_BEFORE = 8 };

/* What a helper printed goes to the log; its last line is what it has to say about a failure. */
static void log_output(struct folder *folder, int output, char *last, size_t size)
{
    char line[1024];
    last[0] = '\0';
    lseek(output, 0, SEEK_SET);
    FILE *lines = fdopen(output, "r");
    while (lines != NULL && fgets(line, sizeof(line), lines) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        folder_log(folder, "  | %s", line);
        if (line[0] != '\0') {
            snprintf(last, size, "%.*s", (int)size - 1, line);
        }
    }
    if (lines != NULL) {
        fclose(lines);
    }
}

struct helper {
    const char *folder; /* Of the script. */
    const char *script;
    const char *const *arguments; /* NULL-terminated. */
    enum child_rights rights;
    const char *what; /* For the progress line, with the seconds that it may take. */
    double seconds;
};

/* Run a helper. False with @problem when it could not be run; its exit status and last words otherwise. */
static bool run_helper(
    struct run *run, const struct helper *helper, int *exit_status, char last[512], struct problem *problem)
{
    char script[PATH_MAX];
    size_t count = 0;
    while (helper->arguments[count] != NULL) {
        count++;
    }
    last[0] = '\0';
    const char **arguments = calloc(count + ARGUMENTS_BEFORE, sizeof(*arguments));
    if (arguments == NULL) {
        out_of_memory();
    }
    if (!file_join(script, sizeof(script), helper->folder, helper->script, problem) ||
        !child_python(arguments, count + ARGUMENTS_BEFORE, script, helper->arguments, count, &run->paths, problem)) {
        free(arguments);
        return false;
    }
    int output = memfd_create(helper->script, MFD_CLOEXEC);
    if (output < 0) {
        free(arguments);
        return problem_set(problem, STATUS_CANNOT_RUN, "no memory for the output of %s: %s", script, strerror(errno));
    }
    const struct child child = {.arguments = arguments,
        .rights = helper->rights,
        .output = output,
        .error = output,
        .what = helper->what,
        .seconds = helper->seconds};
    folder_log(&run->folder, "%s", helper->what);
    bool ended = child_run(&child, exit_status, problem);
    log_output(&run->folder, output, last, 512);
    free(arguments);
    return ended;
}

/* Take verdict and first reason from the result file that the other run left. */
static bool read_verdict(struct other_run *other, const char *folder, struct problem *problem)
{
    char path[PATH_MAX];
    json_error_t error;
    if (!file_join(path, sizeof(path), folder, "result.json", problem)) {
        return false;
    }
    json_t *result = json_load_file(path, 0, &error);
    const json_t *verdict = json_object_get(result, "verdict");
    const char *name = json_string_value(json_object_get(verdict, "verdict"));
    const char *reason = json_string_value(json_array_get(json_object_get(verdict, "reasons"), 0));
    bool understood = name != NULL && reason != NULL && verdict_from_name(name, &other->kind);
    if (understood) {
        snprintf(other->reason, sizeof(other->reason), "%s", reason);
    } else {
        problem_set(problem, STATUS_CANNOT_RUN, "no verdict in %s: %s", path, result == NULL ? error.text : "foreign");
    }
    json_decref(result);
    return understood;
}

/* What the guest is asked: what this run was asked, in short. The caller frees the list. */
static const char **guest_arguments(const char *machine, const char *folder, const struct clause_globs *clauses)
{
    const char *const before[] = {"--machine", machine, "--out", folder, "--", "validate", "--quick"};
    size_t count = sizeof(before) / sizeof(before[0]);
    const char **arguments = calloc(count + 2 * clauses->count + 1, sizeof(*arguments));
    if (arguments == NULL) {
        out_of_memory();
    }
    memcpy(arguments, before, sizeof(before));
    for (size_t i = 0; i < clauses->count; i++) {
        arguments[count++] = "--clause";
        arguments[count++] = clauses->globs[i];
    }
    return arguments;
}

void include_emulated(struct run *run, const char *machine, const struct clause_globs *clauses, struct other_run *other)
{
    struct problem problem;
    char folder[PATH_MAX];
    char last[512];
    int exit_status = STATUS_CANNOT_RUN;
    const char **arguments = guest_arguments(machine, folder, clauses);
    const struct helper helper = {.folder = run->paths.qemu,
        .script = "vm.py",
        .arguments = arguments,
        .rights = CHILD_ALL_RIGHTS,
        .what = "emulated machine",
        .seconds = 60};
    other->kind = VERDICT_INCONCLUSIVE;
    if (snprintf(folder, sizeof(folder), "%s/emulated/%s", run->folder.path, machine) >= (int)sizeof(folder)) {
        snprintf(other->reason, sizeof(other->reason), "the path of its results is too long");
    } else if (!run_helper(run, &helper, &exit_status, last, &problem)) {
        snprintf(other->reason, sizeof(other->reason), "could not be run: %.400s", problem.text);
    } else if (!read_verdict(other, folder, &problem)) {
        other->kind = VERDICT_INCONCLUSIVE;
        snprintf(
            other->reason, sizeof(other->reason), "could not be run: %.400s", last[0] != '\0' ? last : problem.text);
    } else if (exit_status != (int)verdict_exit_status(other->kind)) {
        other->kind = VERDICT_INCONCLUSIVE;
        snprintf(other->reason, sizeof(other->reason), "it ended with status %d after all: %.400s", exit_status, last);
    }
    free(arguments);
}

void include_baseline(struct run *run, const char *baseline, struct other_run *other)
{
    struct problem problem;
    char last[512];
    int exit_status = STATUS_CANNOT_RUN;
    char least[32];
    snprintf(least, sizeof(least), "--least=%g", run->thresholds.baseline_least_change);
    const char *const arguments[] = {"--need-figures", least, "--", baseline, run->folder.path, NULL};
    const struct helper helper = {.folder = run->paths.reports,
        .script = "compare.py",
        .arguments = arguments,
        .rights = CHILD_FILE_RIGHTS,
        .what = "comparison with the baseline",
        .seconds = 2};
    bool ended = run_helper(run, &helper, &exit_status, last, &problem);
    snprintf(other->reason, sizeof(other->reason), "%.500s", ended ? last : problem.text);
    other->kind = VERDICT_INCONCLUSIVE;
    if (ended && exit_status == STATUS_PASS) {
        other->kind = VERDICT_PASS;
    } else if (ended && exit_status == STATUS_FAIL) {
        other->kind = VERDICT_FAIL;
    }
}

bool include_report(struct run *run, bool submission, struct problem *problem)
{
    char last[512];
    int exit_status = STATUS_CANNOT_RUN;
    const char *const page[] = {"--", run->folder.path, NULL};
    const char *const all[] = {"--submission", "--", run->folder.path, NULL};
    const struct helper helper = {.folder = run->paths.reports,
        .script = "report.py",
        .arguments = submission ? all : page,
        .rights = CHILD_FILE_RIGHTS,
        .what = "report",
        .seconds = 5};
    if (!run_helper(run, &helper, &exit_status, last, problem)) {
        return false;
    }
    return exit_status == STATUS_PASS ||
           problem_set(problem, STATUS_CANNOT_RUN, "%s", last[0] != '\0' ? last : "report.py failed without a word");
}
