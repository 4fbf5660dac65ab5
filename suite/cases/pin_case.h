/*
 * What the cases on pins share: CPUs to pin to, making a pin, and looking at it through the oracle.
 */
#ifndef NUMAPROOF_SUITE_PIN_CASE_H
#define NUMAPROOF_SUITE_PIN_CASE_H

#include "case.h"

/* The CPUs that this process may use: the n-th from 0 on, and whole as a set. */
unsigned usable_cpu(unsigned n);

/* An id that no CPU of this machine has. */
unsigned absent_cpu(void);

/* Set the calling thread's affinity without the implementation, so that what was before is known and not everything. */
void stand_on(struct ids cpus);

/* The affinity of the calling thread, by the oracle. */
struct ids own_affinity(void);

/* Make a pin that must succeed, and release one. */
np_pin *pinned(struct ids cpus, np_mode mode, np_error *error);
void released(np_pin *pin, np_error *error);

/* Its enforcement, which LAW-4 is checked on, and the CPUs that it says it set. */
np_enforcement pin_level(const np_pin *pin, np_error *error);
struct ids pin_says(const np_pin *pin, np_error *error);

/* A strict pin as it must be: the affinity is @cpus, the thread runs on one of them, and all calls agree. */
void expect_strictly_on(const np_pin *pin, struct ids cpus, np_error *error);

/* A soft pin of which nothing could be had: level none, the affinity still @before. */
void expect_no_pin(const np_pin *pin, struct ids before, np_error *error);

#endif
