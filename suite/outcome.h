/*
 * How a case says what it came to, from anywhere inside it.
 *
 * A case runs in a process of its own and shares one page with the runner. Each function here writes to that page and
 * ends the process at once, so that nothing after a failure can soften it, and the runner undoes the faults in the one way
 * it undoes them after a crash. From a child that the case itself forked they end that child only: the verdict stands
 * for the whole case all the same. The graver verdict wins over the lighter, the first over a later one of the same weight.
 */
#ifndef NUMAPROOF_SUITE_OUTCOME_H
#define NUMAPROOF_SUITE_OUTCOME_H

#include <stdatomic.h>
#include <stdbool.h>

/* What was said, from the lightest to the gravest. */
enum outcome_word { OUTCOME_NOTHING, OUTCOME_SKIPPED, OUTCOME_INCONCLUSIVE, OUTCOME_ERROR, OUTCOME_FAILED };

/* The shared page. */
struct outcome {
    atomic_flag writing;
    _Atomic int word;    /* An outcome_word. */
    atomic_uint checks;  /* How many expectations were really evaluated. */
    atomic_bool arrived; /* The case returned from its last line. */
    char reason[1024];
};

/* Where this process writes; set once by the runner in the child. */
void outcome_use(struct outcome *page);

/* An expectation is about to be evaluated. */
void outcome_count_check(void);

/* The implementation is wrong: what was expected, what was seen. */
_Noreturn void case_failed(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The suite could not do its own work: a broken oracle or fault, never the implementation's fault. */
_Noreturn void case_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* It ran, and the machine lets nothing be concluded. */
_Noreturn void case_inconclusive(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A need is not met here: which one, what was wanted, what there is. */
_Noreturn void case_skipped(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
