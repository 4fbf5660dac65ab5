/*
 * One run of a workload in one mode: made, verified, driven, verified again, thrown away.
 *
 * Pages are looked at one by one before and after; the larger number of misplaced ones is the run's. The counters are read
 * around the two phases in which it is driven, and the access counter, where there is one, is armed for exactly those.
 */
#include "modes_internal.h"

#include "arrivals.h"
#include "failure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Of what the workload can do at most, undisturbed and in soft mode, arrivals ask for this share: a farther memory, twice or three
 * times as slow, does not overload it yet. On a node with one CPU that most includes the lane's own need of it. */
#define LOAD_SHARE 0.3

/* The best of so many phases tells what a workload can do: others on the machine make one slower, and none faster. */
#define CALIBRATIONS 3

double modes_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

bool modes_is_over(const struct modes *modes)
{
    return !modes->options->emulated && modes_now() >= modes->end;
}

static bool arm(const struct workload_run *run)
{
    struct access_range ranges[WORKLOAD_RANGES_MAX];

    for (size_t i = 0; i < run->range_count; i++)
        ranges[i] = (struct access_range){
            .start = run->ranges[i].start, .bytes = run->ranges[i].bytes, .family = run->ranges[i].family};
    return access_arm_ranges(ranges, run->range_count);
}

uint32_t modes_work(const struct modes *modes, const struct workload *workload)
{
    return modes->delayed ? workload->delayed_work : 1;
}

static struct workload_setting setting_of(
    const struct modes *modes, const struct modes_scenario *scenario, np_mode mode)
{
    struct workload_setting setting = modes->setting;

    setting.mode = mode;
    setting.steal = scenario->steal;
    setting.work = modes_work(modes, scenario->workload);
    return setting;
}

static np_status find_most(struct modes *modes, struct workload_run *run, double *throughput, np_error *error)
{
    np_status status = NP_OK;

    for (int phase = 0; phase < CALIBRATIONS && status == NP_OK; phase++) {
        double now = 0;
        status = workload_saturate(run, modes->effort.saturate_seconds, &now, error);
        *throughput = fmax(*throughput, now);
    }
    return status;
}

np_status modes_calibrate(struct modes *modes, size_t workload, struct bench_report *report, np_error *error)
{
    const struct modes_scenario quiet = {.workload = workloads[workload], .steal = NP_STEAL_LOCAL_ONLY};
    const struct workload_setting setting = setting_of(modes, &quiet, NP_SOFT);
    struct workload_run *run = malloc(sizeof *run);
    double throughput = 0;
    char during[96];

    if (run == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe a run");
    np_status status = workload_open(run, quiet.workload, &setting, error);
    if (status == NP_OK) {
        counters_read(modes->share.counters, modes->before);
        arm(run);
        status = find_most(modes, run, &throughput, error);
        access_disarm();
        counters_read(modes->share.counters, modes->after);
        modes->gap_ns[workload] = throughput > 0 ? 1e9 * (double)run->lane_count / (LOAD_SHARE * throughput) : 0;
        workload_close(run);
    }
    free(run);
    if (status == NP_OK && modes->gap_ns[workload] == 0)
        return failure(error, NP_SYSTEM, "the workload %s served nothing", quiet.workload->name);
    for (size_t i = 0; i < modes->share.count; i++)
        modes->after[i] -= modes->before[i];
    snprintf(during, sizeof during, "modes %s, calibration", quiet.workload->name);
    return status == NP_OK ? counters_report(modes->share.counters, modes->after, during, report, error) : status;
}

/* Drive it in both ways; throughput and latencies, of how many requests, go to @figures and *@requests. */
static np_status drive(
    struct modes *modes, struct workload_run *run, double gap_ns, double *figures, size_t *requests, np_error *error)
{
    size_t count = arrivals_count(gap_ns, run->lane_count, modes->effort.serve_seconds, modes->effort.serve_longest);
    size_t all = count * run->lane_count;
    struct arrivals_summary summary;

    np_status status = workload_saturate(run, modes->effort.saturate_seconds, &figures[MODES_THROUGHPUT], error);
    if (status == NP_OK)
        status = workload_serve(run, count, gap_ns, error);
    if (status == NP_OK && !arrivals_summarize(run->latencies, all, &summary))
        status = failure(error, NP_ALLOCATION, "no memory to sum up %zu latencies", all);
    if (status != NP_OK)
        return status;
    *requests = all;
    figures[MODES_MEDIAN] = summary.median / 1e3;
    figures[MODES_P99] = summary.p99 / 1e3;
    figures[MODES_P999] = summary.has_p999 ? summary.p999 / 1e3 : NAN;
    return NP_OK;
}

static bool keep(struct modes_side *side, const double *figures)
{
    if (side->count == side->capacity) {
        size_t capacity = side->capacity == 0 ? 16 : 2 * side->capacity;
        for (int i = 0; i < MODES_FIGURES; i++) {
            double *samples = realloc(side->samples[i], capacity * sizeof *samples);
            if (samples == NULL)
                return false;
            side->samples[i] = samples;
        }
        side->capacity = capacity;
    }
    for (int i = 0; i < MODES_FIGURES; i++)
        side->samples[i][side->count] = figures[i];
    side->count++;
    return true;
}

/* What the misplaced pages of each node let expect of the accesses from there, which go to all of its pages alike. */
static double expect_remote(const struct workload_run *run, const struct modes_accesses *accesses)
{
    double expected = 0;

    for (size_t i = 0; i < run->range_count; i++) {
        const struct workload_range *range = &run->ranges[i];
        size_t pages, misplaced;
        if (range->family == ACCESS_DATA && range->node < ACCESS_NODES_MAX &&
            workload_count_range(range, &pages, &misplaced))
            expected += accesses->by_initiator[range->node] * (double)misplaced / (double)pages;
    }
    return expected;
}

static void add_counts(struct modes *modes, const struct workload_run *run, struct modes_side *side, double *figures)
{
    struct modes_accesses accesses;

    for (size_t i = 0; i < modes->share.count; i++)
        side->counted[i] += modes->after[i] - modes->before[i];
    figures[MODES_REMOTE] = NAN;
    if (!modes_share_read(&modes->share, modes->before, modes->after, &accesses) || accesses.data <= 0)
        return;
    figures[MODES_REMOTE] = 100 * accesses.remote_data / accesses.data;
    side->has_accesses = true;
    side->accesses += accesses.data;
    side->remote_accesses += accesses.remote_data;
    side->queue_accesses += accesses.queue;
    side->remote_queue_accesses += accesses.remote_queue;
    side->expected_remote_accesses += expect_remote(run, &accesses);
}

/* Drive and verify a workload that has been made. */
static np_status measure(
    struct modes *modes, struct workload_run *run, double gap_ns, struct modes_side *side, np_error *error)
{
    double figures[MODES_FIGURES] = {0};
    size_t pages, before, after;

    if (!workload_count_misplaced(run, &pages, &before))
        return failure(error, NP_SYSTEM, "the kernel does not say where the data's pages are");
    counters_read(modes->share.counters, modes->before);
    if (!arm(run))
        return failure(error, NP_SYSTEM, "the workload has more memory regions than the access counter has windows");
    np_status status = drive(modes, run, gap_ns, figures, &side->requests, error);
    access_disarm();
    counters_read(modes->share.counters, modes->after);
    if (status == NP_OK && run->executor != NULL)
        status = np_executor_health(run->executor, NULL, NULL, error);
    if (status != NP_OK)
        return status;
    if (!workload_count_misplaced(run, &pages, &after))
        return failure(error, NP_SYSTEM, "the kernel no longer says where the data's pages are");
    figures[MODES_MISPLACED] = 100 * (double)(after > before ? after : before) / (double)pages;
    add_counts(modes, run, side, figures);
    return keep(side, figures) ? NP_OK : failure(error, NP_ALLOCATION, "no memory to keep what a run came to");
}

np_status modes_run(struct modes *modes, const struct modes_scenario *scenario, size_t workload, np_mode mode,
    struct modes_side *side, np_error *error)
{
    const struct workload_setting setting = setting_of(modes, scenario, mode);
    struct workload_run *run = malloc(sizeof *run);
    np_error problem = {0};

    if (run == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe a run");
    np_status status = workload_open(run, scenario->workload, &setting, &problem);
    if (status == NP_OK) {
        status = measure(modes, run, modes->gap_ns[workload], side, &problem);
        workload_close(run);
    }
    free(run);
    if (status == NP_OK)
        return NP_OK;
    /* A refusal is a result; what else goes wrong spoils this run, and the others go on. */
    side->refused += status == NP_HARD_MODE_UNAVAILABLE;
    side->failed += status != NP_HARD_MODE_UNAVAILABLE;
    snprintf(side->reason, sizeof side->reason, "%.60s: %.190s", problem.operation, problem.reason);
    return NP_OK;
}
