/* What disturbed a measurement, by its cause where that can be seen: see noise.c. */
#ifndef NUMAPROOF_BENCH_NOISE_H
#define NUMAPROOF_BENCH_NOISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOISE_SIZE 384 /* Of the words for all causes at once. */

/* Counts of the machine and of this process at one moment. */
struct noise_mark {
    double seconds;                                   /* Monotonic. */
    double busy_seconds, steal_seconds, used_seconds; /* Of all CPUs; of them stolen; of all our threads. */
    double cpus;
    uint64_t pages_swapped, throttled;
    bool is_virtual;
    double probe_ns; /* Of a fixed run of dependent additions: what the clock rate makes of it. */
};

/* Look now; takes about a millisecond. */
void noise_look(struct noise_mark *mark);

/*
 * Say what disturbed us between two looks: stolen time, load that is not ours, swapping, thermal limits, another clock
 * rate; and of a virtual machine that what disturbs it is not all seen. False, and @words empty, where there was nothing
 * worth a word.
 */
bool noise_causes(const struct noise_mark *from, const struct noise_mark *to, char *words, size_t size);

#endif
