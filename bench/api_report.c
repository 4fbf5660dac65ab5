/*
 * From a row that was measured to what is kept of it: the figures of both sides and of their comparison, with all samples, and the
 * claim that the bound holds.
 */
#include "api_report.h"

#include "failure.h"
#include "figures.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *api_mode_name(np_mode mode)
{
    return mode == NP_STRICT ? "strict" : "soft";
}

enum bench_state api_state_of(const np_error *why)
{
    return why->code == NP_HARD_MODE_UNAVAILABLE ? BENCH_REFUSED : BENCH_NOT_RUN;
}

void api_claim_id(struct bench_claim *claim, const char *name, const char *mode)
{
    size_t length = 0, limit = sizeof claim->id - 1;
    char words[192];

    snprintf(words, sizeof words, "api-%s%s%s", name, mode[0] != '\0' ? "-" : "", mode);
    for (const char *next = words; *next != '\0' && length < limit; next++)
        if (*next != ',')
            claim->id[length++] = (char)(*next == ' ' ? '-' : *next);
    claim->id[length] = '\0';
}

static bool has_figure(const struct paired *paired)
{
    return paired->state == BENCH_CONVERGED || paired->state == BENCH_NOT_CONVERGED;
}

static const char *kind_of(const struct api_row *row)
{
    return row->kind == RATIO_DIFFERENCE ? "difference" : row->speed_up ? "speed-up" : "ratio";
}

/* "pin and release, soft: at most 1.25 times sched_getaffinity, ..." */
static void word_claim(struct bench_claim *claim, const struct api_row *row)
{
    const char *side = row->bound.kind == RATIO_AT_MOST ? "at most" : "at least";
    const char *mode = row->in_modes ? api_mode_name(row->mode) : "";
    const char *comma = row->in_modes ? ", " : "";

    if (row->kind == RATIO_DIFFERENCE)
        snprintf(claim->text, sizeof claim->text, "%s%s%s: %s %g ns more than %s", row->name, comma, mode, side,
            row->bound.value, row->baseline);
    else
        snprintf(claim->text, sizeof claim->text, "%s%s%s: %s %g times %s%s", row->name, comma, mode, side,
            row->bound.value, row->speed_up ? "as fast as " : "", row->baseline);
    api_claim_id(claim, row->name, mode);
}

static void judge(struct bench_claim *claim, const struct api_row *row, const struct paired *paired, bool emulated)
{
    const struct ratio *ratio = &paired->ratio;
    struct bench_comparison *comparison = &claim->comparison;

    claim->is_comparison = true;
    word_claim(claim, row);
    *comparison = (struct bench_comparison){.ours = row->speed_up ? ratio->baseline : ratio->ours,
        .baseline = row->speed_up ? ratio->ours : ratio->baseline,
        .value = ratio->value,
        .ci_low = ratio->ci_low,
        .ci_high = ratio->ci_high,
        .at_least = row->bound.kind == RATIO_AT_LEAST,
        .bound = row->bound.value};
    snprintf(comparison->measurement, sizeof comparison->measurement, "api");
    snprintf(comparison->variant, sizeof comparison->variant, "%s", row->name);
    snprintf(comparison->mode, sizeof comparison->mode, "%s", row->in_modes ? api_mode_name(row->mode) : "");
    snprintf(comparison->unit, sizeof comparison->unit, "ns");
    snprintf(comparison->kind, sizeof comparison->kind, "%s", kind_of(row));
    if (!has_figure(paired)) {
        snprintf(claim->verdict, sizeof claim->verdict, "not-applicable");
        snprintf(claim->reason, sizeof claim->reason, "not run: %.240s", paired->reason);
        return;
    }
    enum ratio_answer answer = emulated ? RATIO_INCONCLUSIVE : ratio_judge(ratio, row->bound);
    snprintf(claim->verdict, sizeof claim->verdict, "%s", ratio_verdict(answer));
    snprintf(claim->reason, sizeof claim->reason, "%sours %.1f ns, baseline %.1f ns, %s %.3f [%.3f, %.3f], %s %g",
        emulated ? API_NOT_JUDGED : "", comparison->ours, comparison->baseline, comparison->kind, ratio->value,
        ratio->ci_low, ratio->ci_high, comparison->at_least ? "at least" : "at most", row->bound.value);
}

/* One side's samples, or their comparison, as a measurement. */
static void describe(struct bench_measurement *measurement, const struct api_row *row, const struct paired *paired,
    const char *name, const char *unit)
{
    *measurement = (struct bench_measurement){.initiator = -1, .target = -1, .state = paired->state};
    snprintf(measurement->name, sizeof measurement->name, "%s", name);
    snprintf(measurement->variant, sizeof measurement->variant, "%s", row->name);
    snprintf(measurement->mode, sizeof measurement->mode, "%s", row->in_modes ? api_mode_name(row->mode) : "");
    snprintf(measurement->unit, sizeof measurement->unit, "%s", unit);
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->reason, sizeof measurement->reason, "%s", paired->reason);
    snprintf(measurement->detail, sizeof measurement->detail, "baseline: %.200s; in turns, A B B A", row->baseline);
}

static np_status add_side(struct bench_report *report, const struct api_row *row, const struct paired *paired,
    const double *samples, const char *name, double width, np_error *error)
{
    struct bench_measurement measurement;
    struct summary summary;

    describe(&measurement, row, paired, name, "ns");
    if (!has_figure(paired))
        return bench_report_add_measurement(report, &measurement, error);
    measurement.samples = malloc(paired->pairs * sizeof *samples);
    if (measurement.samples == NULL || !statistics_summarize(samples, paired->pairs, &summary)) {
        free(measurement.samples);
        return failure(error, NP_ALLOCATION, "no memory for %zu samples of %s", paired->pairs, row->name);
    }
    memcpy(measurement.samples, samples, paired->pairs * sizeof *samples);
    figures_take(&measurement, &summary);
    statistics_noise(&summary, width, paired->noise, measurement.noise, sizeof measurement.noise);
    measurement.state = statistics_converged(&summary, width) ? BENCH_CONVERGED : BENCH_NOT_CONVERGED;
    measurement.reason[0] = '\0';
    if (measurement.state == BENCH_NOT_CONVERGED)
        snprintf(measurement.reason, sizeof measurement.reason,
            "after %zu pairs the interval is %.1f%% of the median wide; %.1f%% was asked", paired->pairs,
            100 * (summary.ci_high - summary.ci_low) / summary.median, 100 * width);
    return bench_report_add_measurement(report, &measurement, error);
}

static np_status add_ratio(
    struct bench_report *report, const struct api_row *row, const struct paired *paired, np_error *error)
{
    struct bench_measurement measurement;

    bool difference = row->kind == RATIO_DIFFERENCE;

    describe(&measurement, row, paired, difference ? "api-difference" : "api-ratio", difference ? "ns" : "ratio");
    if (has_figure(paired)) {
        double least = INFINITY, most = -INFINITY;
        measurement.samples = malloc(paired->pairs * sizeof *measurement.samples);
        for (size_t i = 0; measurement.samples != NULL && i < paired->pairs; i++) {
            double of_pair = row->kind == RATIO_QUOTIENT ? paired->ours[i] / paired->baseline[i]
                                                         : paired->ours[i] - paired->baseline[i];
            measurement.samples[i] = of_pair;
            least = fmin(least, of_pair);
            most = fmax(most, of_pair);
        }
        if (measurement.samples == NULL)
            return failure(error, NP_ALLOCATION, "no memory for %zu ratios of %s", paired->pairs, row->name);
        struct summary pairs;
        if (!statistics_summarize(measurement.samples, paired->pairs, &pairs)) {
            free(measurement.samples);
            return failure(error, NP_ALLOCATION, "no memory to sum up %zu ratios of %s", paired->pairs, row->name);
        }
        figures_take(&measurement, &pairs);
        snprintf(measurement.noise, sizeof measurement.noise, "%s", paired->noise);
        measurement.median = paired->ratio.value;
        measurement.ci_low = paired->ratio.ci_low;
        measurement.ci_high = paired->ratio.ci_high;
    }
    return bench_report_add_measurement(report, &measurement, error);
}

np_status api_report_row(struct bench_report *report, const struct api_row *row, const struct paired *paired,
    double width, bool emulated, np_error *error)
{
    struct bench_claim claim = {0};
    const double *ours = row->speed_up ? paired->baseline : paired->ours;
    const double *baseline = row->speed_up ? paired->ours : paired->baseline;
    np_status status = add_side(report, row, paired, ours, "api", width, error);

    if (status == NP_OK)
        status = add_side(report, row, paired, baseline, "api-baseline", width, error);
    if (status == NP_OK)
        status = add_ratio(report, row, paired, error);
    judge(&claim, row, paired, emulated);
    return status == NP_OK ? bench_report_add_claim(report, &claim, error) : status;
}
