/* Counts that we publish as PAPI's software-defined events: see published.c. */
#ifndef NUMAPROOF_BENCH_PUBLISHED_H
#define NUMAPROOF_BENCH_PUBLISHED_H

#include <stddef.h>

/* Register them with PAPI, which must be set up. Once in a process. */
void published_register(void);

/* Called with each event's name, who counts, and in what; or, where @why_not is not empty, why there is none such. */
typedef void published_visitor(
    const char *name, const char *source, const char *unit, const char *why_not, void *closure);
void published_visit(published_visitor *visit, void *closure);

/* The names of the access counter's events of the CPUs of one node: to its own memory or to all others. */
#define PUBLISHED_NAME 96
enum published_access {
    PUBLISHED_DATA_LOCAL,
    PUBLISHED_DATA_REMOTE,
    PUBLISHED_QUEUE_LOCAL,
    PUBLISHED_QUEUE_REMOTE,
    PUBLISHED_ACCESSES
};
void published_access_name(char name[PUBLISHED_NAME], enum published_access what, unsigned node);

#endif
