/* Who this process is and what it may do. */
#ifndef NUMAPROOF_HARNESS_PRIVILEGES_H
#define NUMAPROOF_HARNESS_PRIVILEGES_H

#include "problem.h"

#include <numaproof/set.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/capability.h>

struct privileges {
    unsigned uid;       /* The effective user. */
    uint64_t effective; /* Bit i is capability number i. */
    np_cpuset cpus;     /* Where the kernel lets this process run: its affinity, within its cpuset. */
    np_nodeset nodes;   /* The nodes that its cpuset lets it take memory from. */
};

/* From /proc/self/status below @root. */
bool privileges_read(struct privileges *privileges, const char *root, struct problem *problem);

bool privileges_have(const struct privileges *privileges, cap_value_t capability);

#endif
