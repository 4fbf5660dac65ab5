/* Making accesses take as long as they are declared to: see pacer.c. */
#ifndef NUMAPROOF_PACER_H
#define NUMAPROOF_PACER_H

#include <stdint.h>

/* What tells the time; a test has its own. */
struct pacer_clock {
    uint64_t (*now_ns)(void);       /* Of the wall, as the guest sees it. */
    uint64_t (*processor_ns)(void); /* How long the calling thread has run on a processor of the host. */
};

/* The pace of one emulated CPU. */
struct pacer {
    uint64_t due_ns;  /* When the last access ended, or should have. */
    uint64_t away_ns; /* How long the thread had been off the processor when it was last asked for. */
    uint64_t owed_ns; /* How much the host took, and has not been made good yet. */
};

/* The clock of the host; processor_ns is that of the calling thread. */
extern const struct pacer_clock pacer_host_clock;

/* Begin anew: what was before does not count. */
void pacer_begin(struct pacer *pacer, const struct pacer_clock *clock);

/* Wait until an access that costs @cost_ns may end. */
void pacer_wait(struct pacer *pacer, const struct pacer_clock *clock, uint64_t cost_ns);

#endif
