/*
 * Where the verdict draws its lines: how uneven is uneven, how slow is too slow, what each check weighs.
 *
 * The defaults are those of share/numaproof/thresholds.conf (harness/thresholds.conf in the tree), which documents each. A
 * file of the user's, given with --thresholds, replaces those that it names. It is read strictly: what is not understood is an
 * error that names file and line, because a threshold that is silently not applied is worse than none.
 */
#ifndef NUMAPROOF_HARNESS_THRESHOLDS_H
#define NUMAPROOF_HARNESS_THRESHOLDS_H

#include "problem.h"

#include <stddef.h>

/* What a check that found something means for the verdict. */
enum weight {
    WEIGHT_AS_FOUND, /* As the check itself says: fail is soft-only, warn is a note. */
    WEIGHT_IGNORE,   /* Nothing. */
    WEIGHT_NOTE,     /* Worth a line. */
    WEIGHT_SOFT_ONLY,
    WEIGHT_FAIL
};

enum { THRESHOLD_CHECKS = 40 };

struct thresholds {
    double uneven_memory_ratio;   /* Most of a node over least of a node. */
    double uneven_memory_mib;     /* Smaller differences are even whatever the ratio. */
    double contradiction_ratio;   /* Measured over measured, against the declared order. */
    double remote_over_local;     /* Slowest remote latency over the local one of the same node. */
    double not_converged_share;   /* Of all figures. */
    double widest_interval;       /* Of a figure that tells something: share of its median. */
    double undecided_share;       /* Of the claims that apply. */
    double baseline_least_change; /* Share of the baseline's median. */
    size_t weight_count;
    struct weighted_check {
        char id[32];
        enum weight weight;
    } weights[THRESHOLD_CHECKS]; /* What the file says of checks. */
    char file[256];              /* Where they are from; empty for the defaults. */
};

extern const struct thresholds thresholds_default;

/* The defaults, with what @file says instead. @checks are the ids that there are, @check_count of them. */
bool thresholds_read(struct thresholds *thresholds, const char *file, const char *const *checks, size_t check_count,
    struct problem *problem);

enum weight thresholds_weight(const struct thresholds *thresholds, const char *check);

/* The numbers one by one, as the file names them. NULL past the last. */
const char *thresholds_number(const struct thresholds *thresholds, size_t index, double *value);

#endif
