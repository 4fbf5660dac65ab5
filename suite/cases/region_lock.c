/*
 * Locked regions (MEM-14): what was locked stays, and who has no right to lock is told so.
 *
 * The right is the capability, or else RLIMIT_MEMLOCK for as much as it says. The oracle's word is "Locked:" in smaps,
 * which counts only pages that are both present and locked.
 */
#include "region_case.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define LIMIT 65536U

static np_region_options locked_options(np_mode mode, np_prefault prefault)
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
    np_region_options options = region_options_of(mode, bind, prefault);

    options.lock = 1;
    return options;
}

static np_region *locked_region(size_t bytes, np_mode mode, np_prefault prefault, np_error *error)
{
    np_region_options options = locked_options(mode, prefault);
    np_region *region = NULL;

    EXPECT_OK(api->region_create(bytes, &options, &region, error));
    return region;
}

/* All of it is present and locked, once it is touched; and the kernel does not take pages that it is asked to take. */
static void expect_stays(const np_region *region)
{
    char *start = api->region_address(region);

    memset(start, 0x5a, REGION_BYTES);
    oracle_call(SYS_madvise, (long)start, (long)REGION_BYTES, MADV_PAGEOUT, 0, 0, 0);
    EXPECT_INT(oracle_range(start, REGION_BYTES).locked, ==, REGION_BYTES);
    EXPECT_INT(case_region_pages(region).absent, ==, 0);
}

/* What is held of a region that was made with the right to lock. */
static void expect_locked(np_mode mode, np_error *error)
{
    uint64_t before = oracle_locked_bytes();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region *region = locked_region(REGION_BYTES, mode, (np_prefault)prefault, error);
        EXPECT_INT(oracle_locked_bytes() - before, >=, REGION_BYTES);
        expect_stays(region);
        expect_all_on(region, ids_of(first_memory_node()));
        if (mode == NP_STRICT)
            EXPECT_INT(region_level(region, error).level, ==, NP_LEVEL_STRICT);
        api->region_release(region);
        EXPECT_INT(oracle_locked_bytes(), ==, before);
    }
}

CASE(region_strict_locked, "a strict locked region is locked in all its pages, from when they are there until release",
    CLAUSES("MEM-14", "LAW-1"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_IPC_LOCK), .balancing_off = true,
        .plain_memory = true))
{
    expect_locked(NP_STRICT, error);
}

CASE(region_soft_locked, "a soft region is locked too where that is allowed", CLAUSES("MEM-14"),
    NEEDS(.capabilities = CAPABILITY(CAP_IPC_LOCK), .plain_memory = true))
{
    expect_locked(NP_SOFT, error);
}

CASE(region_locked_within_the_limit, "without the capability a strict region may be locked as far as the limit goes",
    CLAUSES("MEM-14"), NEEDS(NEEDS_STRICT_REGION, .plain_memory = true))
{
    fault_drop_capability(CAP_IPC_LOCK);
    fault_limit(RLIMIT_MEMLOCK, oracle_locked_bytes() + LIMIT);
    np_region *region = locked_region(LIMIT, NP_STRICT, NP_PREFAULT_TOUCH, error);
    EXPECT_INT(oracle_range(api->region_address(region), LIMIT).locked, ==, LIMIT);
}

CASE(region_strict_lock_by_capability, "with the capability a strict region is locked whatever the limit",
    CLAUSES("MEM-14"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_IPC_LOCK), .balancing_off = true,
        .plain_memory = true))
{
    fault_limit(RLIMIT_MEMLOCK, 0);
    np_region *region = locked_region(REGION_BYTES, NP_STRICT, NP_PREFAULT_TOUCH, error);
    expect_stays(region);
}

CASE(region_strict_lock_without_right,
    "a strict region that cannot be locked is refused, with the limit and the capability that would mend it",
    CLAUSES("MEM-14", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION, .plain_memory = true))
{
    fault_drop_capability(CAP_IPC_LOCK);
    fault_limit(RLIMIT_MEMLOCK, LIMIT);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = locked_options(NP_STRICT, (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_REFUSED(api->region_create(REGION_BYTES, &options, &region, error));
        EXPECT_REASON("RLIMIT_MEMLOCK", "CAP_IPC_LOCK");
        EXPECT_NAMES_NUMBER(error->reason, LIMIT);
        EXPECT(region == NULL);
    }
}

CASE(region_soft_lock_without_right, "a soft region that cannot be locked is usable, best-effort, and says so",
    CLAUSES("MEM-14", "LAW-3", "LAW-4"), NEEDS(.plain_memory = true))
{
    fault_drop_capability(CAP_IPC_LOCK);
    fault_limit(RLIMIT_MEMLOCK, LIMIT);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region *region = locked_region(REGION_BYTES, NP_SOFT, (np_prefault)prefault, error);
        np_enforcement enforcement = region_level(region, error);
        EXPECT_LEVEL(&enforcement, NP_LEVEL_BEST_EFFORT);
        EXPECT_CONTAINS(enforcement.reason, "locked");
        expect_usable(region, REGION_BYTES);
        api->region_release(region);
    }
}

CASE_LIST(region_lock_cases, &region_strict_locked, &region_soft_locked, &region_locked_within_the_limit,
    &region_strict_lock_by_capability, &region_strict_lock_without_right, &region_soft_lock_without_right);
