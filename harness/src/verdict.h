/*
 * What a run came to, and why: the answer to the one question that the command is for.
 *
 * Made from evidence alone, in one place: what failed outweighs what could not be run, that outweighs what is missing for hard
 * mode, and the rest is worth a note. A skip is never counted in favour of anything.
 */
#ifndef NUMAPROOF_HARNESS_VERDICT_H
#define NUMAPROOF_HARNESS_VERDICT_H

#include "checks.h"
#include "place.h"
#include "problem.h"

#include <bench/bench.h>
#include <stdbool.h>
#include <suite/suite.h>

/* In order of weight. */
enum verdict_kind {
    VERDICT_PASS,           /* Hard mode can be relied on here. */
    VERDICT_PASS_SOFT_ONLY, /* Soft mode works as it should; the reasons say what hard mode lacks. */
    VERDICT_INCONCLUSIVE,   /* Something that was to be run could not be. */
    VERDICT_FAIL
};

/* What a reason is about, so that programs need not read its text. */
enum reason_part {
    REASON_RUN, /* The run as a whole; it has no id. */
    REASON_CASE,
    REASON_CHECK,
    REASON_FIGURE,
    REASON_CLAIM,
    REASON_PART /* An emulated machine, a comparison, or a part that should have run: see other_run. */
};

enum { VERDICT_REASONS = 32 };

struct verdict {
    enum verdict_kind kind;
    size_t reason_count;
    struct reason {
        enum verdict_kind weight; /* VERDICT_PASS for a note. */
        enum reason_part part;
        char id[PLACE_SIZE]; /* Of the case, check or claim; the figure's or the other run's name. */
        char text[768];
    } reasons[VERDICT_REASONS]; /* Most important first. */
    size_t left_out;            /* Reasons that found no room. */
};

/*
 * What became of a part that leaves neither a report of the suite nor one of the benchmark: a run in an emulated machine, a
 * comparison with a baseline, or a part that should have run and did not.
 */
struct other_run {
    const char *name; /* "emulated machine two-nodes" */
    enum verdict_kind kind;
    char reason[512];
};

/* What is known; a NULL or empty part is not part of this run. */
struct evidence {
    const char *claim; /* What a pass means, with what was found out: the first note. */
    const struct thresholds *thresholds;
    const struct check *checks;
    size_t check_count;
    const struct suite_report *conformance;
    const struct bench_report *measured;
    /* The run is about something else: want of some figures does not make it inconclusive. */
    bool figures_are_incidental;
    const struct other_run *others;
    size_t other_count;
};

void verdict_decide(struct verdict *verdict, const struct evidence *evidence);

/* "run", "case", "check", "figure", "claim", "part". */
const char *verdict_part_name(enum reason_part part);

/* "pass", "pass-soft-only", "inconclusive", "fail"; and back, false for another word. */
const char *verdict_name(enum verdict_kind kind);
bool verdict_from_name(const char *name, enum verdict_kind *kind);

enum exit_status verdict_exit_status(enum verdict_kind kind);

#endif
