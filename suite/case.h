/*
 * Writing a case. One header to include, and this page to read.
 *
 *     CASE(pin_strict_without_nice, "a strict pin without CAP_SYS_NICE is refused, named, and changes nothing",
 *         CLAUSES("PIN-4", "LAW-2", "LAW-5"), NEEDS(.cpus = 1))
 *     {
 *         np_pin *pin = NULL;
 *         np_cpuset set = cpuset_of(0);
 *
 *         fault_drop_capability(CAP_SYS_NICE);
 *         EXPECT_REFUSED(api->pin_to_cpus(&set, NP_STRICT, &pin, error));
 *         EXPECT_REASON("CAP_SYS_NICE");
 *     }
 *
 * and at the end of the file the list that cases.c joins, a case that is not in it does not compile:
 *
 *     CASE_LIST(pin_cases, &pin_strict_without_nice, ...);
 *
 * - The sentence says what holds of whoever passes. The first clause is the one that the case is about.
 * - NEEDS() takes the members of struct needs; NEEDS_NOTHING runs anywhere. An unmet need is a skip with its reason.
 * - The body runs in a process of its own, which ends with it: no clean-up is needed for anything that dies with a process,
 *   and the runner undoes every fault.
 * - `api` is the implementation under test; nothing else of it may be called. `error` is an np_error * for the case's
 *   calls, which the EXPECT_ macros prepare and check: untouched after NP_OK, complete after an error.
 * - A failed expectation ends the case at once. A case that returns without having expected anything is an error.
 * - What is true is asked of the oracle (oracle.h), never of the implementation.
 */
#ifndef NUMAPROOF_SUITE_CASE_H
#define NUMAPROOF_SUITE_CASE_H

#include "expect.h"
#include "fault.h"
#include "implementation.h"
#include "needs.h"
#include "oracle.h"
#include "outcome.h"
#include "values.h"

#include <stdio.h>
#include <string.h>
#include <sys/capability.h>

struct suite_case {
    const char *id;
    const char *meaning;
    const char *const *clauses; /* NULL-terminated */
    struct needs needs;
    void (*run)(const struct suite_case *self, np_error *error);
    const void *parameter;  /* of a generated case */
    unsigned limit_seconds; /* 0: the runner's own */
    bool alone;             /* Measures time, or looks at what the whole machine has: no other case runs beside it. */
};

struct case_list {
    const char *name;
    size_t count;
    const struct suite_case *const *cases;
};

#define CLAUSES(...)                                                                                                   \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }
#define NEEDS(...)                                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define NEEDS_NOTHING NEEDS(.nodes = 1)

/* More members of struct suite_case may follow @needs_: .limit_seconds = 30, .alone = true, .parameter = &row. */
#define CASE(name, sentence, clauses_, ...)                                                                            \
    static void run_##name(const struct suite_case *self, np_error *error);                                            \
    static const struct suite_case name = {                                                                            \
        .id = #name, .meaning = sentence, .clauses = clauses_, .run = run_##name, .needs = __VA_ARGS__};               \
    static void run_##name(                                                                                            \
        const struct suite_case *self __attribute__((unused)), np_error *error __attribute__((unused)))

#define CASE_LIST(list, ...)                                                                                           \
    static const struct suite_case *const list##_members[] = {__VA_ARGS__};                                            \
    const struct case_list list = {                                                                                    \
        .name = #list, .count = sizeof list##_members / sizeof list##_members[0], .cases = list##_members}

/* The lists of all files, NULL-terminated; cases.c. */
extern const struct case_list *const all_cases[];

#endif
