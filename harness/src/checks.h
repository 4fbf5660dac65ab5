/*
 * The deployment checklist: what must be so before hard mode can be relied on, one by one.
 *
 * A check looks at facts, says what it found, and names the command that mends it. It changes nothing and tries nothing.
 */
#ifndef NUMAPROOF_HARNESS_CHECKS_H
#define NUMAPROOF_HARNESS_CHECKS_H

#include "facts.h"

#include <stddef.h>

enum check_verdict {
    CHECK_PASS,
    CHECK_WARN,          /* Hard mode works; something costs speed or hides something. */
    CHECK_FAIL,          /* Hard mode cannot be relied on. */
    CHECK_UNKNOWN,       /* It could not be found out. */
    CHECK_NOT_APPLICABLE /* There is nothing to check on this machine. */
};

struct check {
    const char *id;
    const char *title;
    const char *why; /* It matters. */
    enum check_verdict verdict;
    enum weight weight; /* What the thresholds make of it. */
    char value[512];    /* What was found. */
    char fix[512];      /* The command that mends it, empty when nothing is to be mended. */
};

/* How many checks there are; checks_run() fills as many. */
size_t checks_count(void);

/* Their ids, checks_count() of them. Static storage. */
const char *const *checks_ids(void);

void checks_run(struct check *checks, const struct facts *facts);

/* "pass", "warn", "fail", "unknown", "not-applicable". */
const char *check_verdict_name(enum check_verdict verdict);

#endif
