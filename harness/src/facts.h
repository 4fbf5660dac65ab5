/*
 * What is true of the machine and of this process, as the kernel's files say: collected once, then only read.
 *
 * The checks, the result file and the tables are all made from these facts. They come from the files of the kernel directly and
 * not through the reference implementation, which is itself under examination. Every path starts at a root that is
 * "" on the machine and a folder of made-up files in tests.
 */
#ifndef NUMAPROOF_HARNESS_FACTS_H
#define NUMAPROOF_HARNESS_FACTS_H

#include "nodes.h"
#include "privileges.h"
#include "probes.h"
#include "problem.h"
#include "process_limits.h"
#include "settings.h"
#include "thresholds.h"

#include <bench/bench.h>
#include <stdbool.h>

struct facts {
    struct nodes nodes;
    struct settings settings;
    struct privileges privileges;
    struct limits limits;
    struct probes probes;
    const struct thresholds *thresholds; /* Never NULL. Not owned. */
    const struct bench_report *measured; /* NULL until something has been measured. Not owned. */
};

/* Read everything below @root, and try out what only trying shows. The machine stays as it is. */
bool facts_collect(struct facts *facts, const char *root, struct problem *problem);
void facts_free(struct facts *facts);

#endif
