/*
 * Which cases a run has, and in which order.
 *
 * The chosen cases stand in the order of their lists; a plan adds rounds, each with an order of its own where they are
 * shuffled. The order follows from the seed alone, on every machine, so that a failure that depends on it can be had again.
 */
#ifndef NUMAPROOF_SUITE_PLAN_H
#define NUMAPROOF_SUITE_PLAN_H

#include "case.h"
#include "suite/suite.h"

struct plan {
    const struct suite_case **chosen; /* in the order of their lists; the plan's own */
    size_t count;                     /* of the chosen */
    size_t rounds;
    size_t *order; /* rounds x count indices into @chosen, round after round; the plan's own */
};

/*
 * Fill @plan from @options; NP_INVALID_ARGUMENT for a glob that matches no clause. What it holds is freed by plan_free(),
 * also after an error.
 */
np_status plan_make(const struct suite_options *options, struct plan *plan, np_error *error);
void plan_free(struct plan *plan);

/* Say in @error that there is no run, and why; returns @status. */
np_status plan_refuse(np_error *error, np_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
