/* How long a sample of a pair of CPUs is: see cores.c. */
#ifndef NUMAPROOF_BENCH_CORES_H
#define NUMAPROOF_BENCH_CORES_H

#include <stdbool.h>
#include <stddef.h>

/* Make so many round trips; what they took goes to *@seconds. False when they could not be made. */
typedef bool cores_try(size_t trips, void *closure, double *seconds);

/*
 * How many round trips make a sample. It begins with a few, since a single one can take a tenth of a second where others are at
 * the CPUs, and tries twice as many until they take long enough to go by. 0 when @try_trips failed.
 */
size_t cores_choose_trips(cores_try *try_trips, void *closure);

#endif
