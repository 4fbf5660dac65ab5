/* What is kept of a row: see api_report.c. */
#ifndef NUMAPROOF_BENCH_API_REPORT_H
#define NUMAPROOF_BENCH_API_REPORT_H

#include "api_rows.h"
#include "paired.h"

/*
 * Append three measurements and a claim: ours, the baseline, their comparison, and whether the bound holds. @width is what
 * was asked of the intervals. Of a speed-up @paired has the two sides the other way round. On an @emulated machine the figures
 * are what they are, and the claim is inconclusive.
 */
np_status api_report_row(struct bench_report *report, const struct api_row *row, const struct paired *paired,
    double width, bool emulated, np_error *error);

#endif
