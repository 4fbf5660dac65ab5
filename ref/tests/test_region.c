/*
 * Regions as a process with all rights sees them on any machine; what it lacks one by one is in test_region_faults.c.
 *
 * One node is enough for these: what needs two is tested by the suite in an emulated machine. Where the process is not
 * allowed hard mode at all, the strict calls here must be refused, and nothing is said of their guarantees.
 */
#include "unit.h"
#include <errno.h>
#include <numaif.h>
#include <numaproof/numaproof.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEBIBYTE ((size_t)1 << 20)

static bool hard_mode(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    return capabilities.strict_memory_binding && capabilities.numa_balancing_disabled;
}

/* A node that this process can take memory from. */
static unsigned a_node(void)
{
    unsigned long mask[NP_NODE_MAX / 64] = {0};
    get_mempolicy(NULL, mask, NP_NODE_MAX + 1, NULL, MPOL_F_MEMS_ALLOWED);
    unsigned node = 0;
    while ((mask[node / 64] >> node % 64 & 1) == 0)
        node++;
    return node;
}

static np_region_options asked(np_mode mode, np_policy_kind kind, np_prefault prefault)
{
    np_region_options options;
    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.policy.kind = (int32_t)kind;
    options.prefault = (int32_t)prefault;
    if (kind != NP_POLICY_LOCAL)
        np_nodeset_add(&options.policy.nodes, a_node(), NULL);
    return options;
}

static np_level level_of(const np_region *region)
{
    np_enforcement enforcement;
    EXPECT_NUMBER(np_region_enforcement(region, &enforcement, NULL), NP_OK);
    EXPECT_NUMBER(enforcement.level == NP_LEVEL_STRICT, enforcement.reason[0] == '\0');
    return (np_level)enforcement.level;
}

static np_level present_level(const np_region *region)
{
    np_enforcement present;
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    return (np_level)present.level;
}

/* Create strictly; NULL where hard mode is not for this process, which must have been the reason then. */
static np_region *strict_region(size_t bytes, np_policy_kind kind, np_prefault prefault)
{
    const np_region_options options = asked(NP_STRICT, kind, prefault);
    np_region *region = NULL;
    np_error error = {0};
    const np_status status = np_region_create(bytes, &options, &region, &error);
    if (!hard_mode()) {
        EXPECT_NUMBER(status, NP_HARD_MODE_UNAVAILABLE);
        EXPECT(region == NULL);
        return NULL;
    }
    EXPECT_NUMBER(status, NP_OK);
    return region;
}

/* LAW-6: wrong in both modes, and the output untouched. */
static void wrong_arguments_are_wrong(void)
{
    np_region *const sentinel = (np_region *)(uintptr_t)64;
    np_region *region = sentinel;
    np_error error;
    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        const np_region_options good = asked((np_mode)mode, NP_POLICY_BIND, NP_PREFAULT_NONE);
        np_region_options bad[9] = {good, good, good, good, good, good, good, good, good};
        bad[0].mode = 2;
        bad[1].policy.kind = 4;
        bad[2].policy.kind = -1;
        bad[3].prefault = 3;
        bad[4].huge_pages = 5;
        bad[5].lock = 2;
        bad[6].reserved = 1;
        bad[7].policy.reserved = 1;
        np_nodeset_clear(&bad[8].policy.nodes);
        for (size_t i = 0; i < 9; i++) {
            EXPECT_NUMBER(np_region_create(4096, &bad[i], &region, &error), NP_INVALID_ARGUMENT);
            EXPECT_NUMBER(error.code, NP_INVALID_ARGUMENT);
            EXPECT(error.reason[0] != '\0');
        }
        EXPECT_NUMBER(np_region_create(0, &good, &region, NULL), NP_INVALID_ARGUMENT);
        EXPECT_NUMBER(np_region_create(4096, &good, NULL, &error), NP_INVALID_ARGUMENT);
    }
    np_region_options local = asked(NP_SOFT, NP_POLICY_LOCAL, NP_PREFAULT_NONE);
    np_nodeset_add(&local.policy.nodes, 0, NULL);
    EXPECT_NUMBER(np_region_create(4096, &local, &region, NULL), NP_INVALID_ARGUMENT);
    np_region_options preferred = asked(NP_SOFT, NP_POLICY_PREFERRED, NP_PREFAULT_NONE);
    np_nodeset_add(&preferred.policy.nodes, 7, NULL);
    EXPECT_NUMBER(np_region_create(4096, &preferred, &region, NULL), NP_INVALID_ARGUMENT);
    EXPECT_NUMBER(np_region_allocate(4096, NULL, &region, NULL), NP_INVALID_ARGUMENT);
    EXPECT(region == sentinel);
    EXPECT_NUMBER(np_region_verify(NULL, NULL, NULL, NULL), NP_INVALID_ARGUMENT);
    EXPECT_NUMBER(np_region_enforcement(NULL, NULL, NULL), NP_INVALID_ARGUMENT);
}

/* LAW-7 */
static void the_default_is_soft(void)
{
    np_region *region = NULL;
    EXPECT_NUMBER(np_region_create(1, NULL, &region, NULL), NP_OK);
    EXPECT_NUMBER(level_of(region), NP_LEVEL_BEST_EFFORT);
    EXPECT_NUMBER(np_region_bytes(region), 1);
    np_region_release(region);
    const np_region_options options = asked(NP_SOFT, NP_POLICY_BIND, NP_PREFAULT_NONE);
    EXPECT_NUMBER(np_region_allocate(MEBIBYTE, &options.policy, &region, NULL), NP_OK);
    EXPECT_NUMBER(level_of(region), NP_LEVEL_BEST_EFFORT);
    np_region_release(region);
    np_region_release(NULL);
    EXPECT(np_region_address(NULL) == NULL);
    EXPECT_NUMBER(np_region_bytes(NULL), 0);
}

/* MEM-1, for every policy and prefault */
static void memory_is_zeroed_writable_and_gone_after_release(void)
{
    const size_t bytes = 3 * MEBIBYTE + 5;
    for (int kind = NP_POLICY_LOCAL; kind <= NP_POLICY_INTERLEAVE; kind++) {
        for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            const np_region_options options = asked(NP_SOFT, (np_policy_kind)kind, (np_prefault)prefault);
            np_region *region = NULL;
            EXPECT_NUMBER(np_region_create(bytes, &options, &region, NULL), NP_OK);
            unsigned char *address = np_region_address(region);
            EXPECT_NUMBER((uintptr_t)address % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
            size_t dirty = 0;
            for (size_t i = 0; i < bytes; i++)
                dirty += address[i] != 0;
            EXPECT_NUMBER(dirty, 0);
            memset(address, 0xa5, bytes);
            EXPECT_NUMBER(address[bytes - 1], 0xa5);
            np_region_release(region);
            EXPECT(msync(address, 1, MS_ASYNC) != 0 && errno == ENOMEM);
        }
    }
}

/* MEM-2, MEM-3: the policy is the kernel's bind with exactly the mask, and the pages are where it says. */
static void strict_bind_holds(void)
{
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region *region = strict_region(4 * MEBIBYTE, NP_POLICY_BIND, (np_prefault)prefault);
        if (region == NULL)
            return;
        EXPECT_NUMBER(level_of(region), NP_LEVEL_STRICT);
        int mode = 0;
        unsigned long mask[NP_NODE_MAX / 64] = {0};
        get_mempolicy(&mode, mask, NP_NODE_MAX + 1, np_region_address(region), MPOL_F_ADDR);
        EXPECT_NUMBER(mode, MPOL_BIND);
        EXPECT_NUMBER(mask[a_node() / 64], 1UL << a_node() % 64);
        np_placement placement;
        np_enforcement present;
        EXPECT_NUMBER(np_region_verify(region, &placement, &present, NULL), NP_OK);
        EXPECT_NUMBER(present.level, NP_LEVEL_STRICT);
        EXPECT_NUMBER(placement.pages, 4 * MEBIBYTE / placement.page_bytes);
        EXPECT_NUMBER(placement.outside, 0);
        EXPECT_NUMBER(placement.absent, prefault == NP_PREFAULT_NONE ? placement.pages : 0);
        EXPECT_NUMBER(placement.on_node[a_node()], placement.pages - placement.absent);
        EXPECT_NUMBER(present_level(region), NP_LEVEL_STRICT);
        np_region_release(region);
    }
}

/* MEM-9, MEM-10: what promises a node only once the pages exist, and is refused before. */
static void other_policies_need_prefault(void)
{
    for (int kind = NP_POLICY_LOCAL; kind <= NP_POLICY_INTERLEAVE; kind++) {
        if (kind == NP_POLICY_BIND)
            continue;
        const np_region_options options = asked(NP_STRICT, (np_policy_kind)kind, NP_PREFAULT_NONE);
        np_region *region = NULL;
        np_error error = {0};
        EXPECT_NUMBER(np_region_create(4096, &options, &region, &error), NP_HARD_MODE_UNAVAILABLE);
        EXPECT(!hard_mode() || strstr(error.reason, "prefault") != NULL);
        region = strict_region(MEBIBYTE, (np_policy_kind)kind, NP_PREFAULT_TOUCH);
        if (region == NULL)
            continue;
        EXPECT_NUMBER(level_of(region), NP_LEVEL_STRICT);
        EXPECT_NUMBER(present_level(region), NP_LEVEL_STRICT);
        np_region_release(region);
    }
}

/* MEM-4, MEM-8: node 1000 exists nowhere. */
static void an_absent_node_is_refused_or_named(void)
{
    np_region_options options = asked(NP_STRICT, NP_POLICY_BIND, NP_PREFAULT_TOUCH);
    np_nodeset_add(&options.policy.nodes, 1000, NULL);
    np_region *region = NULL;
    np_error error = {0};
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &region, &error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT(!hard_mode() || (strstr(error.reason, "node 1000") != NULL && strstr(error.reason, "absent") != NULL));

    np_enforcement got;
    options.mode = NP_SOFT;
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &region, &error), NP_OK);
    np_region_enforcement(region, &got, NULL);
    EXPECT_NUMBER(got.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(got.reason, "node 1000");
    np_region_release(region);

    np_nodeset_remove(&options.policy.nodes, a_node(), NULL);
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &region, &error), NP_OK);
    np_region_enforcement(region, &got, NULL);
    EXPECT_NUMBER(got.level, NP_LEVEL_NONE);
    EXPECT_PART(got.reason, "node 1000");
    np_placement placement;
    EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
    EXPECT_NUMBER(placement.outside, placement.pages);
    memset(np_region_address(region), 1, MEBIBYTE);
    np_region_release(region);
}

/* MEM-5, MEM-16 */
static void what_does_not_fit_is_refused(void)
{
    const size_t enormous = (size_t)1 << 45;
    np_region *region = NULL;
    np_error error = {0};
    np_region_options options = asked(NP_STRICT, NP_POLICY_BIND, NP_PREFAULT_NONE);
    EXPECT_NUMBER(np_region_create(enormous, &options, &region, &error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT(
        !hard_mode() || (strstr(error.reason, "35184372088832 bytes") != NULL && strstr(error.reason, "free") != NULL));
    for (int mode = NP_SOFT; mode <= (hard_mode() ? NP_STRICT : NP_SOFT); mode++) {
        options.mode = (int32_t)mode;
        options.prefault = NP_PREFAULT_TOUCH;
        EXPECT_NUMBER(np_region_create(enormous, &options, &region, &error), NP_ALLOCATION);
        EXPECT_PART(error.reason, "35184372088832 bytes");
        EXPECT_NUMBER(np_region_create(SIZE_MAX, &options, &region, &error), NP_ALLOCATION);
    }
    options.mode = NP_SOFT;
    options.prefault = NP_PREFAULT_NONE;
    EXPECT_NUMBER(np_region_create(SIZE_MAX / 2, &options, &region, &error), NP_ALLOCATION);
    EXPECT_NUMBER(error.system_errno, ENOMEM);
}

/* LAW-9: a strict region knows when its promise is broken, and when it holds again. */
static void verify_sees_what_was_changed(void)
{
    np_region *region = strict_region(MEBIBYTE, NP_POLICY_BIND, NP_PREFAULT_TOUCH);
    if (region == NULL)
        return;
    unsigned char *address = np_region_address(region);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned long mask[NP_NODE_MAX / 64] = {0};
    mask[a_node() / 64] = 1UL << a_node() % 64;
    EXPECT_NUMBER(mbind(address + 7 * page, page, MPOL_INTERLEAVE, mask, NP_NODE_MAX + 1, 0), 0);
    np_enforcement present;
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present.reason, "changed");
    EXPECT_NUMBER(mbind(address + 7 * page, page, MPOL_DEFAULT, NULL, 0, 0), 0);
    EXPECT_NUMBER(present_level(region), NP_LEVEL_NONE);
    EXPECT_NUMBER(mbind(address + 7 * page, page, MPOL_BIND, mask, NP_NODE_MAX + 1, 0), 0);
    EXPECT_NUMBER(present_level(region), NP_LEVEL_STRICT);
    EXPECT_NUMBER(level_of(region), NP_LEVEL_STRICT);
    EXPECT_NUMBER(munmap(address + 9 * page, page), 0);
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_NONE);
    EXPECT_PART(present.reason, "gone");
    np_region_release(region);

    region = strict_region(MEBIBYTE, NP_POLICY_PREFERRED, NP_PREFAULT_TOUCH);
    madvise(np_region_address(region), page, MADV_DONTNEED);
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present.reason, "1 of 256 pages are not present");
    np_region_release(region);
}

/* MEM-15: a page that was only read is the kernel's shared page of zeros, and is on no node of ours. */
static void verify_counts_and_faults_nothing_in(void)
{
    const np_region_options options = asked(NP_SOFT, NP_POLICY_BIND, NP_PREFAULT_NONE);
    np_region *region = NULL;
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &region, NULL), NP_OK);
    volatile unsigned char *address = np_region_address(region);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    madvise(np_region_address(region), MEBIBYTE, MADV_NOHUGEPAGE);
    address[0] = 1;
    address[5 * page] = 1;
    (void)address[9 * page];
    np_placement placement;
    for (int again = 0; again < 2; again++) {
        EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
        EXPECT_NUMBER(placement.absent, placement.pages - 2);
        EXPECT_NUMBER(placement.on_node[a_node()] + placement.outside, 2);
    }
    np_region_release(region);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"wrong arguments are wrong", wrong_arguments_are_wrong},
        {"the default is soft", the_default_is_soft},
        {"memory is zeroed writable and gone after release", memory_is_zeroed_writable_and_gone_after_release},
        {"strict bind holds", strict_bind_holds},
        {"other policies need prefault", other_policies_need_prefault},
        {"an absent node is refused or named", an_absent_node_is_refused_or_named},
        {"what does not fit is refused", what_does_not_fit_is_refused},
        {"verify sees what was changed", verify_sees_what_was_changed},
        {"verify counts and faults nothing in", verify_counts_and_faults_nothing_in},
    };
    return unit_main("regions", tests, sizeof tests / sizeof tests[0]);
}
