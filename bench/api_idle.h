/* Executors that are left alone, to see that they sleep: see api_idle.c. */
#ifndef NUMAPROOF_BENCH_API_IDLE_H
#define NUMAPROOF_BENCH_API_IDLE_H

#include "api_rows.h"

/* How long they are watched, unless the whole may not take so long: then until its end. */
#define API_IDLE_SECONDS 10.0

struct api_idle;

/* Build an executor in @mode, let it come to rest, and begin to watch. NULL only for want of memory. */
struct api_idle *api_idle_begin(const struct api_machine *machine, np_mode mode);

/* Watch until the time is up, and append the figure and the claim to @report. Frees @idle; NULL appends nothing. */
np_status api_idle_end(struct api_idle *idle, struct bench_report *report, np_error *error);

#endif
