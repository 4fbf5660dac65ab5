/*
 * Soft regions: in each case that strict refuses, a usable region and the truth (MEM-8, LAW-3, LAW-4).
 */
#include "region_case.h"

#include <errno.h>
#include <sys/syscall.h>

static np_policy bind_to(unsigned node)
{
    return policy_of(NP_POLICY_BIND, ids_of(node));
}

/* A soft region that must be usable and honest; its enforcement is returned. */
static np_enforcement usable_soft(np_policy policy, struct ids nodes, np_prefault prefault, np_error *error)
{
    np_region *region = region_made(REGION_BYTES, NP_SOFT, policy, prefault, error);
    np_enforcement enforcement = region_level(region, error);

    expect_truthful(region, nodes, error);
    expect_usable(region, REGION_BYTES);
    api->region_release(region);
    return enforcement;
}

CASE(region_soft_ordinary, "soft with everything granted: usable, and strict only where the oracle agrees",
    CLAUSES("MEM-8", "LAW-3", "LAW-4"), NEEDS_NOTHING)
{
    struct ids one = ids_of(first_memory_node()), all = usable_memory_nodes();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        usable_soft(bind_to(first_memory_node()), one, (np_prefault)prefault, error);
        usable_soft(policy_of(NP_POLICY_PREFERRED, one), one, (np_prefault)prefault, error);
        usable_soft(policy_of(NP_POLICY_INTERLEAVE, all), all, (np_prefault)prefault, error);
        usable_soft(policy_of(NP_POLICY_LOCAL, ids_none()), all, (np_prefault)prefault, error);
    }
}

CASE(region_soft_untouched_is_not_strict, "soft local without prefault stands under no policy: never reported strict",
    CLAUSES("LAW-4"), NEEDS_NOTHING)
{
    np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());
    np_region *region = region_made(REGION_BYTES, NP_SOFT, local, NP_PREFAULT_NONE, error);

    EXPECT_INT(region_level(region, error).level, !=, NP_LEVEL_STRICT);
}

CASE(region_soft_absent_node, "soft bind to an absent node: a usable region, not strict, and the node named",
    CLAUSES("MEM-8", "LAW-3", "LAW-4"), NEEDS_NOTHING)
{
    unsigned gone = absent_node();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_enforcement enforcement = usable_soft(bind_to(gone), ids_of(gone), (np_prefault)prefault, error);
        EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
        EXPECT_NAMES_ID(enforcement.reason, gone);
        struct ids both = ids_of(first_memory_node(), gone);
        enforcement = usable_soft(policy_of(NP_POLICY_BIND, both), both, (np_prefault)prefault, error);
        EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
        EXPECT_NAMES_ID(enforcement.reason, gone);
    }
}

CASE(region_soft_without_memory, "soft bind to a node without memory: a usable region, not strict, and the node named",
    CLAUSES("MEM-8", "LAW-3"), NEEDS(.node_without_memory = true))
{
    struct ids online = oracle_online_nodes(), with_memory = oracle_memory_nodes();
    struct ids without = ids_minus(&online, &with_memory);
    unsigned node = (unsigned)ids_first(&without);
    np_enforcement enforcement = usable_soft(bind_to(node), ids_of(node), NP_PREFAULT_TOUCH, error);

    EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
    EXPECT_NAMES_ID(enforcement.reason, node);
}

CASE(region_soft_without_privilege, "soft does not fail for want of a privilege", CLAUSES("MEM-8", "LAW-3"),
    NEEDS(.faults = FAULT_USER))
{
    struct ids one = ids_of(first_memory_node());

    fault_become_user();
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++)
        usable_soft(bind_to(first_memory_node()), one, (np_prefault)prefault, error);
}

CASE(region_soft_forbidden, "soft where the policy call is forbidden: a usable region, level none, permission denied",
    CLAUSES("MEM-8", "LAW-3", "LAW-4"), NEEDS(.faults = FAULT_SECCOMP))
{
    struct ids one = ids_of(first_memory_node());

    fault_forbid(EPERM, SYS_mbind, SYS_set_mempolicy);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_enforcement enforcement = usable_soft(bind_to(first_memory_node()), one, (np_prefault)prefault, error);
        EXPECT_LEVEL(&enforcement, NP_LEVEL_NONE);
        EXPECT_CONTAINS(enforcement.reason, "permission denied");
    }
}

CASE(region_soft_outside_cpuset,
    "soft bind to a node outside the cpuset: a usable region, not strict, and the node named",
    CLAUSES("MEM-8", "LAW-3", "LAW-4"), NEEDS(.memory_nodes = 2, .faults = FAULT_CPUSET))
{
    struct ids inside = ids_of(first_memory_node());
    unsigned outside = (unsigned)second_memory_node();

    fault_cpuset(NULL, &inside);
    np_enforcement enforcement = usable_soft(bind_to(outside), ids_of(outside), NP_PREFAULT_TOUCH, error);
    EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
    EXPECT_NAMES_ID(enforcement.reason, outside);
}

CASE(region_soft_with_balancing, "soft with NUMA balancing on: usable, and never reported strict",
    CLAUSES("MEM-8", "LAW-3", "LAW-4"), NEEDS(.faults = FAULT_BALANCING))
{
    fault_balancing(true);
    np_enforcement enforcement =
        usable_soft(bind_to(first_memory_node()), ids_of(first_memory_node()), NP_PREFAULT_TOUCH, error);
    EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
}

CASE(region_soft_cannot_look,
    "soft where the kernel may not be asked: a usable region that does not claim to be strict",
    CLAUSES("MEM-8", "LAW-4"), NEEDS(.faults = FAULT_SECCOMP))
{
    struct ids one = ids_of(first_memory_node());

    fault_forbid(EPERM, SYS_get_mempolicy, SYS_move_pages);
    np_region *region = region_made(REGION_BYTES, NP_SOFT, bind_to(first_memory_node()), NP_PREFAULT_TOUCH, error);
    expect_truthful(region, one, error);
    expect_usable(region, REGION_BYTES);
}

CASE_LIST(region_soft_cases, &region_soft_ordinary, &region_soft_untouched_is_not_strict, &region_soft_absent_node,
    &region_soft_without_memory, &region_soft_without_privilege, &region_soft_forbidden, &region_soft_outside_cpuset,
    &region_soft_with_balancing, &region_soft_cannot_look);
