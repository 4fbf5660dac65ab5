/*
 * Making accesses take as long as they are declared to.
 *
 * An access is due its cost after the one before it on the same CPU, and does not end earlier. Pacing, unlike waiting for the
 * cost each time, takes the emulation's own time out of the figure, so that declared ratios come out right.
 *
 * An access may also be late, for three reasons, and they are told apart:
 *
 * - A little: the clock is read in steps, and the way back into the guest takes time, so that each wait overshoots by some
 *   100 ns (QEMU 7.2, 2 GHz), which would press every ratio towards 1. Up to a whole cost is made good by the next access.
 * - The host had other work, and the thread of this CPU was off the processor meanwhile: its time on the processor stood
 *   still while the clock went on. The guest did nothing in that time and must not measure it, so it is owed, and
 *   the next accesses make it good by not waiting.
 * - The guest itself did something else: it computed, took an interrupt. That time passed, and the pace goes on from now.
 *
 * A CPU that halts is off the processor too, of its own will: pacer_begin() when it resumes.
 */
#include "pacer.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static uint64_t host_now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static uint64_t host_processor_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

const struct pacer_clock pacer_host_clock = {host_now_ns, host_processor_ns};

void pacer_begin(struct pacer *pacer, const struct pacer_clock *clock)
{
    uint64_t processor = clock->processor_ns();
    pacer->due_ns = clock->now_ns();
    pacer->away_ns = pacer->due_ns - processor;
    pacer->owed_ns = 0;
}

/* Adds what the host has taken since this was last asked. It costs a system call, and so is asked only when it matters. */
static void add_what_the_host_took(struct pacer *pacer, const struct pacer_clock *clock, uint64_t now)
{
    uint64_t away = now - clock->processor_ns();
    if (away > pacer->away_ns)
        pacer->owed_ns += away - pacer->away_ns;
    pacer->away_ns = away;
}

void pacer_wait(struct pacer *pacer, const struct pacer_clock *clock, uint64_t cost_ns)
{
    uint64_t due = pacer->due_ns + cost_ns;
    uint64_t now = clock->now_ns();
    while (now < due)
        now = clock->now_ns();
    uint64_t late = now - due;
    if (late > pacer->owed_ns + cost_ns)
        add_what_the_host_took(pacer, clock, now);
    if (late < pacer->owed_ns)
        pacer->owed_ns = late;
    pacer->due_ns = late <= pacer->owed_ns + cost_ns ? due : now - pacer->owed_ns;
}
