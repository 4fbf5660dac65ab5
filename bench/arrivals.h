/* Requests that arrive at a fixed rate, whatever the server does: see arrivals.c. */
#ifndef NUMAPROOF_BENCH_ARRIVALS_H
#define NUMAPROOF_BENCH_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Request i is due at start_ns + i * gap_ns. */
struct arrivals {
    uint64_t start_ns;
    double gap_ns;
    size_t count;
};

/* The clock that arrivals are kept to; tests have their own. */
struct arrivals_clock {
    uint64_t (*now_ns)(void *closure);
    void (*wait_until)(uint64_t time_ns, void *closure); /* Returns at once where the time is past. */
    void *closure;
};

/* The machine's: CLOCK_MONOTONIC, which sleeps until shortly before and then gives the CPU to others until it is time. */
extern const struct arrivals_clock arrivals_real_clock;

/* Take in request @index, which was due at @due_ns: serve it, or hand it over to who does. */
typedef void arrivals_issue(size_t index, uint64_t due_ns, void *closure);

uint64_t arrivals_due(const struct arrivals *arrivals, size_t index);

/* Issue every request when it is due, or as soon after as the one before lets it. */
void arrivals_run(
    const struct arrivals *arrivals, const struct arrivals_clock *clock, arrivals_issue *issue, void *closure);

/* What a request took: from when it was due, not from when somebody came to take it in. */
double arrivals_latency(uint64_t due_ns, uint64_t done_ns);

/* The fewest requests of a run that have a 99% quantile, and one of 99.9%; what is reported is the median over many runs. */
#define ARRIVALS_FEWEST_P99  100
#define ARRIVALS_FEWEST_P999 1000

/*
 * Requests of each of @lanes for @seconds at one every @gap_ns: each enough for the 99.9% quantile where that takes no longer
 * than @longest seconds, and all together for that of 99% even where it takes some times as long. Where a busy machine made the
 * rate a slow one there are no more than these, but a few.
 */
size_t arrivals_count(double gap_ns, size_t lanes, double seconds, double longest);

struct arrivals_summary {
    size_t n;
    double median, p99;
    double p999;
    bool has_p999; /* Of fewer than ARRIVALS_FEWEST_P999 requests there is none. */
    double max;
};

/* Sum up @n latencies, at least one. False when there is no memory for it. */
bool arrivals_summarize(const double *latencies, size_t n, struct arrivals_summary *summary);

#endif
