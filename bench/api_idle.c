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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SETTLE_SECONDS 2.0

struct api_idle {
    const struct functions *api;
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

static bool list_workers(struct api_idle *idle, const struct api_machine *machine)
{
    const np_executor_options options = {.mode = (int32_t)idle->mode};
    struct thread_list *before = malloc(sizeof *before);
    bool listed = before != NULL && threads_list(before);
    np_status status =
        listed ? idle->api->executor_create(machine->topology, &options, &idle->executor, &idle->why) : NP_SYSTEM;

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

static bool come_to_rest(struct api_idle *idle, unsigned node)
{
    if (idle->api->executor_submit(idle->executor, node, do_nothing, NULL, &idle->why) != NP_OK ||
        idle->api->executor_wait(idle->executor, NP_NO_TIMEOUT, &idle->why) != NP_OK)
        return false;
    /* One that never sleeps is watched all the same: it is what the watch is for. */
    threads_await_sleep(&idle->workers, SETTLE_SECONDS);
    if (threads_activity(&idle->workers, &idle->before))
        return true;
    failure(&idle->why, NP_SYSTEM, "/proc/self/task does not tell how active the workers are");
    return false;
}

struct api_idle *api_idle_begin(const struct api_machine *machine, np_mode mode, double seconds)
{
    struct api_idle *idle = calloc(1, sizeof *idle);

    if (idle == NULL)
        return NULL;
    idle->api = &machine->api;
    idle->mode = mode;
    idle->seconds = seconds;
    if (list_workers(idle, machine) && come_to_rest(idle, machine->node))
        idle->started = api_now();
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
    snprintf(claim.verdict, sizeof claim.verdict, "%s", !known ? "not-applicable" : switches <= 0 ? "pass" : "fail");
    if (known)
        snprintf(claim.reason, sizeof claim.reason,
            "%.0f context switches, %" PRIu64 " ns on a CPU, of %zu workers in %.1f s", switches,
            after->nanoseconds - idle->before.nanoseconds, idle->workers.count, seconds);
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
    idle->api->executor_destroy(idle->executor, NULL);
    free(idle);
    return status;
}
