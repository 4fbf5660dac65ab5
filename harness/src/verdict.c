/* Weighing the evidence: see verdict.h. */
#include "verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a reason is about: a part, and which of its kind. */
struct subject {
    enum reason_part part;
    const char *id;
};

static const struct subject whole = {REASON_RUN, ""};

static void add(struct verdict *verdict, enum verdict_kind weight, struct subject subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Reasons stand in the order of their weight, those of one weight in the order in which they were added. */
static void add(struct verdict *verdict, enum verdict_kind weight, struct subject subject, const char *format, ...)
{
    struct reason reason = {.weight = weight, .part = subject.part};
    va_list arguments;
    snprintf(reason.id, sizeof(reason.id), "%s", subject.id);
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
            const struct subject subject = {REASON_CHECK, check->id};
            add(verdict, kind_of(check), subject, "%s: %s%s%s", check->title, check->value, fix, check->fix);
        }
    }
}

static void weigh_case(struct verdict *verdict, const struct suite_result *result)
{
    const char *clause = result->clauses[0] != NULL ? result->clauses[0] : "no clause";
    const struct subject subject = {REASON_CASE, result->id};
    if (result->status == SUITE_ERROR) {
        add(verdict, VERDICT_FAIL, subject, "%s: case %s could not be run: %s", clause, result->id, result->reason);
    } else if (result->verdict == SUITE_FAIL) {
        add(verdict, VERDICT_FAIL, subject, "%s: case %s failed: %s", clause, result->id, result->reason);
    } else if (result->verdict == SUITE_INCONCLUSIVE) {
        add(verdict, VERDICT_INCONCLUSIVE, subject, "%s: case %s was inconclusive: %s", clause, result->id,
            result->reason);
    }
}

static void weigh_conformance(struct verdict *verdict, const struct suite_report *report)
{
    for (size_t i = 0; i < report->result_count; i++) {
        weigh_case(verdict, &report->results[i]);
    }
    if (report->passed == 0) {
        add(verdict, VERDICT_INCONCLUSIVE, whole, "no conformance case passed: %zu skipped", report->skipped);
    } else if (report->skipped > 0) {
        add(verdict, VERDICT_PASS, whole, "%zu of %zu conformance cases need what this machine or this user lacks",
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
                char place[PLACE_SIZE];
                const struct subject subject = {REASON_FIGURE, place_words(remote, place)};
                add(verdict, VERDICT_FAIL, subject,
                    "latency from node %d to node %d is %.1f times that of its own memory (%.0f against %.0f %s); "
                    "latency.remote-over-local allows %g",
                    remote->initiator, remote->target, remote->median / local->median, remote->median, local->median,
                    local->unit, most);
            }
        }
    }
}

/* Below these no two samples hold the median between them with 95%. */
enum { FEWEST_SAMPLES = 6 };

/* A figure that did not converge may still be known well enough for what the verdict draws from it. */
static bool tells_something(const struct bench_measurement *cell, const struct thresholds *thresholds)
{
    double width = cell->ci_high - cell->ci_low;
    double middle = cell->median < 0 ? -cell->median : cell->median;
    return cell->state == BENCH_CONVERGED ||
           (cell->n >= FEWEST_SAMPLES && width <= thresholds->widest_interval * middle);
}

struct tally {
    size_t figures, doubtful, telling, refused;
    size_t decided; /* Claims about the machine that hold or do not. */
};

static void weigh_figure(struct verdict *verdict, const struct bench_measurement *cell, const struct evidence *evidence,
    const struct thresholds *thresholds, struct tally *tally)
{
    char place[PLACE_SIZE];
    const struct subject subject = {REASON_FIGURE, place_words(cell, place)};
    if (cell->state == BENCH_MISPLACED) {
        add(verdict, VERDICT_FAIL, subject, "%s was not where it should be: %s", place, cell->reason);
    } else if (cell->state == BENCH_NOT_RUN) {
        add(verdict, evidence->figures_are_incidental ? VERDICT_PASS : VERDICT_INCONCLUSIVE, subject,
            "%s could not be measured: %s", place, cell->reason);
    } else if (cell->state == BENCH_REFUSED) {
        tally->refused++;
    } else {
        tally->figures++;
        tally->doubtful += cell->state == BENCH_NOT_CONVERGED;
        tally->telling += tells_something(cell, thresholds);
    }
}

static void weigh_claims(
    struct verdict *verdict, const struct evidence *evidence, const struct thresholds *thresholds, struct tally *tally)
{
    size_t undecided = 0;
    for (size_t i = 0; i < evidence->measured->claim_count; i++) {
        const struct bench_claim *claim = &evidence->measured->claims[i];
        const struct subject subject = {REASON_CLAIM, claim->id};
        if (strcmp(claim->verdict, "fail") == 0) {
            add(verdict, VERDICT_FAIL, subject, "%s: does not hold: %s", claim->text, claim->reason);
        } else if (strcmp(claim->verdict, "inconclusive") == 0) {
            undecided++;
            add(verdict, VERDICT_PASS, subject, "%s: inconclusive: %s", claim->text, claim->reason);
        }
        bool decided = strcmp(claim->verdict, "pass") == 0 || strcmp(claim->verdict, "fail") == 0;
        tally->decided += decided && !claim->of_the_counting;
    }
    size_t apply = undecided + tally->decided;
    bool too_many = apply > 0 && (double)undecided >= thresholds->undecided_share * (double)apply;
    if (too_many && !evidence->figures_are_incidental) {
        add(verdict, VERDICT_INCONCLUSIVE, whole,
            "%zu of %zu claims could not be decided from the figures; claims.undecided-share is %g", undecided, apply,
            thresholds->undecided_share);
    }
}

static void weigh_measurements(
    struct verdict *verdict, const struct evidence *evidence, const struct thresholds *thresholds)
{
    const struct bench_report *report = evidence->measured;
    struct tally tally = {0};
    for (size_t i = 0; i < report->measurement_count; i++) {
        weigh_figure(verdict, &report->measurements[i], evidence, thresholds, &tally);
    }
    weigh_claims(verdict, evidence, thresholds, &tally);
    if (tally.refused > 0) {
        add(verdict, VERDICT_PASS, whole, "hard mode refused %zu of %zu figures, each with its reason", tally.refused,
            report->measurement_count);
    }
    if (tally.figures + tally.refused == 0) {
        add(verdict, VERDICT_INCONCLUSIVE, whole, "nothing could be measured");
    } else if (tally.figures > 0 && tally.telling == 0 && !evidence->figures_are_incidental) {
        /* A claim has samples and an interval of its own: one that was decided is a result all the same. */
        add(verdict, tally.decided > 0 ? VERDICT_PASS : VERDICT_INCONCLUSIVE, whole,
            "none of %zu figures is known well enough to tell anything: none converged, and figures.widest-interval "
            "allows %g of the median from %d samples or more; measure longer (--seconds), or on a quieter machine",
            tally.figures, thresholds->widest_interval, FEWEST_SAMPLES);
    } else if ((double)tally.doubtful > thresholds->not_converged_share * (double)tally.figures) {
        add(verdict, VERDICT_INCONCLUSIVE, whole,
            "%zu of %zu figures did not converge; figures.not-converged-share allows %g", tally.doubtful, tally.figures,
            thresholds->not_converged_share);
    } else if (tally.doubtful > 0) {
        add(verdict, VERDICT_PASS, whole, "%zu of %zu figures did not converge and are marked", tally.doubtful,
            tally.figures);
    }
}

/* A machine in which hard mode itself was not put to the test says nothing about hard mode. */
static void weigh_other(struct verdict *verdict, const struct other_run *other)
{
    enum verdict_kind weight = other->kind == VERDICT_PASS_SOFT_ONLY ? VERDICT_INCONCLUSIVE : other->kind;
    const struct subject subject = {REASON_PART, other->name};
    add(verdict, weight, subject, "%s: %s: %s", other->name, verdict_name(other->kind), other->reason);
}

void verdict_decide(struct verdict *verdict, const struct evidence *evidence)
{
    *verdict = (struct verdict){0};
    add(verdict, VERDICT_PASS, whole, "%s", evidence->claim);
    if (evidence->conformance != NULL) {
        weigh_conformance(verdict, evidence->conformance);
    }
    if (evidence->measured != NULL) {
        const struct thresholds *thresholds = evidence->thresholds;
        thresholds = thresholds != NULL ? thresholds : &thresholds_default;
        weigh_remote(verdict, evidence->measured, thresholds->remote_over_local);
        weigh_measurements(verdict, evidence, thresholds);
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

const char *verdict_part_name(enum reason_part part)
{
    static const char *const parts[] = {
        [REASON_RUN] = "run",
        [REASON_CASE] = "case",
        [REASON_CHECK] = "check",
        [REASON_FIGURE] = "figure",
        [REASON_CLAIM] = "claim",
        [REASON_PART] = "part",
    };
    return parts[part];
}

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
