/*
 * One case in processes of its own, from fork to verdict.
 */
#ifndef NUMAPROOF_SUITE_CASE_PROCESS_H
#define NUMAPROOF_SUITE_CASE_PROCESS_H

#include "case.h"
#include "suite/suite.h"

/* What a case is run with. */
struct case_setting {
    const char *implementation; /* absolute path; NULL: none is loaded, as the runner's own tests do */
    bool allow_system_changes;
    unsigned limit_seconds;
};

/*
 * Run @test and fill @result. Returns when the case and every process that it left behind are gone. The verdict is
 * decided here and nowhere else: a crash, a kill, a hang or an early exit is a fail, silence is an error.
 */
void case_process_run(const struct suite_case *test, const struct case_setting *setting, struct suite_result *result);

#endif
