/* Why a counter does not count, in words that lead to what mends it: see counter_cause.c. */
#ifndef NUMAPROOF_BENCH_COUNTER_CAUSE_H
#define NUMAPROOF_BENCH_COUNTER_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

/* Say why @step with event @name ended with PAPI's @result. */
void counter_cause(char *text, size_t size, const char *name, const char *step, int result);

/* Whether this machine shows its kernel a unit that counts for the processor's cores. Most virtual machines do not. */
bool counter_has_unit(void);

#endif
