/*
 * One case in processes of its own, from fork to verdict.
 */
#ifndef NUMAPROOF_SUITE_CASE_PROCESS_H
#define NUMAPROOF_SUITE_CASE_PROCESS_H

#include "case.h"
#include "suite/suite.h"

#include <sys/types.h>

/* What a case is run with. */
struct case_setting {
    const char *implementation; /* absolute path; NULL: none is loaded, as the runner's own tests do */
    bool allow_system_changes;
    unsigned limit_seconds;
};

/* A case that was started and is to be finished. */
struct case_run {
    const struct suite_case *test;
    struct shared *shared; /* NULL: there is none to run */
    pid_t guard;
    int ended;   /* Readable once it has ended; -1: there is nothing to wait for. */
    int trouble; /* The errno of what kept it from being started. */
};

/* Whether @test allows no other case beside it: it says so itself, or changes the machine. */
bool case_runs_alone(const struct suite_case *test);

/*
 * Start @test, and later wait for its end and fill @result. Finishing returns when the case and every process that it left
 * behind are gone. The verdict is decided here and nowhere else: a crash, a kill, a hang or an early exit is a fail,
 * silence is an error.
 */
void case_process_start(const struct suite_case *test, const struct case_setting *setting, struct case_run *run);
void case_process_finish(struct case_run *run, struct suite_result *result);

/* Let a case that was started come to its end at once, undone; it must still be finished. */
void case_process_interrupt(const struct case_run *run);

/* Both in one. */
void case_process_run(const struct suite_case *test, const struct case_setting *setting, struct suite_result *result);

#endif
