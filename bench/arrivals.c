/*
 * Latency as those feel it who send the requests.
 *
 * A benchmark that sends a request when the last one is answered stops sending while the server stalls: of a second's
 * stall it sees one slow request, where a thousand users would have waited. This is called coordinated omission (Gil Tene).
 * So here requests are due at fixed times, which are laid down before the first is sent; who comes late to take one in, for
 * whatever reason, has to count from when it was due.
 *
 * The rate is the same for all that are compared: one whose server is slower is not spared the requests that it did not
 * get round to.
 */
#include "arrivals.h"

#include "statistics.h"

#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What a sleep may last longer than asked: what remains is waited for awake. */
#define OVERSLEEP_NS 60000

#define REQUESTS_LARGEST 20000
#define REQUESTS_FEWEST  16
#define TIMES_AS_LONG    4

static uint64_t real_now(void *closure)
{
    struct timespec now;

    (void)closure;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static void real_wait(uint64_t time_ns, void *closure)
{
    uint64_t now = real_now(closure);

    if (time_ns > now + 2 * OVERSLEEP_NS) {
        uint64_t wake = time_ns - OVERSLEEP_NS;
        struct timespec until = {.tv_sec = (time_t)(wake / 1000000000U), .tv_nsec = (long)(wake % 1000000000U)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    }
    while (real_now(closure) < time_ns)
        sched_yield();
}

const struct arrivals_clock arrivals_real_clock = {.now_ns = real_now, .wait_until = real_wait};

uint64_t arrivals_due(const struct arrivals *arrivals, size_t index)
{
    return arrivals->start_ns + (uint64_t)((double)index * arrivals->gap_ns);
}

void arrivals_run(
    const struct arrivals *arrivals, const struct arrivals_clock *clock, arrivals_issue *issue, void *closure)
{
    for (size_t i = 0; i < arrivals->count; i++) {
        uint64_t due = arrivals_due(arrivals, i);
        clock->wait_until(due, clock->closure);
        issue(i, due, closure);
    }
}

double arrivals_latency(uint64_t due_ns, uint64_t done_ns)
{
    return done_ns > due_ns ? (double)(done_ns - due_ns) : 0;
}

size_t arrivals_count(double gap_ns, size_t lanes, double seconds, double longest)
{
    double count = seconds * 1e9 / gap_ns, most = longest * 1e9 / gap_ns;
    double fewest = ceil(ARRIVALS_FEWEST_P99 / (double)lanes);

    count = fmin(fmax(count, ARRIVALS_FEWEST_P999), most);
    count = fmax(count, fmax(REQUESTS_FEWEST, fmin(fewest, TIMES_AS_LONG * most)));
    return count > REQUESTS_LARGEST ? REQUESTS_LARGEST : (size_t)count;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

bool arrivals_summarize(const double *latencies, size_t n, struct arrivals_summary *summary)
{
    double *sorted = malloc(n * sizeof *sorted);

    if (sorted == NULL)
        return false;
    memcpy(sorted, latencies, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare);
    *summary = (struct arrivals_summary){.n = n,
        .median = statistics_quantile(sorted, n, 0.5),
        .p99 = statistics_quantile(sorted, n, 0.99),
        .p999 = statistics_quantile(sorted, n, 0.999),
        .has_p999 = n >= ARRIVALS_FEWEST_P999,
        .max = sorted[n - 1]};
    free(sorted);
    return true;
}
