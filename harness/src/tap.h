/*
 * The Test Anything Protocol, version 14 (https://testanything.org): a line a case, for prove and its like.
 *
 * What did not pass is "not ok", with both values in a YAML block; what could not be concluded is no pass either. A skip is
 * "ok # SKIP" with its reason, as the protocol has it.
 */
#ifndef NUMAPROOF_HARNESS_TAP_H
#define NUMAPROOF_HARNESS_TAP_H

#include <stddef.h>
#include <stdio.h>
#include <suite/suite.h>

/*
 * The head, once it is known how many lines there will be. What follows is the same in version 13, which is as far as older
 * readers go (TAP::Parser before 3.45).
 */
void tap_begin(FILE *out, unsigned version, size_t total);

/* Case number @number of them, from 1 on. */
void tap_case(FILE *out, size_t number, const struct suite_result *result);

/* There will be no more, and why. */
void tap_give_up(FILE *out, const char *reason);

#endif
