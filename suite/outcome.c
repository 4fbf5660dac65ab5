/*
 * The page between a case and its runner; see outcome.h.
 *
 * The writers may be several threads of the case, or children that it forked, all at once: a flag in the page itself
 * lets one in at a time. Its holder only copies text, so that waiting for it is short.
 */
#include "outcome.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static struct outcome *shared;

void outcome_use(struct outcome *page)
{
    shared = page;
}

void outcome_count_check(void)
{
    if (shared != NULL)
        atomic_fetch_add(&shared->checks, 1);
}

static _Noreturn void say(enum outcome_word word, const char *format, va_list arguments)
{
    if (shared == NULL) {
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        _exit(3);
    }
    while (atomic_flag_test_and_set(&shared->writing))
        sched_yield();
    if ((int)word > atomic_load(&shared->word)) {
        vsnprintf(shared->reason, sizeof shared->reason, format, arguments);
        atomic_store(&shared->word, (int)word);
    }
    atomic_flag_clear(&shared->writing);
    _exit(0);
}

void case_failed(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(OUTCOME_FAILED, format, arguments);
}

void case_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(OUTCOME_ERROR, format, arguments);
}

void case_inconclusive(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(OUTCOME_INCONCLUSIVE, format, arguments);
}

void case_skipped(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(OUTCOME_SKIPPED, format, arguments);
}
