/* The table of checks, in the order in which an operator mends things: see checks.h. */
#include "checks_internal.h"

#include <stdarg.h>
#include <stdio.h>

static const struct rule {
    const char *id;
    const char *title;
    const char *why;
    check_function *look;
} rules[] = {
    {"numa-hardware", "NUMA hardware",
        "With one node all memory is equally near: there is no locality to lose, and none to prove.",
        check_numa_hardware},
    {"kernel-numa", "Kernel support for NUMA",
        "Without it, or with numa=off, the kernel treats all memory alike and no policy has an effect.",
        check_kernel_numa},
    {"numa-balancing", "Automatic NUMA balancing is off",
        "Balancing moves pages away from where they were put, so that no placement lasts; hard mode refuses under it.",
        check_balancing},
    {"cap-sys-admin", "CAP_SYS_ADMIN", "Hard mode needs it to bind memory strictly.", check_cap_sys_admin},
    {"cap-sys-nice", "CAP_SYS_NICE", "Hard mode needs it to pin threads strictly.", check_cap_sys_nice},
    {"cap-ipc-lock", "CAP_IPC_LOCK",
        "Locked regions need it, or a large enough limit on locked memory; hard mode itself does not.",
        check_cap_ipc_lock},
    {"hard-mode", "Hard mode is detected", "What the library detects decides what an application does at its start.",
        check_hard_mode},
    {"hard-mode-refusals", "Hard-mode refusals are handled",
        "An application that asks for hard mode must get a clear refusal where it cannot have it, and go on in soft "
        "mode.",
        check_refusals},
    {"locality-metrics", "Locality can be observed", "Without these a lost locality shows only as lost speed.",
        check_metrics},
    {"cpuset", "All CPUs and nodes may be used",
        "A cpuset keeps CPUs or nodes from this process: a strict request for them is refused.", check_cpuset},
    {"offline-cpus", "No CPU is offline", "A strict pin to an offline CPU is refused; a node may lack its CPUs.",
        check_offline_cpus},
    {"nodes-without-memory", "Every node has memory", "Threads on a node without memory work on remote memory always.",
        check_nodes_without_memory},
    {"even-memory", "Nodes have like amounts of memory",
        "A node with less memory fills first; a missing or failed module shows here.", check_uneven_memory},
    {"zone-reclaim", "Zone reclaim is off",
        "With it, allocations on a full node stall to reclaim local pages before remote ones are used.",
        check_zone_reclaim},
    {"transparent-huge-pages", "Transparent huge pages can be used",
        "With small pages alone, the cost of address translation mixes with that of remote memory.",
        check_transparent_huge_pages},
    {"perf-events", "Performance counters may be used",
        "They tell local from remote accesses, where the processor counts them.", check_perf_events},
    {"swap", "No swap", "A page that was swapped out loses its place, and its verification its meaning.", check_swap},
    {"distances-declared", "Firmware declares distances",
        "Without its table the kernel makes distances up: 10 for local, 20 for every other node.",
        check_distances_declared},
    {"distances-symmetric", "Declared distances are symmetric",
        "Paths that differ by direction are rare in hardware and common in faulty tables.", check_distances_symmetric},
    {"distances-measured", "Declared distances agree with what was measured",
        "The kernel, and programs, choose the nearest node by what the firmware declares.", check_distances_measured},
};

enum { RULE_COUNT = sizeof(rules) / sizeof(rules[0]) };

size_t checks_count(void)
{
    return RULE_COUNT;
}

const char *const *checks_ids(void)
{
    static const char *ids[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++) {
        ids[i] = rules[i].id;
    }
    return ids;
}

void checks_run(struct check *checks, const struct facts *facts)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        checks[i] = (struct check){.id = rules[i].id, .title = rules[i].title, .why = rules[i].why};
        checks[i].weight = thresholds_weight(facts->thresholds, rules[i].id);
        rules[i].look(&checks[i], facts);
    }
}

const char *check_verdict_name(enum check_verdict verdict)
{
    static const char *const names[] = {
        [CHECK_PASS] = "pass",
        [CHECK_WARN] = "warn",
        [CHECK_FAIL] = "fail",
        [CHECK_UNKNOWN] = "unknown",
        [CHECK_NOT_APPLICABLE] = "not-applicable",
    };
    return names[verdict];
}

void check_set(struct check *check, enum check_verdict verdict, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    check->verdict = verdict;
    vsnprintf(check->value, sizeof(check->value), format, arguments);
    va_end(arguments);
}

void check_fix(struct check *check, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(check->fix, sizeof(check->fix), format, arguments);
    va_end(arguments);
}
