/*
 * Regions that do not fit on their node: strict is refused and survives, soft spills and says how much (MEM-5, MEM-8,
 * MEM-9, LAW-8). Here careless implementations die: the kernel kills a process that touches bound memory which is not
 * there.
 */
#include "region_case.h"

#include <time.h>

#define MIB           ((size_t)1 << 20)
#define LEFT          (64 * MIB) /* What is left of a node that another process has filled. */
#define NEEDS_ROOM    .memory_nodes = 2, .faults = FAULT_FULL_NODE
#define STRICT_NEEDED NEEDS_STRICT_REGION, NEEDS_ROOM

/* Fill the second node but for LEFT, and return it. */
static unsigned full_node(void)
{
    unsigned node = (unsigned)second_memory_node();

    fault_fill_node(node, LEFT);
    return node;
}

/* More than the node has free, and less than the machine has. */
static size_t too_much_for(unsigned node)
{
    size_t bytes = (size_t)oracle_node_memory(node).free + 64 * MIB;

    if (bytes + 64 * MIB > oracle_available_memory())
        case_skipped("beside a full node the machine has no %zu bytes available", bytes + 64 * MIB);
    return bytes;
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The node's free memory is back, but for what the kernel itself took meanwhile (page tables, per-CPU lists). */
static void expect_free_again(unsigned node, uint64_t before)
{
    uint64_t slack = 24 * MIB, now = oracle_node_memory(node).free;
    double end = seconds_now() + 1;

    while (now + slack < before && seconds_now() < end)
        now = oracle_node_memory(node).free;
    EXPECT_INT(now + slack, >=, before);
}

CASE(region_strict_does_not_fit,
    "strict bind that does not fit: refused with the bytes asked, alive, memory back in a second",
    CLAUSES("MEM-5", "LAW-2", "LAW-8"), NEEDS(STRICT_NEEDED), .limit_seconds = 60)
{
    unsigned node = full_node();
    size_t bytes = too_much_for(node);
    uint64_t before = oracle_node_memory(node).free;

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_policy bind = policy_of(NP_POLICY_BIND, ids_of(node));
        np_region_options options = region_options_of(NP_STRICT, bind, (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_REFUSED(api->region_create(bytes, &options, &region, error));
        EXPECT_NAMES_NUMBER(error->reason, bytes);
        EXPECT_NAMES_ID(error->reason, node);
        EXPECT(region == NULL);
        expect_free_again(node, before);
    }
}

CASE(region_strict_just_does_not_fit,
    "strict bind of all that a node has free, to the page, is refused or true; never fatal",
    CLAUSES("MEM-5", "LAW-1", "LAW-8"), NEEDS(STRICT_NEEDED), .limit_seconds = 60)
{
    unsigned node = full_node();
    struct ids target = ids_of(node);
    uint64_t free_bytes = oracle_node_memory(node).free;

    for (int less = 0; less <= 32; less += 16) {
        size_t bytes = (size_t)(free_bytes - (size_t)less * MIB) & ~(size_t)4095;
        np_region_options options = region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_TOUCH);
        np_region *region = NULL;
        expect_prepare(error);
        np_status status = api->region_create(bytes, &options, &region, error);
        if (status == NP_OK)
            expect_all_on(region, target);
        else
            EXPECT_INT(status, ==, NP_HARD_MODE_UNAVAILABLE);
        api->region_release(region);
    }
}

CASE(region_strict_interleave_does_not_fit, "strict interleave without room for its share on a node is refused",
    CLAUSES("MEM-9", "MEM-5", "LAW-8"), NEEDS(STRICT_NEEDED), .limit_seconds = 60)
{
    unsigned node = full_node();
    struct ids both = ids_of(first_memory_node(), node);
    size_t share = (size_t)oracle_node_memory(node).free + 48 * MIB;
    np_region_options options = region_options_of(NP_STRICT, policy_of(NP_POLICY_INTERLEAVE, both), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    if (oracle_node_memory(first_memory_node()).free < share + 64 * MIB)
        case_skipped("the first node has no room for its own share of %zu bytes", share);
    EXPECT_REFUSED(api->region_create(2 * share, &options, &region, error));
    EXPECT_NAMES_NUMBER(error->reason, 2 * share);
}

CASE(region_soft_does_not_fit, "soft bind that does not fit: usable, best-effort, with the number of pages elsewhere",
    CLAUSES("MEM-8", "LAW-3", "LAW-8"), NEEDS(NEEDS_ROOM), .limit_seconds = 60)
{
    unsigned node = full_node();
    struct ids target = ids_of(node);
    size_t bytes = too_much_for(node);

    for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_policy bind = policy_of(NP_POLICY_BIND, target);
        np_region *region = region_made(bytes, NP_SOFT, bind, (np_prefault)prefault, error);
        struct oracle_pages pages = case_region_pages(region);
        uint64_t outside = pages_outside(&pages, target);
        np_enforcement enforcement = region_level(region, error);
        EXPECT_INT(pages.absent, ==, 0);
        EXPECT_INT(outside, >, 0);
        EXPECT_LEVEL(&enforcement, NP_LEVEL_BEST_EFFORT);
        EXPECT_NAMES_NUMBER(enforcement.reason, outside);
        memset(api->region_address(region), 0x5a, bytes);
        api->region_release(region);
    }
}

CASE_LIST(region_room_cases, &region_strict_does_not_fit, &region_strict_just_does_not_fit,
    &region_strict_interleave_does_not_fit, &region_soft_does_not_fit);
