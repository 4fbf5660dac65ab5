/* A build without the measurements says so, by name. */
#include <bench/bench.h>
#include <stdio.h>

np_status bench_latency(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    (void)options;
    *report = (struct bench_report){0};
    error->code = NP_NOT_AVAILABLE;
    snprintf(error->operation, sizeof(error->operation), "latency");
    snprintf(error->reason, sizeof(error->reason), "this build of numaproof has no measurements");
    return NP_NOT_AVAILABLE;
}

void bench_report_free(struct bench_report *report)
{
    (void)report;
}

const char *bench_state_name(enum bench_state state)
{
    (void)state;
    return "not-run";
}
