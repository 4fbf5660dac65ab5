/*
 * Runs that a validation includes: of itself in an emulated machine, of a comparison with a baseline, of the report.
 *
 * None can break the validation: one that could not be run is an inconclusive run with the reason.
 */
#ifndef NUMAPROOF_HARNESS_INCLUDED_RUNS_H
#define NUMAPROOF_HARNESS_INCLUDED_RUNS_H

#include "clause_globs.h"
#include "run.h"

/* Validate @clauses quickly in the emulated @machine; its results go to emulated/@machine in the run's folder. */
void include_emulated(
    struct run *run, const char *machine, const struct clause_globs *clauses, struct other_run *other);

/* Compare with the results in @baseline what this run has written so far. */
void include_baseline(struct run *run, const char *baseline, struct other_run *other);

/*
 * Make report.html of the run's folder, or with @submission all that lets a third party recheck it. False, with the reason in
 * @problem, when there is none.
 */
bool include_report(struct run *run, bool submission, struct problem *problem);

#endif
