/*
 * Expectations: each records both values when it fails, and ends the case.
 *
 * The calls that take an np_error go through the macros that know it: EXPECT_OK, EXPECT_STATUS, EXPECT_REFUSED,
 * EXPECT_INVALID. They fill the record with a pattern before the call and check it after: untouched on NP_OK; on an error
 * the code, an operation and a one-line reason. They expect a variable `error` in scope, as every CASE has.
 */
#ifndef NUMAPROOF_SUITE_EXPECT_H
#define NUMAPROOF_SUITE_EXPECT_H

#include "ids.h"

#include <inttypes.h>
#include <numaproof/numaproof.h>
#include <stdbool.h>

/* Where an expectation stands, and its text. */
struct spot {
    const char *file;
    int line;
    const char *text;
};
#define SPOT(text) (&(const struct spot){__FILE__, __LINE__, text})

/* What the expectations from here on are about, shown when one fails: EXPECT_WITH("list \"%s\"", row->list). */
#define EXPECT_WITH(...) expect_with(__VA_ARGS__)

/* A fact that has no value to show but itself. */
#define EXPECT(condition) expect_true(SPOT(#condition), (condition))

/* EXPECT_INT(count, ==, 3), EXPECT_INT(moved, <=, limit): any comparison of integers. */
#define EXPECT_INT(actual, comparison, expected)                                                                       \
    expect_integers(SPOT(#actual " " #comparison " " #expected), (intmax_t)(actual), #comparison, (intmax_t)(expected))

#define EXPECT_STRING(actual, expected) expect_strings(SPOT(#actual), (actual), (expected))

/* Upper and lower case are the same. */
#define EXPECT_CONTAINS(actual, part) expect_contains(SPOT(#actual), (actual), (part))

/* Two sets of ids (struct ids). */
#define EXPECT_IDS(actual, expected) expect_ids(SPOT(#actual), (actual), (expected))

/* A call that returns an np_status. */
#define EXPECT_STATUS(call, status) expect_status(SPOT(#call), (expect_prepare(error), (call)), (status), error)
#define EXPECT_OK(call)             EXPECT_STATUS(call, NP_OK)

/*
 * A call that must fail and leave the process as it was (LAW-2, LAW-6). It is made twice: after the first everything but
 * the mappings must be as before, after the second the mappings as well, since the C library itself keeps memory from
 * the first use of some things (stacks of threads) and from no later one.
 */
#define EXPECT_REFUSED(call) EXPECT_FAILS_CLEANLY(call, NP_HARD_MODE_UNAVAILABLE)
#define EXPECT_INVALID(call) EXPECT_FAILS_CLEANLY(call, NP_INVALID_ARGUMENT)
#define EXPECT_FAILS_CLEANLY(call, status)                                                                             \
    do {                                                                                                               \
        expect_state_taken();                                                                                          \
        EXPECT_STATUS(call, status);                                                                                   \
        expect_state_kept(SPOT(#call), false);                                                                         \
        EXPECT_STATUS(call, status);                                                                                   \
        expect_state_kept(SPOT(#call), true);                                                                          \
    } while (0)

/* The same around anything: what is between the two leaves the process as it was. */
#define EXPECT_STATE_TAKEN() expect_state_taken()
#define EXPECT_STATE_KEPT()  expect_state_kept(SPOT("the state of the process"), false)

/* The mappings too, since the EXPECT_STATE_KEPT() before it: do it once, that one, do it again, this one. */
#define EXPECT_MAPPINGS_KEPT() expect_state_kept(SPOT("the state of the process"), true)

/* The reason of the last error holds each of these words; upper and lower case are the same. */
#define EXPECT_REASON(...) expect_words(SPOT("reason"), error->reason, (const char *const[]){__VA_ARGS__, NULL})

/* A text names the id, alone ("3") or in a list ("2-5"). */
#define EXPECT_NAMES_ID(text_, id) expect_names_id(SPOT(#text_), (text_), (id))

/* A text holds the number with no digit beside it. */
#define EXPECT_NAMES_NUMBER(text_, number) expect_names_number(SPOT(#text_), (text_), (number))

/* An np_enforcement: its level, and by LAW-4 a reason if and only if that is below strict. */
#define EXPECT_LEVEL(enforcement, level) expect_level(SPOT(#enforcement), (enforcement), (level))

/* Only that it is one that LAW-4 allows. */
#define EXPECT_HONEST(enforcement) expect_honest(SPOT(#enforcement), (enforcement))

void expect_with(const char *format, ...) __attribute__((format(printf, 1, 2)));
void expect_true(const struct spot *spot, bool condition);
void expect_integers(const struct spot *spot, intmax_t actual, const char *comparison, intmax_t expected);
void expect_strings(const struct spot *spot, const char *actual, const char *expected);
void expect_contains(const struct spot *spot, const char *actual, const char *part);
void expect_ids(const struct spot *spot, struct ids actual, struct ids expected);
void expect_prepare(np_error *error);
void expect_status(const struct spot *spot, np_status actual, np_status expected, const np_error *error);
void expect_state_taken(void);
void expect_state_kept(const struct spot *spot, bool mappings);
void expect_words(const struct spot *spot, const char *actual, const char *const *words);
void expect_names_id(const struct spot *spot, const char *text, unsigned id);
void expect_names_number(const struct spot *spot, const char *text, uintmax_t number);
void expect_level(const struct spot *spot, const np_enforcement *enforcement, np_level level);
void expect_honest(const struct spot *spot, const np_enforcement *enforcement);

#endif
