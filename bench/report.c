/*
 * What the benchmarks hand out: the end of a report, and the names of its states.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

void bench_report_free(struct bench_report *report)
{
    for (size_t i = 0; i < report->measurement_count; i++)
        free(report->measurements[i].samples);
    free(report->measurements);
    free(report->claims);
    free(report->counters);
    memset(report, 0, sizeof *report);
}

const char *bench_state_name(enum bench_state state)
{
    static const char *const names[] = {[BENCH_CONVERGED] = "converged",
        [BENCH_NOT_CONVERGED] = "not-converged",
        [BENCH_MISPLACED] = "misplaced",
        [BENCH_NOT_RUN] = "not-run"};

    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}
