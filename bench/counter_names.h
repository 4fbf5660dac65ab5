/* Which counters there could be, by who counts: see counter_names.c. */
#ifndef NUMAPROOF_BENCH_COUNTER_NAMES_H
#define NUMAPROOF_BENCH_COUNTER_NAMES_H

#include <stddef.h>

/* Where the memory is whose accesses an event counts. */
enum counter_place { COUNTER_ANYWHERE, COUNTER_LOCAL, COUNTER_REMOTE };

struct counter_name {
    const char *name; /* As PAPI takes it. */
    const char *unit;
    enum counter_place place;
    const char *units; /* libpfm4's names of the processors' units that have it, with blanks between. */
};

/* The processor's own, of local and remote memory; one micro-architecture's will count, at most. */
extern const struct counter_name processor_counters[];
extern const size_t processor_counter_count;

/* The kernel's, of this process. */
extern const struct counter_name process_counters[];
extern const size_t process_counter_count;

/*
 * Those of a socket's memory controllers and links, which count for all that runs there; they need a CPU of the socket
 * (":cpu=N" behind the name).
 */
extern const struct counter_name socket_counters[];
extern const size_t socket_counter_count;

#endif
