/* Whether a counter that says 0 may be believed: see counters_control.c. */
#ifndef NUMAPROOF_BENCH_COUNTERS_CONTROL_H
#define NUMAPROOF_BENCH_COUNTERS_CONTROL_H

#include "counter_names.h"
#include "counters.h"

/*
 * Put the processor's events of local and remote memory to the proof, the first time in a process by real traffic, and take
 * those off the list that did not see it. @counters are running.
 */
void counters_control(struct counters *counters);

/*
 * Whether an event of @place that counted @local during @loads loads from memory of the thread's own node, and @remote
 * during as many from another's, counts what it says. False with @why filled.
 */
bool control_believes(enum counter_place place, double loads, double local, double remote, char *why, size_t size);

#endif
