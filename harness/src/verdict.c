/* Weighing the evidence: see verdict.h. */
#include "verdict.h"

#include "place.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add(struct verdict *verdict, enum verdict_kind weight, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reasons stand in the order of their weight, those of one weight in the order in which they were added. */
static void add(struct verdict *verdict, enum verdict_kind weight, const char *format, ...)
{
    struct reason reason = {.weight = weight};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason.text, sizeof(reason.text), format, arguments);
    va_end(arguments);
    verdict->kind = weight > verdict->kind ? weight : verdict->kind;
    size_t place = verdict->reason_count;
    while (place > 0 && verdict->reasons[place - 1].weight < weight) {
        place--;
    }
    if (verdict->reason_count == VERDICT_REASONS) {
        verdict->left_out++;
        if (place == VERDICT_REASONS) {
            return;
        }
        verdict->reason_count--;
    }
    memmove(&verdict->reasons[place + 1], &verdict->reasons[place],
        (verdict->reason_count - place) * sizeof(struct reason));
    verdict->reasons[place] = reason;
    verdict->reason_count++;
}

/* What a pass would have meant is the first of the notes, and is of no interest when it is none. */
static void withdraw_claim(struct verdict *verdict)
{
    size_t place = 0;
    while (place < verdict->reason_count && verdict->reasons[place].weight != VERDICT_PASS) {
        place++;
    }
    if (place < verdict->reason_count) {
        verdict->reason_count--;
        memmove(&verdict->reasons[place], &verdict->reasons[place + 1],
            (verdict->reason_count - place) * sizeof(struct reason));
    }
}

static enum verdict_kind kind_of(const struct check *check)
{
    switch (check->weight) {
    case WEIGHT_FAIL:
        return VERDICT_FAIL;
    case WEIGHT_SOFT_ONLY:
        return VERDICT_PASS_SOFT_ONLY;
    case WEIGHT_NOTE:
    case WEIGHT_IGNORE:
        return VERDICT_PASS;
    case WEIGHT_AS_FOUND:
        break;
    }
    return check->verdict == CHECK_FAIL ? VERDICT_PASS_SOFT_ONLY : VERDICT_PASS;
}

static void weigh_checks(struct verdict *verdict, const struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->check_count; i++) {
        const struct check *check = &evidence->checks[i];
        const char *fix = check->fix[0] != '\0' ? "; mend: " : "";
        bool found = check->verdict == CHECK_FAIL || check->verdict == CHECK_WARN;
        if (found && check->weight != WEIGHT_IGNORE) {
            add(verdict, kind_of(check), "%s: %s%s%s", check->title, check->value, fix, check->fix);
        }
    }
}

static void weigh_case(struct verdict *verdict, const struct suite_result *result)
{
    const char *clause = result->clauses[0] != NULL ? result->clauses[0] : "no clause";
    if (result->status == SUITE_ERROR) {
        add(verdict, VERDICT_FAIL, "%s: case %s could not be run: %s", clause, result->id, result->reason);
    } else if (result->verdict == SUITE_FAIL) {
        add(verdict, VERDICT_FAIL, "%s: case %s failed: %s", clause, result->id, result->reason);
    } else if (result->verdict == SUITE_INCONCLUSIVE) {
        add(verdict, VERDICT_INCONCLUSIVE, "%s: case %s was inconclusive: %s", clause, result->id, result->reason);
    }
}

static void weigh_conformance(struct verdict *verdict, const struct suite_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        weigh_case(verdict, &report->results[i]);
    }
    if (report->passed == 0) {
        add(verdict, VERDICT_INCONCLUSIVE, "no conformance case passed: %zu skipped", report->skipped);
    } else if (report->skipped > 0) {
        add(verdict, VERDICT_PASS, "%zu of %zu conformance cases need what this machine or this user lacks",
            report->skipped, report->result_count);
    }
}

/* A node whose remote memory is slower than its own by more than any healthy link makes it. */
static void weigh_remote(struct verdict *verdict, const struct bench_report *report, double most)
{
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *local = &report->measurements[i];
        for (size_t j = 0; j < report->measurement_count && local->initiator == local->target; j++) {
            const struct bench_measurement *remote = &report->measurements[j];
            bool pair = bench_has_figure(local) && bench_has_figure(remote) && strcmp(local->name, "latency") == 0 &&
                        strcmp(remote->name, "latency") == 0 && strcmp(local->variant, remote->variant) == 0 &&
                        local->initiator >= 0 && remote->initiator == local->initiator &&
                        remote->target != local->target;
            if (pair && remote->ci_low > most * local->ci_high) {
                add(verdict, VERDICT_FAIL,
                    "latency from node %d to node %d is %.1f times that of its own memory (%.0f against %.0f %s); "
                    "latency.remote-over-local allows %g",
                    remote->initiator, remote->target, remote->median / local->median, remote->median, local->median,
                    local->unit, most);
            }
        }
    }
}

static void weigh_measurements(
    struct verdict *verdict, const struct bench_report *report, const struct thresholds *thresholds)
{
    size_t figures = 0;
    size_t doubtful = 0;
    size_t refused = 0;
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct bench_measurement *cell = &report->measurements[i];
        char place[PLACE_SIZE];
        if (cell->state == BENCH_MISPLACED) {
            add(verdict, VERDICT_FAIL, "%s was not where it should be: %s", place_words(cell, place), cell->reason);
        } else if (cell->state == BENCH_NOT_RUN) {
            add(verdict, VERDICT_INCONCLUSIVE, "%s could not be measured: %s", place_words(cell, place), cell->reason);
        } else if (cell->state == BENCH_REFUSED) {
            refused++;
        } else {
            figures++;
            doubtful += cell->state == BENCH_NOT_CONVERGED;
        }
    }
    for (size_t i = 0; i < report->claim_count; i++) {
        const struct bench_claim *claim = &report->claims[i];
        if (strcmp(claim->verdict, "fail") == 0) {
            add(verdict, VERDICT_FAIL, "%s: does not hold: %s", claim->text, claim->reason);
        } else if (strcmp(claim->verdict, "inconclusive") == 0) {
            add(verdict, VERDICT_PASS, "%s: inconclusive: %s", claim->text, claim->reason);
        }
    }
    if (refused > 0) {
        add(verdict, VERDICT_PASS, "hard mode refused %zu of %zu figures, each with its reason", refused,
            report->measurement_count);
    }
    if (figures + refused == 0) {
        add(verdict, VERDICT_INCONCLUSIVE, "nothing could be measured");
    } else if ((double)doubtful > thresholds->not_converged_share * (double)figures) {
        add(verdict, VERDICT_INCONCLUSIVE, "%zu of %zu figures did not converge; figures.not-converged-share allows %g",
            doubtful, figures, thresholds->not_converged_share);
    } else if (doubtful > 0) {
        add(verdict, VERDICT_PASS, "%zu of %zu figures did not converge and are marked", doubtful, figures);
    }
}

/* A machine in which hard mode itself was not put to the test says nothing about hard mode. */
static void weigh_other(struct verdict *verdict, const struct other_run *other)
{
    enum verdict_kind weight = other->kind == VERDICT_PASS_SOFT_ONLY ? VERDICT_INCONCLUSIVE : other->kind;
    add(verdict, weight, "%s: %s: %s", other->name, verdict_name(other->kind), other->reason);
}

void verdict_decide(struct verdict *verdict, const struct evidence *evidence)
{
    *verdict = (struct verdict){0};
    add(verdict, VERDICT_PASS, "%s", evidence->claim);
    if (evidence->conformance != NULL) {
        weigh_conformance(verdict, evidence->conformance);
    }
    if (evidence->measured != NULL) {
        const struct thresholds *thresholds = evidence->thresholds;
        thresholds = thresholds != NULL ? thresholds : &thresholds_default;
        weigh_remote(verdict, evidence->measured, thresholds->remote_over_local);
        weigh_measurements(verdict, evidence->measured, thresholds);
    }
    for (size_t i = 0; i < evidence->other_count; i++) {
        weigh_other(verdict, &evidence->others[i]);
    }
    weigh_checks(verdict, evidence);
    if (verdict->kind != VERDICT_PASS) {
        withdraw_claim(verdict);
    }
}

static const char *const names[] = {
    [VERDICT_PASS] = "pass",
    [VERDICT_PASS_SOFT_ONLY] = "pass-soft-only",
    [VERDICT_INCONCLUSIVE] = "inconclusive",
    [VERDICT_FAIL] = "fail",
};

const char *verdict_name(enum verdict_kind kind)
{
    return names[kind];
}

bool verdict_from_name(const char *name, enum verdict_kind *kind)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum verdict_kind)i;
            return true;
        }
    }
    return false;
}

enum exit_status verdict_exit_status(enum verdict_kind kind)
{
    static const enum exit_status statuses[] = {
        [VERDICT_PASS] = STATUS_PASS,
        [VERDICT_PASS_SOFT_ONLY] = STATUS_PASS,
        [VERDICT_INCONCLUSIVE] = STATUS_CANNOT_RUN,
        [VERDICT_FAIL] = STATUS_FAIL,
    };
    return statuses[kind];
}
