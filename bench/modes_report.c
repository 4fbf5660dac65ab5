/*
 * From runs to figures and claims: each figure of each mode with its interval, their ratio with its own, and what must hold.
 *
 * Ratios are of pairs taken next to one another, strict to soft, so that what the machine does meanwhile falls on both. A single
 * pair has none: its soft run was the first.
 */
#include "modes_internal.h"

#include "arrivals.h"
#include "figures.h"
#include "ratio.h"
#include "statistics.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far the share of remote accesses may be from that of misplaced pages. */
#define SHARE_TOLERANCE 0.02

static const struct {
    const char *name, *unit;
    bool has_ratio;
} figures[MODES_FIGURES] = {
    [MODES_THROUGHPUT] = {"modes throughput", "1/s", true},
    [MODES_MEDIAN] = {"modes latency median", "us", true},
    [MODES_P99] = {"modes latency p99", "us", true},
    [MODES_P999] = {"modes latency p99.9", "us", true},
    [MODES_MISPLACED] = {"modes misplaced pages", "%", false},
    [MODES_REMOTE] = {"modes remote share", "%", false},
};

static const char *const mode_names[] = {[NP_SOFT] = "soft", [NP_STRICT] = "strict"};

static const char *source_of(const struct modes *modes, enum modes_figure figure)
{
    if (figure == MODES_MISPLACED)
        return "move_pages(2), page by page";
    if (figure == MODES_REMOTE)
        return modes->share.is_exact ? "PAPI: access counter of the emulated machine" : "PAPI: processor";
    return "clock_gettime(CLOCK_MONOTONIC)";
}

void modes_set_summary(
    struct bench_measurement *measurement, const struct summary *summary, double width, const char *noise)
{
    figures_take(measurement, summary);
    statistics_noise(summary, width, noise, measurement->noise, sizeof measurement->noise);
    measurement->state = statistics_converged(summary, width) ? BENCH_CONVERGED : BENCH_NOT_CONVERGED;
    if (summary->n < STATISTICS_FEWEST)
        snprintf(measurement->reason, sizeof measurement->reason, "%zu run%s too few for an interval; %d would do",
            summary->n, summary->n == 1 ? " is" : "s are", STATISTICS_FEWEST);
    else if (measurement->state == BENCH_NOT_CONVERGED)
        snprintf(measurement->reason, sizeof measurement->reason,
            "after %zu runs the interval is %.1f%% of the median wide; %.1f%% was asked", summary->n,
            100 * (summary->ci_high - summary->ci_low) / fabs(summary->median), 100 * width);
}

/* The samples that could be told, in a copy that is the caller's. */
static double *copy_known(const double *samples, size_t count, size_t *known)
{
    double *copy = malloc((count + 1) * sizeof *copy);

    *known = 0;
    for (size_t i = 0; copy != NULL && i < count; i++)
        if (!isnan(samples[i]))
            copy[(*known)++] = samples[i];
    return copy;
}

static struct bench_measurement begin_measurement(
    const struct modes *modes, const struct modes_result *result, enum modes_figure figure)
{
    struct bench_measurement measurement = {.initiator = -1, .target = -1};
    bool one_site = !result->scenario.workload->by_executor;
    unsigned work = modes_work(modes, result->scenario.workload);
    char times[32] = "";

    if (one_site)
        measurement.initiator = measurement.target = (int)modes->setting.nodes[0];
    snprintf(measurement.variant, sizeof measurement.variant, "%s", result->scenario.name);
    snprintf(measurement.source, sizeof measurement.source, "%s", source_of(modes, figure));
    if (work > 1)
        snprintf(times, sizeof times, ", %u times over", work);
    snprintf(measurement.detail, sizeof measurement.detail,
        "%s%s; %zu MiB on each of %zu nodes, disturbed on node %u; %s", result->scenario.workload->doc, times,
        modes->setting.bytes >> 20, one_site ? (size_t)1 : modes->setting.node_count, modes->setting.nodes[0],
        modes->sizing.words);
    return measurement;
}

/* Of fewer requests than ARRIVALS_FEWEST_P99 it is little less than the slowest. */
static void say_requests(struct bench_measurement *measurement, size_t requests)
{
    size_t length = strlen(measurement->detail);

    snprintf(measurement->detail + length, sizeof measurement->detail - length, "; of %zu requests a run%s", requests,
        requests < ARRIVALS_FEWEST_P99 ? ", too few for it" : "");
}

static np_status report_side(const struct modes *modes, const struct modes_result *result, np_mode mode,
    enum modes_figure figure, struct bench_report *report, np_error *error)
{
    const struct modes_side *side = &result->sides[mode];
    struct bench_measurement measurement = begin_measurement(modes, result, figure);
    struct summary summary;
    size_t known;

    double *samples = copy_known(side->samples[figure], side->count, &known);
    snprintf(measurement.name, sizeof measurement.name, "%s", figures[figure].name);
    snprintf(measurement.unit, sizeof measurement.unit, "%s", figures[figure].unit);
    if (figure == MODES_P99 && side->requests > 0)
        say_requests(&measurement, side->requests);
    snprintf(measurement.mode, sizeof measurement.mode, "%s", mode_names[mode]);
    if (side->count == 0) {
        measurement.state = side->refused > 0 ? BENCH_REFUSED : BENCH_NOT_RUN;
        snprintf(measurement.reason, sizeof measurement.reason, "%s", side->reason);
    } else if (known > 0 && statistics_summarize(samples, known, &summary)) {
        modes_set_summary(&measurement, &summary, modes->effort.width, result->noise);
        measurement.samples = samples;
        if (side->refused + side->failed > 0) {
            measurement.state = BENCH_NOT_CONVERGED;
            snprintf(measurement.reason, sizeof measurement.reason, "%zu runs were refused and %zu failed: %.180s",
                side->refused, side->failed, side->reason);
        }
    } else {
        /* Nothing counts remote accesses here, which a claim says; or runs had too few requests for a 99.9% quantile. */
        free(samples);
        return NP_OK;
    }
    if (measurement.samples != samples)
        free(samples);
    return bench_report_add_measurement(report, &measurement, error);
}

static np_status report_ratio(const struct modes *modes, const struct modes_result *result, enum modes_figure figure,
    struct bench_report *report, np_error *error)
{
    const struct modes_side *soft = &result->sides[NP_SOFT], *strict = &result->sides[NP_STRICT];
    struct bench_measurement measurement = begin_measurement(modes, result, figure);
    struct random random = {.state = 0x2545f4914f6cdd1d};
    struct ratio ratio;
    size_t n = soft->count;

    if (n < 2 || strict->count != n || soft->refused + soft->failed + strict->refused + strict->failed > 0)
        return NP_OK;
    for (size_t i = 0; i < n; i++)
        if (isnan(soft->samples[figure][i]) || isnan(strict->samples[figure][i]))
            return NP_OK;
    double *quotients = malloc(n * sizeof *quotients);
    if (quotients == NULL ||
        !ratio_of_medians(strict->samples[figure], soft->samples[figure], n, RATIO_QUOTIENT, &random, &ratio)) {
        free(quotients);
        return NP_OK;
    }
    for (size_t i = 0; i < n; i++)
        quotients[i] = strict->samples[figure][i] / soft->samples[figure][i];
    struct summary summary;
    statistics_summarize(quotients, n, &summary);
    summary.median = ratio.value;
    summary.ci_low = ratio.ci_low;
    summary.ci_high = ratio.ci_high;
    modes_set_summary(&measurement, &summary, modes->effort.width, result->noise);
    snprintf(measurement.name, sizeof measurement.name, "%s ratio", figures[figure].name);
    snprintf(measurement.unit, sizeof measurement.unit, "strict/soft");
    snprintf(measurement.source, sizeof measurement.source, "quotient of medians, interval by bootstrap of pairs");
    measurement.samples = quotients;
    return bench_report_add_measurement(report, &measurement, error);
}

np_status modes_claim(struct bench_report *report, const char *id, const char *text, const char *verdict,
    np_error *error, const char *format, ...)
{
    struct bench_claim claim = {0};
    va_list arguments;

    snprintf(claim.id, sizeof claim.id, "%s", id);
    for (char *c = claim.id; *c != '\0'; c++)
        if (*c == ' ' || *c == ',')
            *c = '-';
    snprintf(claim.text, sizeof claim.text, "%s", text);
    snprintf(claim.verdict, sizeof claim.verdict, "%s", verdict);
    va_start(arguments, format);
    vsnprintf(claim.reason, sizeof claim.reason, format, arguments);
    va_end(arguments);
    return bench_report_add_claim(report, &claim, error);
}

static double largest(const double *samples, size_t count)
{
    double most = 0;

    for (size_t i = 0; i < count; i++)
        most = samples[i] > most ? samples[i] : most;
    return most;
}

/* Hard mode keeps its word: not one page elsewhere in any run; and by exact counters, not one access. */
static np_status claim_strict(
    const struct modes *modes, const struct modes_result *result, struct bench_report *report, np_error *error)
{
    const struct modes_side *side = &result->sides[NP_STRICT];
    const char *name = result->scenario.name;
    char id[128], text[256];

    if (side->count == 0)
        return NP_OK;
    double most = largest(side->samples[MODES_MISPLACED], side->count);
    snprintf(id, sizeof id, "modes-strict-in-place-%s", name);
    snprintf(text, sizeof text, "%s: in hard mode every page of the data is where it should be", name);
    np_status status = modes_claim(report, id, text, most == 0 ? "pass" : "fail", error,
        "in %zu runs at most %.2f%% of the pages were elsewhere, before or after", side->count, most);
    if (status != NP_OK || !modes->share.is_exact || !side->has_accesses ||
        result->scenario.steal != NP_STEAL_LOCAL_ONLY)
        return status;
    snprintf(id, sizeof id, "modes-strict-local-%s", name);
    snprintf(text, sizeof text, "%s: in hard mode no access to data or queues goes to another node", name);
    bool none = side->remote_accesses + side->remote_queue_accesses == 0;
    return modes_claim(report, id, text, none ? "pass" : "fail", error,
        "of %.0f accesses to data %.0f were remote, of %.0f to queues %.0f", side->accesses, side->remote_accesses,
        side->queue_accesses, side->remote_queue_accesses);
}

/* What soft mode spilled is what the counters see: shares of accesses and of pages agree. */
static np_status claim_soft(
    const struct modes *modes, const struct modes_result *result, struct bench_report *report, np_error *error)
{
    const struct modes_side *side = &result->sides[NP_SOFT];
    const char *name = result->scenario.name;
    char id[128], text[256];

    if (side->count == 0 || result->scenario.disturbance != DISTURBANCE_FULL || !modes->share.is_exact ||
        !side->has_accesses)
        return NP_OK;
    double remote = side->remote_accesses / side->accesses, expected = side->expected_remote_accesses / side->accesses;
    bool agrees = remote > 0 && fabs(remote - expected) <= SHARE_TOLERANCE;
    snprintf(id, sizeof id, "modes-soft-spill-%s", name);
    snprintf(text, sizeof text, "%s: in soft mode the remote share is that of the misplaced pages, and above 0", name);
    return modes_claim(report, id, text,
        expected == 0 ? "inconclusive"
        : agrees      ? "pass"
                      : "fail",
        error, "%.2f%% of %.0f accesses were remote, %.2f%% by the pages that each node's accesses go to", 100 * remote,
        side->accesses, 100 * expected);
}

static const struct modes_result *find_quiet(
    const struct modes_result *results, size_t count, const struct modes_result *of)
{
    for (size_t i = 0; i < count; i++)
        if (results[i].scenario.workload == of->scenario.workload &&
            results[i].scenario.disturbance == DISTURBANCE_NONE && results[i].scenario.steal == of->scenario.steal)
            return &results[i];
    return NULL;
}

/* Where memory of another node really is slower: what soft mode's spilling costs those who wait longest. */
static np_status claim_spill_costs(const struct modes *modes, const struct modes_result *result,
    const struct modes_result *quiet, struct bench_report *report, np_error *error)
{
    const struct modes_side *side = &result->sides[NP_SOFT], *other = quiet == NULL ? NULL : &quiet->sides[NP_SOFT];
    const struct modes_side *strict = &result->sides[NP_STRICT];
    struct summary spilled, whole;
    char id[128], text[256];

    if (result->scenario.disturbance != DISTURBANCE_FULL || other == NULL || side->count == 0 || other->count == 0 ||
        (modes->virtual_machine && !access_is_delayed()) ||
        !statistics_summarize(side->samples[MODES_P99], side->count, &spilled) ||
        !statistics_summarize(other->samples[MODES_P99], other->count, &whole))
        return NP_OK;
    bool holds =
        strict->count == 0 ? strict->refused > 0 : largest(strict->samples[MODES_MISPLACED], strict->count) == 0;
    snprintf(id, sizeof id, "modes-spill-costs-%s", result->scenario.name);
    snprintf(text, sizeof text, "%s: soft mode's p99 rises as its pages spill; hard mode holds or refuses",
        result->scenario.name);
    struct ratio rise = ratio_of_summaries(&spilled, &whole);
    const char *verdict = !holds                       ? "fail"
                          : rise.n < STATISTICS_FEWEST ? "inconclusive"
                          : rise.ci_high < 1           ? "fail"
                          : rise.ci_low > 1            ? "pass"
                                                       : "inconclusive";
    return modes_claim(report, id, text, verdict, error,
        "soft p99 %.1f us [%.1f, %.1f] quiet, %.1f us [%.1f, %.1f] spilled, x %.2f [%.2f, %.2f]; hard %s", whole.median,
        whole.ci_low, whole.ci_high, spilled.median, spilled.ci_low, spilled.ci_high, rise.value, rise.ci_low,
        rise.ci_high, strict->count == 0 ? "refused" : "held");
}

np_status modes_report(const struct modes *modes, const struct modes_result *results, size_t count,
    struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (int figure = 0; figure < MODES_FIGURES; figure++) {
        for (size_t i = 0; status == NP_OK && i < count; i++) {
            status = report_side(modes, &results[i], NP_SOFT, (enum modes_figure)figure, report, error);
            if (status == NP_OK)
                status = report_side(modes, &results[i], NP_STRICT, (enum modes_figure)figure, report, error);
            if (status == NP_OK && figures[figure].has_ratio)
                status = report_ratio(modes, &results[i], (enum modes_figure)figure, report, error);
        }
    }
    for (size_t i = 0; status == NP_OK && i < count; i++) {
        status = claim_strict(modes, &results[i], report, error);
        if (status == NP_OK)
            status = claim_soft(modes, &results[i], report, error);
        if (status == NP_OK)
            status = claim_spill_costs(modes, &results[i], find_quiet(results, count, &results[i]), report, error);
    }
    return status;
}
