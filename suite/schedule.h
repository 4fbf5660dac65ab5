/*
 * Several cases at a time, their results in order.
 *
 * Cases run side by side as far as they allow it: one that changes the machine, measures time or looks at what the whole
 * machine has runs alone, with nothing before it left and nothing after it begun. Whoever waits for a result gets them in
 * the order of the plan, so that a run with jobs reads as one without.
 */
#ifndef NUMAPROOF_SUITE_SCHEDULE_H
#define NUMAPROOF_SUITE_SCHEDULE_H

#include "case_process.h"
#include "plan.h"

#define SCHEDULE_JOBS 64

struct schedule;

/* Cases of @plan, with at most @jobs at a time (1 to SCHEDULE_JOBS). NULL: no memory. Both are kept by reference. */
struct schedule *schedule_new(const struct plan *plan, const struct case_setting *setting, unsigned jobs);

/* Wait for the next case of the order; false after the last. */
bool schedule_next(struct schedule *schedule, struct suite_result *result);

/* Cases that are still running are ended, and waited for. */
void schedule_free(struct schedule *schedule);

#endif
