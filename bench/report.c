/*
 * What the benchmarks hand out: a report that each appends to, and the names of its states.
 *
 * Its arrays grow by doubling, so that their capacity is known from their count and need not be kept beside it.
 */
#include "bench/bench.h"

#include "failure.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more of @size bytes behind @count of them: the array, moved perhaps, or NULL with the old one as it was. */
static void *make_room(void *array, size_t count, size_t size)
{
    bool is_full = (count & (count - 1)) == 0; /* 0 or a power of two. */

    return is_full ? reallocarray(array, count == 0 ? 1 : 2 * count, size) : array;
}

static np_status no_room(const char *what, np_error *error)
{
    return failure(error, NP_ALLOCATION, "no memory for one more %s in the report", what);
}

np_status bench_report_add_measurement(
    struct bench_report *report, const struct bench_measurement *measurement, np_error *error)
{
    struct bench_measurement *room =
        make_room(report->measurements, report->measurement_count, sizeof *report->measurements);

    if (room == NULL) {
        free(measurement->samples);
        free(measurement->histogram);
        return no_room("measurement", error);
    }
    report->measurements = room;
    report->measurements[report->measurement_count++] = *measurement;
    return NP_OK;
}

np_status bench_report_add_claim(struct bench_report *report, const struct bench_claim *claim, np_error *error)
{
    struct bench_claim *room = make_room(report->claims, report->claim_count, sizeof *report->claims);

    if (room == NULL)
        return no_room("claim", error);
    report->claims = room;
    report->claims[report->claim_count++] = *claim;
    return NP_OK;
}

static bool is_known_not_to_count(const struct bench_report *report, const struct bench_counter *counter)
{
    for (size_t i = 0; i < report->counter_count && !counter->counted; i++) {
        const struct bench_counter *other = &report->counters[i];
        if (!other->counted && strcmp(other->name, counter->name) == 0 && strcmp(other->reason, counter->reason) == 0)
            return true;
    }
    return false;
}

np_status bench_report_add_counters(
    struct bench_report *report, const struct bench_counter *counters, size_t count, np_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (is_known_not_to_count(report, &counters[i]))
            continue;
        struct bench_counter *room = make_room(report->counters, report->counter_count, sizeof *report->counters);
        if (room == NULL)
            return no_room("counter", error);
        report->counters = room;
        report->counters[report->counter_count++] = counters[i];
    }
    return NP_OK;
}

void bench_report_free(struct bench_report *report)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        free(report->measurements[i].samples);
        free(report->measurements[i].histogram);
    }
    free(report->measurements);
    free(report->claims);
    free(report->counters);
    memset(report, 0, sizeof *report);
}

bool bench_has_figure(const struct bench_measurement *measurement)
{
    return measurement->state == BENCH_CONVERGED || measurement->state == BENCH_NOT_CONVERGED;
}

const char *bench_state_name(enum bench_state state)
{
    static const char *const names[] = {[BENCH_CONVERGED] = "converged",
        [BENCH_NOT_CONVERGED] = "not-converged",
        [BENCH_MISPLACED] = "misplaced",
        [BENCH_NOT_RUN] = "not-run",
        [BENCH_REFUSED] = "refused"};

    return (size_t)state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}
