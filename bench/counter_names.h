/* Which counters there could be, by who counts: see counter_names.c. */
#ifndef NUMAPROOF_BENCH_COUNTER_NAMES_H
#define NUMAPROOF_BENCH_COUNTER_NAMES_H

#include <stddef.h>

struct counter_name {
    const char *name; /* As PAPI takes it. */
    const char *unit;
};

/* The processor's own, of local and remote memory; one micro-architecture's will count, at most. */
extern const struct counter_name processor_counters[];
extern const size_t processor_counter_count;

/* The kernel's, of this process. */
extern const struct counter_name process_counters[];
extern const size_t process_counter_count;

#endif
