/*
 * Threads at rest, for the cases on idle and on sleeping workers.
 *
 * Sleep shows in what the kernel counts for each thread: one that sleeps neither uses the processor nor is switched to.
 */
#ifndef NUMAPROOF_SUITE_EXECUTOR_REST_H
#define NUMAPROOF_SUITE_EXECUTOR_REST_H

#include "executor_case.h"

/* What the kernel says of all the threads together. */
struct activity {
    uint64_t switches; /* How often they were switched to, so far: one that was not has done nothing. */
    bool asleep;       /* None of them runs, or waits for a processor that others keep busy. */
};
struct activity activity_of(const struct threads *threads);

void pass_milliseconds(long milliseconds);

/* Let them come to rest, as idle workers must: how often they were switched to until then. */
uint64_t rested(const struct threads *threads);

/* Wait until all are seen asleep; the case's time limit judges. */
void await_sleep(const struct threads *threads);

#endif
