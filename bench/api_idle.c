/*
 * An idle executor costs nothing: its workers sleep, and nobody wakes them.
 *
 * It is built, given one task so that every worker has been up, and left alone for ten seconds, during which the other rows
 * are measured. Then the kernel's counts of context switches and of time on a CPU, of its threads alone, must be what they
 * were: a worker that looked for work once, for whatever reason, shows.
 */
#include "api_idle.h"
#include "failure.h"
#include "threads.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SETTLE_SECONDS 2.0
#define LEAST_SECONDS  0.1

struct api_idle {
    const struct api_machine *machine;
    np_mode mode;
    np_executor *executor;
    struct thread_list workers;
    struct thread_activity before;
    double started, seconds;
    np_error why; /* The reason that it cannot be watched; its code is NP_OK where it can. */
};

static void do_nothing(void *argument)
{
    (void)argument;
}

static bool list_workers(struct api_idle *idle)
{
    const struct api_machine *machine = idle->machine;
    const np_executor_options options = {.mode = (int32_t)idle->mode};
    struct thread_list *before = malloc(sizeof *before);
    bool listed = before != NULL && threads_list(before);
    np_status status =
        listed ? machine->api.executor_create(machine->topology, &options, &idle->executor, &idle->why) : NP_SYSTEM;

    bool found = status == NP_OK && threads_list(&idle->workers);
    if (found)
        threads_subtract(&idle->workers, before);
    else if (!listed || status == NP_OK)
        failure(&idle->why, NP_SYSTEM, "/proc/self/task does not tell the threads");
    /* None that could wake up is no proof that none does. */
    if (found && idle->workers.count == 0)
        failure(&idle->why, NP_SYSTEM, "the executor has no thread of its own to watch");
    free(before);
    return idle->why.code == NP_OK;
}

static bool come_to_rest(struct api_idle *idle)
{
    const struct api_machine *machine = idle->machine;

    if (machine->api.executor_submit(idle->executor, machine->node, do_nothing, NULL, &idle->why) != NP_OK ||
        api_await_all(machine, idle->executor, &idle->why) != NP_OK)
        return false;
    /* One that never sleeps is watched all the same: it is what the watch is for. */
    threads_await_sleep(&idle->workers, fmin(SETTLE_SECONDS, api_seconds_left(machine) / 4));
    if (threads_activity(&idle->workers, &idle->before))
        return true;
    failure(&idle->why, NP_SYSTEM, "/proc/self/task does not tell how active the workers are");
    return false;
}

struct api_idle *api_idle_begin(const struct api_machine *machine, np_mode mode)
{
    struct api_idle *idle = calloc(1, sizeof *idle);

    if (idle == NULL)
        return NULL;
    idle->machine = machine;
    idle->mode = mode;
    if (list_workers(idle) && come_to_rest(idle))
        idle->started = api_now();
    idle->seconds = fmax(LEAST_SECONDS, fmin(API_IDLE_SECONDS, api_seconds_left(machine)));
    return idle;
}

/* The rest of the ten seconds. */
static void watch(const struct api_idle *idle)
{
    double left = idle->seconds * 1e9 - (api_now() - idle->started);

    if (left <= 0)
        return;
    struct timespec rest = {.tv_sec = (time_t)(left / 1e9)};
    rest.tv_nsec = (long)(left - (double)rest.tv_sec * 1e9);
    while (nanosleep(&rest, &rest) != 0)
        continue;
}

static np_status report_activity(
    const struct api_idle *idle, const struct thread_activity *after, struct bench_report *report, np_error *error)
{
    double switches = (double)(after->switches - idle->before.switches), seconds = (api_now() - idle->started) / 1e9;
    bool known = idle->why.code == NP_OK;
    const char *verdict = !known                    ? "not-applicable"
                          : idle->machine->emulated ? "inconclusive"
                          : switches <= 0           ? "pass"
                                                    : "fail";
    struct bench_measurement measurement = {.initiator = -1,
        .target = -1,
        .state = known ? BENCH_CONVERGED : api_state_of(&idle->why),
        .median = switches,
        .ci_low = switches,
        .ci_high = switches,
        .min = switches,
        .max = switches,
        .p99 = switches,
        .n = known};
    struct bench_claim claim = {.is_comparison = true,
        .comparison = {.kind = "count", .ours = switches, .value = switches, .ci_low = switches, .ci_high = switches}};

    snprintf(measurement.name, sizeof measurement.name, "api-idle");
    snprintf(measurement.variant, sizeof measurement.variant, "wake-ups of an idle executor in %g s", idle->seconds);
    snprintf(measurement.mode, sizeof measurement.mode, "%s", api_mode_name(idle->mode));
    snprintf(measurement.unit, sizeof measurement.unit, "switches");
    snprintf(measurement.source, sizeof measurement.source, "/proc/self/task/*/status, context switches");
    snprintf(measurement.reason, sizeof measurement.reason, "%.240s", idle->why.reason);
    snprintf(measurement.detail, sizeof measurement.detail, "%zu workers, %.1f s, %" PRIu64 " ns on a CPU",
        idle->workers.count, seconds, after->nanoseconds - idle->before.nanoseconds);

    memcpy(claim.comparison.measurement, measurement.name, sizeof measurement.name);
    memcpy(claim.comparison.variant, measurement.variant, sizeof measurement.variant);
    memcpy(claim.comparison.mode, measurement.mode, sizeof measurement.mode);
    memcpy(claim.comparison.unit, measurement.unit, sizeof measurement.unit);
    snprintf(claim.id, sizeof claim.id, "api-idle-%s", measurement.mode);
    snprintf(claim.text, sizeof claim.text, "Idle executor, %s: no wake-ups in %g s", measurement.mode, idle->seconds);
    snprintf(claim.verdict, sizeof claim.verdict, "%s", verdict);
    if (known)
        snprintf(claim.reason, sizeof claim.reason,
            "%s%.0f context switches, %" PRIu64 " ns on a CPU, of %zu workers in %.1f s",
            idle->machine->emulated ? API_NOT_JUDGED : "", switches, after->nanoseconds - idle->before.nanoseconds,
            idle->workers.count, seconds);
    else
        snprintf(claim.reason, sizeof claim.reason, "%.240s", idle->why.reason);
    np_status status = bench_report_add_measurement(report, &measurement, error);
    return status == NP_OK ? bench_report_add_claim(report, &claim, error) : status;
}

np_status api_idle_end(struct api_idle *idle, struct bench_report *report, np_error *error)
{
    struct thread_activity after = {0};

    if (idle == NULL)
        return NP_OK;
    if (idle->why.code == NP_OK)
        watch(idle);
    if (idle->why.code == NP_OK && !threads_activity(&idle->workers, &after))
        failure(&idle->why, NP_SYSTEM, "a worker of the idle executor has ended");
    np_status status = report_activity(idle, &after, report, error);
    api_let_go(idle->machine, idle->executor);
    free(idle);
    return status;
}
