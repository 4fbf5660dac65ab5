/* The one list of counters, all through PAPI: see counters.c. */
#ifndef NUMAPROOF_BENCH_COUNTERS_H
#define NUMAPROOF_BENCH_COUNTERS_H

#include "bench/bench.h"

/* Counters of one measurement, on the thread that measures. */
struct counters;

/*
 * Try every counter of the list, and start those that count. Those that do not are kept, with the cause. NULL, with @error
 * filled, when there is no memory.
 */
struct counters *counters_start(np_error *error);

/*
 * Read and stop them, and append the list to @report with @during as what was measured meanwhile ("" where nothing was);
 * NULL for @report throws it away. NP_ALLOCATION where there is no memory for the list.
 */
np_status counters_stop(struct counters *counters, const char *during, struct bench_report *report, np_error *error);

#endif
