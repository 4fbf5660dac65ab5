/*
 * numaproof: one command with verbs. This file knows the verbs' names and nothing of what they do.
 */
#include "config.h"
#include "nearest.h"
#include "options.h"
#include "problem.h"
#include "topology_files.h"
#include "verb.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct verb {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"validate", "check, test and measure this machine: a verdict", verb_validate},
    {"info", "the machine: nodes, privileges, settings, devices", verb_info},
    {"conform", "test an implementation of the contract, clause by clause", verb_conform},
    {"bench", "measure", verb_bench},
    {"vm", "run a verb in an emulated machine", verb_vm},
    {"matrix", "run a verb in many emulated machines", verb_matrix},
    {"machines", "list the emulated machines", verb_machines},
    {"report", "make a page of pictures and tables from results", verb_report},
    {"compare", "what changed between two results, beyond the noise", verb_compare},
};

enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

static char *help(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_EXTRA) {
        return (char *)(size_t)text;
    }
    char *list = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&list, &size);
    if (stream == NULL) {
        return NULL;
    }
    fputs("Verbs:\n", stream);
    for (size_t i = 0; i < VERB_COUNT; i++) {
        fprintf(stream, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\n`numaproof VERB --help` tells more.\n"
          "Exit status: 0 pass, 1 fail, 2 wrong usage or input, 3 not run or inconclusive.",
        stream);
    fclose(stream);
    return list;
}

static const struct argp top = {
    .args_doc = "VERB [ARGUMENT...]",
    .doc = "Prove whether a machine keeps the NUMA locality it promises.",
    .help_filter = help,
};

static bool name_of_unknown(const char *word, struct problem *problem)
{
    const char *names[VERB_COUNT];
    char hint[128];
    for (size_t i = 0; i < VERB_COUNT; i++) {
        names[i] = verbs[i].name;
    }
    nearest_hint(word, names, VERB_COUNT, hint, sizeof(hint));
    return problem_set(problem, STATUS_USAGE, "unknown verb '%s'%s", word, hint[0] != '\0' ? hint : "; see --help");
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    char name[64];
    snprintf(name, sizeof(name), "numaproof %s", verb->name);
    argv[0] = name;
    return verb->run(argc, argv);
}

/* A table that did not reach its reader is no result. */
static int close_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        struct problem problem;
        problem_set(&problem, STATUS_CANNOT_RUN, "cannot write to standard output: %s", strerror(errno));
        return problem_tell(&problem, "numaproof");
    }
    return status;
}

int main(int argc, char **argv)
{
    static char program[] = "numaproof";
    struct problem problem;
    /* Line by line also into a pipe, so that a log shows how far a long run has come. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    topology_ignore_environment();
    argp_program_version = "numaproof " NP_VERSION;
    if (argc < 1) {
        return STATUS_USAGE;
    }
    argv[0] = program;
    if (argc < 2 || argv[1][0] == '-') {
        if (options_parse(&top, argc, argv, NULL, &problem)) {
            problem_set(&problem, STATUS_USAGE, "no verb; see --help");
        }
        return problem_tell(&problem, program);
    }
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return close_output(run_verb(&verbs[i], argc - 1, argv + 1));
        }
    }
    name_of_unknown(argv[1], &problem);
    return problem_tell(&problem, program);
}
