/*
 * The suite held against mutants: np_mutants [--jobs N] [--limit SECONDS] [--directory DIR] [--reference SO] [NAME-GLOB]...
 *
 * Each mutant breaks one clause. It is killed when a case of that clause fails it which the reference passes; it survives
 * otherwise, and a suite with survivors proves nothing about their clauses. Only the cases of the named clause are run, so
 * that a mutant which some other case would catch by accident still counts as survived. A mutant may be named by its shared
 * object too, as it is where the objects are brought into an emulated machine.
 */
#include "suite/suite.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutants_table.h"

/* What became of one, written by the process that tried it. */
struct trial {
    enum { NOT_TRIED, KILLED, SURVIVED, UNDECIDED, BROKEN } fate;
    size_t ran, skipped;
    double seconds;
    char by[64];     /* the case that killed it */
    char words[512]; /* what the case said, or why it could not be tried */
};

struct settings {
    const char *directory, *reference;
    unsigned jobs, limit_seconds; /* 0: the suite's own limit */
    const char *const *globs;     /* NULL: all */
};

static bool passes(const struct suite_report *baseline, const char *id)
{
    for (size_t i = 0; i < baseline->result_count; i++)
        if (strcmp(baseline->results[i].id, id) == 0)
            return baseline->results[i].status == SUITE_RAN && baseline->results[i].verdict == SUITE_PASS;
    return false;
}

/* A trial as its cases end: it is over with the first one that kills the mutant. */
struct watch {
    const struct suite_report *baseline;
    struct trial *trial;
};

static bool watch_case(const struct suite_result *result, size_t done, size_t total, void *closure)
{
    struct watch *watch = closure;
    struct trial *trial = watch->trial;

    (void)done;
    (void)total;
    trial->ran += result->status == SUITE_RAN;
    trial->skipped += result->status == SUITE_SKIPPED;
    if (result->status != SUITE_RAN || result->verdict != SUITE_FAIL || !passes(watch->baseline, result->id))
        return true;
    trial->fate = KILLED;
    snprintf(trial->by, sizeof trial->by, "%.60s", result->id);
    snprintf(trial->words, sizeof trial->words, "%.500s", result->reason);
    return false;
}

/* In a process of its own: the suite has one run at a time. */
static void try_mutant(const struct mutant *mutant, const struct settings *settings,
    const struct suite_report *baseline, struct trial *trial)
{
    char path[512];
    const char *const globs[] = {mutant->clause, NULL};
    struct watch watch = {baseline, trial};
    const struct suite_options options = {.implementation = path,
        .own_library = true,
        .clause_globs = globs,
        .limit_seconds = settings->limit_seconds,
        .progress = watch_case,
        .closure = &watch};
    struct suite_report report;
    np_error error;

    snprintf(path, sizeof path, "%s/%s.so", settings->directory, mutant->name);
    trial->fate = SURVIVED;
    if (suite_run(&options, &report, &error) != NP_OK) {
        trial->fate = BROKEN;
        snprintf(trial->words, sizeof trial->words, "%s", error.reason);
        return;
    }
    if (trial->fate == SURVIVED && mutant->needs[0] != '\0' && trial->skipped > 0)
        trial->fate = UNDECIDED;
    trial->seconds = report.seconds;
    suite_report_free(&report);
}

static void show(const struct mutant *mutant, const struct trial *trial)
{
    static const char *const fates[] = {"not tried", "killed", "SURVIVED", "undecided", "BROKEN"};

    printf("%-9s %-8s %-34s %5.0f ms  %s\n", fates[trial->fate], mutant->clause, mutant->name, trial->seconds * 1000,
        trial->by);
    if (trial->fate == SURVIVED || trial->fate == NOT_TRIED)
        printf("          the lie: %s (%zu cases ran, %zu skipped)\n", mutant->lie, trial->ran, trial->skipped);
    else if (trial->fate == UNDECIDED)
        printf("          needs %s; %zu cases were skipped here\n", mutant->needs, trial->skipped);
    else
        printf("          %.160s\n", trial->words);
    fflush(stdout);
}

/* "lib/mutants/NAME.so" */
static bool is_object_of(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/'), *file = slash != NULL ? slash + 1 : path;
    size_t length = strlen(name);

    return strncmp(file, name, length) == 0 && strcmp(file + length, ".so") == 0;
}

static bool is_wanted(const struct mutant *mutant, const char *const *globs)
{
    if (globs == NULL)
        return true;
    for (; *globs != NULL; globs++)
        if (fnmatch(*globs, mutant->name, 0) == 0 || fnmatch(*globs, mutant->clause, 0) == 0 ||
            is_object_of(*globs, mutant->name))
            return true;
    return false;
}

/* One trial ended: show it. Its process may have died without a word, which leaves it not tried. */
static void collect(pid_t *pids, const struct trial *trials)
{
    pid_t ended = wait(NULL);

    for (size_t i = 0; i < MUTANT_COUNT; i++)
        if (pids[i] == ended && ended > 0) {
            pids[i] = -1;
            show(&mutants[i], &trials[i]);
        }
}

static void try_all(const struct settings *settings, const struct suite_report *baseline, struct trial *trials)
{
    pid_t pids[MUTANT_COUNT] = {0};
    unsigned running = 0;

    for (size_t i = 0; i < MUTANT_COUNT; i++) {
        if (!is_wanted(&mutants[i], settings->globs))
            continue;
        if (running == settings->jobs) {
            collect(pids, trials);
            running--;
        }
        fflush(stdout);
        pids[i] = fork();
        if (pids[i] == 0) {
            try_mutant(&mutants[i], settings, baseline, &trials[i]);
            _exit(0);
        }
        running += pids[i] > 0;
    }
    while (running-- > 0)
        collect(pids, trials);
}

static int conclude(const struct settings *settings, const struct trial *trials)
{
    size_t counts[5] = {0};

    for (size_t i = 0; i < MUTANT_COUNT; i++)
        if (is_wanted(&mutants[i], settings->globs))
            counts[trials[i].fate]++;
    printf("%zu killed, %zu survived, %zu undecided here, %zu could not be tried\n", counts[KILLED], counts[SURVIVED],
        counts[UNDECIDED], counts[BROKEN] + counts[NOT_TRIED]);
    return counts[SURVIVED] + counts[BROKEN] + counts[NOT_TRIED] == 0 && counts[KILLED] > 0 ? 0 : 1;
}

/* The reference against the cases that are needed: those of the wanted mutants' clauses, or all. */
static np_status run_reference(const struct settings *settings, struct suite_report *baseline, np_error *error)
{
    const char *clauses[MUTANT_COUNT + 1] = {NULL};
    size_t count = 0;

    for (size_t i = 0; i < MUTANT_COUNT; i++)
        if (is_wanted(&mutants[i], settings->globs))
            clauses[count++] = mutants[i].clause;
    const struct suite_options options = {.implementation = settings->reference,
        .own_library = true,
        .clause_globs = settings->globs != NULL && count > 0 ? clauses : NULL};
    return suite_run(&options, baseline, error);
}

static int run(const struct settings *settings)
{
    struct suite_report baseline;
    np_error error;

    struct trial *trials =
        mmap(NULL, sizeof(struct trial) * MUTANT_COUNT, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trials == MAP_FAILED) {
        fprintf(stderr, "np_mutants: no memory for the trials: %s\n", strerror(errno));
        return 3;
    }
    if (run_reference(settings, &baseline, &error) != NP_OK) {
        fprintf(stderr, "np_mutants: the reference: %s\n", error.reason);
        return 3;
    }
    printf("reference: %zu passed, %zu failed, %zu skipped in %.1f s\n", baseline.passed, baseline.failed,
        baseline.skipped, baseline.seconds);
    try_all(settings, &baseline, trials);
    int status = conclude(settings, trials);
    suite_report_free(&baseline);
    munmap(trials, sizeof(struct trial) * MUTANT_COUNT);
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings = {.directory = mutant_directory, .reference = mutant_reference, .jobs = 2};
    int next = 1;

    for (; next < argc && strncmp(argv[next], "--", 2) == 0; next++) {
        bool has_value = next + 1 < argc;
        if (strcmp(argv[next], "--jobs") == 0 && has_value && atoi(argv[next + 1]) > 0)
            settings.jobs = (unsigned)atoi(argv[++next]);
        else if (strcmp(argv[next], "--limit") == 0 && has_value && atoi(argv[next + 1]) > 0)
            settings.limit_seconds = (unsigned)atoi(argv[++next]);
        else if (strcmp(argv[next], "--directory") == 0 && has_value)
            settings.directory = argv[++next];
        else if (strcmp(argv[next], "--reference") == 0 && has_value)
            settings.reference = argv[++next];
        else {
            fprintf(stderr,
                "usage: np_mutants [--jobs N] [--limit SECONDS] [--directory DIR] [--reference SO] [GLOB]...\n"
                "a GLOB matches names of mutants or clauses, or is the path of a mutant\n");
            return 2;
        }
    }
    settings.globs = next < argc ? (const char *const *)&argv[next] : NULL;
    return run(&settings);
}
