/*
 * The suite held against mutants: np_mutants [--jobs N] [--directory DIR] [--reference SO] [--complete] [NAME-GLOB]...
 *
 * Each mutant breaks one clause. It is killed when a case of that clause fails it which the reference passes; it survives
 * otherwise, and a suite with survivors proves nothing about their clauses. Only the cases of the named clause are run, so
 * that a mutant which some other case would catch by accident still counts as survived. At the end stand the clauses that
 * have cases and no mutant; with --complete they are a failure too.
 */
#include "suite/suite.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct mutant {
    const char *name, *clause, *needs, *lie;
};
#include "mutants_table.h"

#define MUTANT_COUNT (sizeof mutants / sizeof mutants[0])

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
    unsigned jobs;
    bool complete;
    const char *const *globs; /* NULL: all */
};

static bool passes(const struct suite_report *baseline, const char *id)
{
    for (size_t i = 0; i < baseline->result_count; i++)
        if (strcmp(baseline->results[i].id, id) == 0)
            return baseline->results[i].status == SUITE_RAN && baseline->results[i].verdict == SUITE_PASS;
    return false;
}

static void judge(const struct suite_report *report, const struct suite_report *baseline, struct trial *trial)
{
    for (size_t i = 0; i < report->result_count; i++) {
        const struct suite_result *result = &report->results[i];
        trial->ran += result->status == SUITE_RAN;
        trial->skipped += result->status == SUITE_SKIPPED;
        if (result->status != SUITE_RAN || result->verdict != SUITE_FAIL || !passes(baseline, result->id) ||
            trial->fate == KILLED)
            continue;
        trial->fate = KILLED;
        snprintf(trial->by, sizeof trial->by, "%.60s", result->id);
        snprintf(trial->words, sizeof trial->words, "%.500s", result->reason);
    }
}

/* In a process of its own: the suite has one run at a time. */
static void try_mutant(const struct mutant *mutant, const struct settings *settings,
    const struct suite_report *baseline, struct trial *trial)
{
    char path[512];
    const char *const globs[] = {mutant->clause, NULL};
    const struct suite_options options = {.implementation = path, .own_library = true, .clause_globs = globs};
    struct suite_report report;
    np_error error;

    snprintf(path, sizeof path, "%s/%s.so", settings->directory, mutant->name);
    if (suite_run(&options, &report, &error) != NP_OK) {
        trial->fate = BROKEN;
        snprintf(trial->words, sizeof trial->words, "%s", error.reason);
        return;
    }
    trial->fate = SURVIVED;
    judge(&report, baseline, trial);
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

static bool is_wanted(const struct mutant *mutant, const char *const *globs)
{
    if (globs == NULL)
        return true;
    for (; *globs != NULL; globs++)
        if (fnmatch(*globs, mutant->name, 0) == 0 || fnmatch(*globs, mutant->clause, 0) == 0)
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

static bool has_mutant(const char *clause)
{
    for (size_t i = 0; i < MUTANT_COUNT; i++)
        if (strcmp(mutants[i].clause, clause) == 0)
            return true;
    return false;
}

static bool has_case(const struct suite_report *baseline, const char *clause)
{
    for (size_t i = 0; i < baseline->result_count; i++)
        for (const char *const *id = baseline->results[i].clauses; *id != NULL; id++)
            if (strcmp(*id, clause) == 0)
                return true;
    return false;
}

/* The clauses that cases test and no mutant breaks. */
static size_t show_uncovered(const struct suite_report *baseline)
{
    size_t count, uncovered = 0;
    const struct suite_clause *clauses = suite_clauses(&count);

    for (size_t i = 0; i < count; i++) {
        if (!has_case(baseline, clauses[i].id) || has_mutant(clauses[i].id))
            continue;
        printf("%s%s", uncovered++ == 0 ? "clauses with cases and no mutant: " : ", ", clauses[i].id);
    }
    if (uncovered > 0)
        putchar('\n');
    return uncovered;
}

static int conclude(const struct settings *settings, const struct suite_report *baseline, const struct trial *trials)
{
    size_t counts[5] = {0};

    for (size_t i = 0; i < MUTANT_COUNT; i++)
        if (is_wanted(&mutants[i], settings->globs))
            counts[trials[i].fate]++;
    size_t uncovered = settings->globs == NULL ? show_uncovered(baseline) : 0;
    printf("%zu killed, %zu survived, %zu undecided here, %zu could not be tried\n", counts[KILLED], counts[SURVIVED],
        counts[UNDECIDED], counts[BROKEN] + counts[NOT_TRIED]);
    bool good = counts[SURVIVED] + counts[BROKEN] + counts[NOT_TRIED] == 0 && counts[KILLED] > 0;
    return good && (uncovered == 0 || !settings->complete) ? 0 : 1;
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
    int status = conclude(settings, &baseline, trials);
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
        if (strcmp(argv[next], "--complete") == 0)
            settings.complete = true;
        else if (strcmp(argv[next], "--jobs") == 0 && has_value && atoi(argv[next + 1]) > 0)
            settings.jobs = (unsigned)atoi(argv[++next]);
        else if (strcmp(argv[next], "--directory") == 0 && has_value)
            settings.directory = argv[++next];
        else if (strcmp(argv[next], "--reference") == 0 && has_value)
            settings.reference = argv[++next];
        else {
            fprintf(stderr, "usage: np_mutants [--jobs N] [--directory DIR] [--reference SO] [--complete] [GLOB]...\n"
                            "a GLOB matches names of mutants or clauses\n");
            return 2;
        }
    }
    settings.globs = next < argc ? (const char *const *)&argv[next] : NULL;
    return run(&settings);
}
