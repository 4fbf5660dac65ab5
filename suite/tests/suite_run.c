/*
 * The suite without the command around it: np_suite_run LIBRARY [--all] [--list] [--repeat=N] [--jobs=N] [--shuffle=SEED]
 * [--allow-system-changes] [CLAUSE-GLOB]...
 *
 * For those who write cases, and for CTest. Prints what did not pass, all with --all, and exits as the command does:
 * 0 pass, 1 fail, 2 usage, 3 inconclusive.
 */
#include "suite/suite.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool show(const struct suite_result *result, size_t done, size_t total, void *closure)
{
    const bool *all = closure;

    (void)done;
    (void)total;
    if (*all || (result->verdict != SUITE_PASS && result->status != SUITE_SKIPPED))
        printf("%-14s %-44s %6.0f ms  %s\n",
            result->status == SUITE_RAN ? suite_verdict_name(result->verdict) : suite_status_name(result->status),
            result->id, result->seconds * 1000, result->reason);
    fflush(stdout);
    return true;
}

static int run_suite(const struct suite_options *options)
{
    static const int exits[] = {[SUITE_PASS] = 0, [SUITE_FAIL] = 1, [SUITE_INCONCLUSIVE] = 3};
    struct suite_report report;
    np_error error;

    if (suite_run(options, &report, &error) != NP_OK) {
        fprintf(stderr, "np_suite_run: %s\n", error.reason);
        return 2;
    }
    if (options->shuffle)
        printf("shuffled with seed %" PRIu64 "\n", options->seed);
    if (report.repaired[0] != '\0')
        printf("%s\n", report.repaired);
    printf("%s %s: %zu passed, %zu failed, %zu skipped, %zu inconclusive, %zu errors in %.1f s\n",
        report.implementation, report.version, report.passed, report.failed, report.skipped, report.inconclusive,
        report.errors, report.seconds);
    int status = exits[suite_report_verdict(&report)];
    suite_report_free(&report);
    return status;
}

int main(int argc, char **argv)
{
    const char *globs[64] = {NULL};
    size_t glob_count = 0;
    bool all = false, list = false;
    struct suite_options options = {.own_library = true, .progress = show, .closure = &all};
    np_error error;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0)
            all = true;
        else if (strcmp(argv[i], "--list") == 0)
            list = true;
        else if (sscanf(argv[i], "--repeat=%u", &options.rounds) == 1 ||
                 sscanf(argv[i], "--jobs=%u", &options.jobs) == 1)
            continue;
        else if (sscanf(argv[i], "--shuffle=%" SCNu64, &options.seed) == 1)
            options.shuffle = true;
        else if (strcmp(argv[i], "--allow-system-changes") == 0)
            options.allow_system_changes = true;
        else if (options.implementation == NULL)
            options.implementation = argv[i];
        else if (glob_count < 63)
            globs[glob_count++] = argv[i];
    }
    if (options.implementation == NULL && !list) {
        fprintf(stderr, "usage: np_suite_run LIBRARY [--all] [--list] [--repeat=N] [--jobs=N] [--shuffle=SEED]\n"
                        "    [--allow-system-changes] [CLAUSE-GLOB]...\n");
        return 2;
    }
    options.clause_globs = glob_count > 0 ? globs : NULL;
    if (list)
        return suite_list(&options, stdout, &error) == NP_OK ? 0 : 2;
    return run_suite(&options);
}
