/*
 * Of the rounds of a case the gravest counts: an implementation that is wrong each third time has failed, and the reason says
 * how often. A run that is stopped has the cases that it came to, and no others.
 *
 * np_test_rounds DIRECTORY, which holds foreign_wavers.so.
 */
#include "suite/suite.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct suite_result *result_of(const struct suite_report *report, const char *id)
{
    for (size_t i = 0; i < report->result_count; i++)
        if (strcmp(report->results[i].id, id) == 0)
            return &report->results[i];
    return NULL;
}

/* Two of three times the version is right. */
static void check_gravest(struct suite_options *options)
{
    struct suite_report report;
    np_error error = {0};

    options->rounds = 6;
    np_status status = suite_run(options, &report, &error);
    CHECK(status == NP_OK, "%s", error.reason);
    if (status != NP_OK)
        return;
    const struct suite_result *version = result_of(&report, "abi_version");
    CHECK(version != NULL && version->verdict == SUITE_FAIL, "what failed twice of six times has not failed");
    CHECK(version != NULL && version->runs == 6 && version->bad_runs == 2, "%u of %u runs were bad",
        version != NULL ? version->bad_runs : 0, version != NULL ? version->runs : 0);
    CHECK(version != NULL && strncmp(version->reason, "in 2 of 6 runs: ", 16) == 0, "%s",
        version != NULL ? version->reason : "no such case");
    CHECK(report.rounds == 6 && suite_report_verdict(&report) == SUITE_FAIL, "%u rounds", report.rounds);
    suite_report_free(&report);
}

static bool stop_at_once(const struct suite_result *result, size_t done, size_t total, void *closure)
{
    (void)result;
    (void)done;
    (void)total;
    (void)closure;
    return false;
}

static void check_stopped(struct suite_options *options)
{
    struct suite_report report;
    np_error error = {0};

    options->progress = stop_at_once;
    np_status status = suite_run(options, &report, &error);
    CHECK(status == NP_OK, "%s", error.reason);
    if (status != NP_OK)
        return;
    CHECK(report.result_count == 1, "%zu results of a run that was stopped after one", report.result_count);
    suite_report_free(&report);
}

int main(int argc, char **argv)
{
    static const char *const globs[] = {"ABI-2", NULL};
    char path[512], counter[] = "/tmp/numaproof-rounds-XXXXXX";
    struct suite_options options = {.implementation = path, .clause_globs = globs};

    int file = mkstemp(counter);
    if (argc != 2 || file < 0 || setenv("WAVERS_COUNTER", counter, 1) != 0)
        return 1;
    snprintf(path, sizeof path, "%s/foreign_wavers.so", argv[1]);
    check_gravest(&options);
    check_stopped(&options);
    close(file);
    unlink(counter);
    return test_result();
}
