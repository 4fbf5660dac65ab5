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

/* Read and stop them. The list goes to @report, which owns it; NULL for @report throws it away. */
void counters_stop(struct counters *counters, struct bench_report *report);

#endif
