/* The one list of counters, all through PAPI: see counters.c. */
#ifndef NUMAPROOF_BENCH_COUNTERS_H
#define NUMAPROOF_BENCH_COUNTERS_H

#include "bench/bench.h"

/* Counters of one measurement, on the thread that measures and those that it starts. */
struct counters;

/*
 * Try every counter of the list, and start those that count. Those that do not are kept, with the cause. NULL, with @error
 * filled, when there is no memory.
 *
 * The first call of a process also puts those that tell local from remote to the proof (counters_control.c).
 */
struct counters *counters_start(np_error *error);

/*
 * Read and stop them, and append the list to @report with @during as what was measured meanwhile ("" where nothing was);
 * NULL for @report throws it away. NP_ALLOCATION where there is no memory for the list.
 */
np_status counters_stop(struct counters *counters, const char *during, struct bench_report *report, np_error *error);

/* For measurements of several parts: what was counted from one reading to the next, by counter. */
size_t counters_count(const struct counters *counters);
const struct bench_counter *counters_at(const struct counters *counters, size_t index);
/* The index of @name, or counters_count() where there is none such or it does not count. */
size_t counters_find(const struct counters *counters, const char *name);
/* What each has counted since they were started, NAN where it does not count; @values has counters_count() places. */
void counters_read(struct counters *counters, double *values);
/* Append those that do not count to @report, with the cause. */
np_status counters_report_absent(const struct counters *counters, struct bench_report *report, np_error *error);
/* Append those that count to @report, with @values as what they counted. */
np_status counters_report(const struct counters *counters, const double *values, const char *during,
    struct bench_report *report, np_error *error);

/* Take a counter off the list of those that count, for this reason. For counters_control.c. */
void counters_disbelieve(struct counters *counters, size_t index, const char *reason);

#endif
