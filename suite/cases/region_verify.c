/*
 * Looking again: the counts of verify against the oracle's, before and after pages were moved behind the implementation's
 * back (MEM-15, LAW-9).
 */
#include "region_case.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>

/* Verify and the oracle, page by page; @nodes are those that the policy allows. */
static np_enforcement verified(const np_region *region, struct ids nodes, np_error *error)
{
    static np_placement placement;
    np_enforcement present;
    struct oracle_pages before = case_region_pages(region);

    EXPECT_OK(api->region_verify(region, &placement, &present, error));
    EXPECT_HONEST(&present);
    struct oracle_pages after = case_region_pages(region);
    EXPECT_INT(before.absent, ==, after.absent);
    uint64_t scale = placement.page_bytes / oracle_page_bytes();
    EXPECT_INT(placement.page_bytes % oracle_page_bytes(), ==, 0);
    EXPECT_INT(placement.pages * scale, ==, after.pages);
    EXPECT_INT(placement.absent * scale, ==, after.absent);
    EXPECT_INT(placement.outside * scale, ==, pages_outside(&after, nodes));
    for (unsigned node = 0; node < NP_NODE_MAX; node++)
        if (placement.on_node[node] * scale != after.on_node[node])
            EXPECT_INT(placement.on_node[node] * scale, ==, after.on_node[node]);
    return present;
}

CASE(region_verify_counts,
    "verify counts present, absent and outside pages by node as the oracle does, faulting none in", CLAUSES("MEM-15"),
    NEEDS_NOTHING)
{
    struct ids target = ids_of(first_memory_node());
    np_policy bind = policy_of(NP_POLICY_BIND, target);
    np_region *region = region_made(REGION_BYTES, NP_SOFT, bind, NP_PREFAULT_NONE, error);
    volatile char *start = api->region_address(region);

    verified(region, target, error);
    EXPECT_INT(case_region_pages(region).absent, ==, REGION_BYTES / oracle_page_bytes());
    for (size_t offset = 0; offset < REGION_BYTES / 2; offset += 3 * oracle_page_bytes())
        start[offset] = 1;
    verified(region, target, error);
    (void)start[REGION_BYTES - 1]; /* Only read: the shared zero page, which lies nowhere in particular. */
    verified(region, target, error);
    api->region_release(region);
    region = region_made(REGION_BYTES, NP_SOFT, bind, NP_PREFAULT_TOUCH, error);
    verified(region, target, error);
}

CASE(region_verify_strict, "a strict region verifies as strict while nothing happens to it", CLAUSES("MEM-15", "LAW-9"),
    NEEDS(NEEDS_STRICT_REGION))
{
    struct ids target = ids_of(first_memory_node());
    np_policy bind = policy_of(NP_POLICY_BIND, target);
    np_region *region = region_made(REGION_BYTES, NP_STRICT, bind, NP_PREFAULT_TOUCH, error);
    np_enforcement present = verified(region, target, error);

    EXPECT_LEVEL(&present, NP_LEVEL_STRICT);
    EXPECT_OK(api->region_verify(region, NULL, &present, error));
    EXPECT_LEVEL(&present, NP_LEVEL_STRICT);
    EXPECT_INVALID(api->region_verify(region, NULL, NULL, error));
}

/* Move @count pages from @start to @node through the kernel alone. */
static void move_pages_to(char *start, size_t count, int node)
{
    for (size_t page = 0; page < count; page++) {
        void *address = start + page * oracle_page_bytes();
        int status = -1;
        long result = oracle_call(SYS_move_pages, 0, 1, (long)&address, (long)&node, (long)&status, MPOL_MF_MOVE);
        if (result != 0 || status != node)
            case_error("the kernel does not move a page to node %d: result %ld, status %d", node, result, status);
    }
}

CASE(region_verify_sees_moved_pages,
    "verify sees pages that were moved, counts them, and a strict region is strict no more",
    CLAUSES("MEM-15", "LAW-9", "LAW-4"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2))
{
    struct ids target = ids_of(first_memory_node());
    np_region_options options = region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_TOUCH);
    np_region *region = NULL;
    np_enforcement present;

    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    EXPECT_OK(api->region_create(REGION_BYTES, &options, &region, error));
    move_pages_to(api->region_address(region), 7, second_memory_node());
    EXPECT_OK(api->region_verify(region, NULL, &present, error));
    EXPECT_INT(present.level, !=, NP_LEVEL_STRICT);
    EXPECT_NAMES_NUMBER(present.reason, 7);
    present = verified(region, target, error);
    EXPECT_INT(present.level, !=, NP_LEVEL_STRICT);
    move_pages_to(api->region_address(region), 7, (int)first_memory_node());
    present = verified(region, target, error);
    EXPECT_LEVEL(&present, NP_LEVEL_STRICT);
}

CASE(region_verify_sees_changed_policy, "verify sees that the policy of a part of the range was changed",
    CLAUSES("LAW-9", "LAW-4"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids target = ids_of(first_memory_node());
    np_policy bind = policy_of(NP_POLICY_BIND, target);
    np_region *region = region_made(REGION_BYTES, NP_STRICT, bind, NP_PREFAULT_NONE, error);
    char *middle = (char *)api->region_address(region) + REGION_BYTES / 2;
    np_enforcement present;

    if (oracle_call(SYS_mbind, (long)middle, (long)oracle_page_bytes(), MPOL_DEFAULT, 0, 0, 0) != 0)
        case_error("the kernel does not change the policy of a page");
    EXPECT_OK(api->region_verify(region, NULL, &present, error));
    EXPECT_INT(present.level, !=, NP_LEVEL_STRICT);
}

CASE(region_verify_sees_balancing,
    "a strict region under which NUMA balancing is switched on is strict no more, and says so",
    CLAUSES("LAW-9", "LAW-4"), NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_BALANCING))
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
    np_region *region = region_made(REGION_BYTES, NP_STRICT, bind, NP_PREFAULT_TOUCH, error);
    np_enforcement present;

    fault_balancing(true);
    EXPECT_OK(api->region_verify(region, NULL, &present, error));
    EXPECT_INT(present.level, !=, NP_LEVEL_STRICT);
    EXPECT_CONTAINS(present.reason, "numa_balancing");
}

CASE(region_verify_from_outside, "verify sees a page that another process moved", CLAUSES("MEM-15", "LAW-9"),
    NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2))
{
    struct ids target = ids_of(first_memory_node());
    np_region_options options = region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    EXPECT_OK(api->region_create(REGION_BYTES, &options, &region, error));
    fault_move_page_from_outside(
        (char *)api->region_address(region) + REGION_BYTES / 2, (unsigned)second_memory_node());
    np_enforcement present = verified(region, target, error);
    EXPECT_INT(present.level, !=, NP_LEVEL_STRICT);
    EXPECT_NAMES_NUMBER(present.reason, 1);
}

CASE_LIST(region_verify_cases, &region_verify_counts, &region_verify_strict, &region_verify_sees_moved_pages,
    &region_verify_sees_changed_policy, &region_verify_sees_balancing, &region_verify_from_outside);
