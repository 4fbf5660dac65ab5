/*
 * What a case needs of the machine, of this process and of the run, said as data so that it can be listed, and checked
 * in one place. A case whose needs are not met is skipped with the first unmet one as the reason.
 */
#ifndef NUMAPROOF_SUITE_NEEDS_H
#define NUMAPROOF_SUITE_NEEDS_H

#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Capability n (CAP_SYS_NICE, ...) as a bit of needs.capabilities. */
#define CAPABILITY(n) (UINT64_C(1) << (n))

/* All zero: runs anywhere. */
struct needs {
    unsigned nodes;               /* at least so many online */
    unsigned nodes_at_most;       /* 0: no limit */
    unsigned memory_nodes;        /* at least so many with memory that this process may use */
    unsigned cpus;                /* at least so many that this process may use */
    unsigned cpus_per_node;       /* at least so many usable on each node that has any */
    bool memory_where_cpus;       /* each node with CPUs that this process may use has memory that it may use */
    bool node_without_cpus;       /* at least one */
    bool node_without_memory;     /* at least one */
    bool gap_in_nodes;            /* an id lower than the highest is no node */
    bool declared_figures;        /* firmware declares latency or bandwidth (HMAT) */
    bool root;                    /* effective user 0 */
    uint64_t capabilities;        /* effective in this process */
    bool balancing_off;           /* kernel.numa_balancing is 0 or absent, or may be switched off for the case */
    bool plain_memory;            /* not built with a sanitizer, which maps memory of its own */
    bool access_counter;          /* of an emulated machine, which this case then has to itself */
    unsigned faults;              /* fault_kind bits that can be injected here */
    uint64_t free_bytes;          /* available on the whole machine */
    uint64_t free_bytes_per_node; /* free on each node with memory */
};

/* What a strict operation needs by the table of the contract's part 1. */
#define NEEDS_STRICT_PIN    .capabilities = CAPABILITY(CAP_SYS_NICE)
#define NEEDS_STRICT_REGION .capabilities = CAPABILITY(CAP_SYS_ADMIN), .balancing_off = true
#define NEEDS_STRICT_EXECUTOR                                                                                          \
    .capabilities = CAPABILITY(CAP_SYS_NICE) | CAPABILITY(CAP_SYS_ADMIN), .balancing_off = true,                       \
    .memory_where_cpus = true

/*
 * Whether this process, here and now, has what @needs says; false with the first unmet need in @reason. Looks at the
 * machine through the oracle: to be called in the case's own process.
 */
bool needs_are_met(const struct needs *needs, bool allow_system_changes, char *reason, size_t size);

/* All needs in words, "2 nodes, CAP_SYS_NICE"; "nothing" where there is none. */
void needs_describe(const struct needs *needs, char *text, size_t size);

#endif
