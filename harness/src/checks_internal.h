/* The single checks, by subject. Each fills verdict, value and fix of a check whose other fields are set. */
#ifndef NUMAPROOF_HARNESS_CHECKS_INTERNAL_H
#define NUMAPROOF_HARNESS_CHECKS_INTERNAL_H

#include "checks.h"

typedef void check_function(struct check *check, const struct facts *facts);

/* checks_machine.c */
check_function check_numa_hardware, check_kernel_numa, check_offline_cpus, check_nodes_without_memory,
    check_uneven_memory;
/* checks_distances.c */
check_function check_distances_declared, check_distances_symmetric, check_distances_measured;
/* checks_rights.c */
check_function check_cap_sys_admin, check_cap_sys_nice, check_cap_ipc_lock, check_hard_mode, check_refusals,
    check_metrics, check_cpuset;
/* checks_settings.c */
check_function check_balancing, check_zone_reclaim, check_transparent_huge_pages, check_perf_events, check_swap;

/* Fill the verdict and the value; the value as printf has it. */
void check_set(struct check *check, enum check_verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fill the fix, as printf has it. */
void check_fix(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
