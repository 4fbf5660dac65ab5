/*
 * Regions as memory: what any region is, whatever its policy, and what is wrong to ask for (MEM-1, MEM-13, MEM-16, LAW-6,
 * LAW-7, LAW-8).
 */
#include "region_case.h"

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>

CASE(region_is_memory, "a region is zeroed, writable over its whole length, page-aligned, and gone after release",
    CLAUSES("MEM-1"), NEEDS_NOTHING)
{
    static const size_t sizes[] = {1, 4095, 4096, 4097, 1 << 20, (4 << 20) + 123};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());
            np_region *region = region_made(sizes[i], NP_SOFT, local, (np_prefault)prefault, error);
            const void *start = api->region_address(region);
            EXPECT_INT(api->region_bytes(region), ==, sizes[i]);
            expect_usable(region, sizes[i]);
            api->region_release(region);
            EXPECT_INT(oracle_mapped_bytes(start, sizes[i]), ==, 0);
        }
    }
}

CASE(region_release_of_null, "release of null does nothing, and what is asked of null is nothing",
    CLAUSES("MEM-1", "LAW-8"), NEEDS_NOTHING)
{
    np_enforcement enforcement;
    np_placement placement;

    EXPECT_STATE_TAKEN();
    api->region_release(NULL);
    EXPECT(api->region_address(NULL) == NULL);
    EXPECT_INT(api->region_bytes(NULL), ==, 0);
    EXPECT_STATE_KEPT();
    EXPECT_INVALID(api->region_enforcement(NULL, &enforcement, error));
    EXPECT_INVALID(api->region_verify(NULL, &placement, &enforcement, error));
}

CASE(region_default_is_soft, "without options, with initialised ones and by the short call, a region is soft",
    CLAUSES("LAW-7"), NEEDS_NOTHING)
{
    np_region_options options;
    np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());
    np_region *region = NULL;

    memset(&options, 0xff, sizeof options);
    api->region_options_init(&options);
    EXPECT_INT(options.mode, ==, NP_SOFT);
    EXPECT_INT(options.policy.kind, ==, NP_POLICY_LOCAL);
    EXPECT_INT(options.prefault, ==, NP_PREFAULT_NONE);
    EXPECT_INT(options.huge_pages, ==, NP_HUGE_PAGES_NONE);
    EXPECT_INT(options.lock, ==, 0);
    api->region_options_init(NULL);
    fault_drop_capability(CAP_SYS_ADMIN);
    EXPECT_OK(api->region_create(REGION_BYTES, NULL, &region, error));
    expect_usable(region, REGION_BYTES);
    api->region_release(region);
    EXPECT_OK(api->region_allocate(REGION_BYTES, &local, &region, error));
    expect_usable(region, REGION_BYTES);
    api->region_release(region);
}

/* One wrong argument, and all else right. */
struct wrong_options {
    const char *what;
    size_t bytes;
    np_region_options options;
};

CASE(region_wrong_arguments, "wrong sizes, policies, enum values and reserved fields are invalid in both modes",
    CLAUSES("LAW-6", "LAW-2", "LAW-8"), NEEDS_NOTHING)
{
    struct ids one = ids_of(first_memory_node()), two = ids_of(first_memory_node(), absent_node());
    np_policy bind = policy_of(NP_POLICY_BIND, one);
    const struct wrong_options wrong[] = {
        {"no bytes", 0, {.policy = bind}},
        {"unknown policy", 4096, {.policy = policy_of((np_policy_kind)4, one)}},
        {"negative policy", 4096, {.policy = policy_of((np_policy_kind)-1, one)}},
        {"bind to no node", 4096, {.policy = policy_of(NP_POLICY_BIND, ids_none())}},
        {"interleave over no node", 4096, {.policy = policy_of(NP_POLICY_INTERLEAVE, ids_none())}},
        {"preferred without a node", 4096, {.policy = policy_of(NP_POLICY_PREFERRED, ids_none())}},
        {"preferred with two nodes", 4096, {.policy = policy_of(NP_POLICY_PREFERRED, two)}},
        {"local with a node", 4096, {.policy = policy_of(NP_POLICY_LOCAL, one)}},
        {"unknown prefault", 4096, {.policy = bind, .prefault = 3}},
        {"negative prefault", 4096, {.policy = bind, .prefault = -1}},
        {"unknown huge pages", 4096, {.policy = bind, .huge_pages = 5}},
        {"unknown lock", 4096, {.policy = bind, .lock = 2}},
        {"reserved field", 4096, {.policy = bind, .reserved = 1}},
        {"reserved field of the policy", 4096,
            {.policy = {.kind = NP_POLICY_BIND, .reserved = 1, .nodes = bind.nodes}}},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
            np_region_options options = wrong[i].options;
            np_region *region = NULL;
            options.mode = mode;
            EXPECT_INVALID(api->region_create(wrong[i].bytes, &options, &region, error));
            EXPECT(region == NULL);
        }
    }
}

CASE(
    region_wrong_mode, "a mode that is none, and no place for the region, are invalid", CLAUSES("LAW-6"), NEEDS_NOTHING)
{
    np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());
    np_region *region = NULL;

    for (int mode = -1; mode <= 2; mode += 3) {
        np_region_options options = region_options_of((np_mode)mode, local, NP_PREFAULT_NONE);
        EXPECT_INVALID(api->region_create(4096, &options, &region, error));
    }
    EXPECT_INVALID(api->region_create(4096, NULL, NULL, error));
    EXPECT_INVALID(api->region_allocate(4096, NULL, &region, error));
    EXPECT_INVALID(api->region_allocate(4096, &local, NULL, error));
    EXPECT(region == NULL);
}

CASE(region_keeps_thread_policy, "the calling thread's own memory policy is the same before and after every call",
    CLAUSES("MEM-13"), NEEDS(.faults = FAULT_USER | FAULT_SECCOMP))
{
    uint64_t mask = UINT64_C(1) << first_memory_node();
    struct oracle_policy before, after;

    /* A policy that nobody sets by accident. The kernel reads one bit less than it is told. */
    if (oracle_call(SYS_set_mempolicy, MPOL_PREFERRED, (long)&mask, 65, 0, 0, 0) != 0)
        case_error("the kernel does not set a memory policy");
    before = oracle_thread_policy();
    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        for (int kind = NP_POLICY_LOCAL; kind <= NP_POLICY_INTERLEAVE; kind++) {
            for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
                struct ids nodes = kind == NP_POLICY_LOCAL ? ids_none() : ids_of(first_memory_node());
                np_policy policy = policy_of((np_policy_kind)kind, nodes);
                np_region_options options = region_options_of((np_mode)mode, policy, (np_prefault)prefault);
                np_region *region = NULL;
                api->region_create(REGION_BYTES, &options, &region, NULL);
                if (region != NULL)
                    api->region_verify(region, &(np_placement){0}, NULL, NULL);
                api->region_release(region);
                after = oracle_thread_policy();
                EXPECT(oracle_policy_equal(&before, &after));
            }
        }
    }
}

CASE(region_past_the_address_space,
    "a size that overflows or exceeds the address space is an allocation error, and survived",
    CLAUSES("MEM-16", "LAW-8", "LAW-2"), NEEDS_NOTHING)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX - 4096, (size_t)1 << 62, (size_t)1 << 58};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            np_region_options options =
                region_options_of(NP_SOFT, policy_of(NP_POLICY_LOCAL, ids_none()), (np_prefault)prefault);
            np_region *region = NULL;
            EXPECT_FAILS_CLEANLY(api->region_create(sizes[i], &options, &region, error), NP_ALLOCATION);
            EXPECT_NAMES_NUMBER(error->reason, sizes[i]);
            EXPECT(region == NULL);
        }
    }
}

/*
 * All the machine's memory: more than is ever available of it, whatever others give back meanwhile, and no more than an
 * implementation lets pass that looks at nothing else. A hypervisor may have added to it what no node's own tells: 16 GiB were
 * seen (6.18, Firecracker).
 */
static size_t whole_memory(void)
{
    struct ids usable = usable_memory_nodes();
    uint64_t bytes = 0;

    for (int node = ids_first(&usable); node >= 0; node = ids_next(&usable, node))
        bytes += oracle_node_memory((unsigned)node).total;
    return (size_t)(bytes < oracle_total_memory() ? oracle_total_memory() : bytes);
}

CASE(region_past_the_machine,
    "a prefault larger than the machine's available memory is an allocation error in both modes",
    CLAUSES("MEM-16", "LAW-8", "LAW-2"), NEEDS(NEEDS_STRICT_REGION), .alone = true)
{
    size_t bytes = whole_memory();

    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            np_policy policy = policy_of(NP_POLICY_INTERLEAVE, usable_memory_nodes());
            np_region_options options = region_options_of((np_mode)mode, policy, (np_prefault)prefault);
            np_region *region = NULL;
            EXPECT_FAILS_CLEANLY(api->region_create(bytes, &options, &region, error), NP_ALLOCATION);
            EXPECT_NAMES_NUMBER(error->reason, bytes);
            EXPECT(region == NULL);
        }
    }
}

CASE(region_past_the_limit, "a region that RLIMIT_AS does not allow is an allocation error, and nothing is leaked",
    CLAUSES("MEM-16", "LAW-2"), NEEDS(.plain_memory = true))
{
    np_region_options options = region_options_of(NP_SOFT, policy_of(NP_POLICY_LOCAL, ids_none()), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    fault_limit_address_space((uint64_t)64 << 20);
    EXPECT_FAILS_CLEANLY(api->region_create((size_t)256 << 20, &options, &region, error), NP_ALLOCATION);
    EXPECT_NAMES_NUMBER(error->reason, (size_t)256 << 20);
    EXPECT_OK(api->region_create((size_t)1 << 20, &options, &region, error));
    expect_usable(region, (size_t)1 << 20);
    api->region_release(region);
}

CASE(region_past_the_cgroup,
    "a prefault larger than the cgroup's memory is an allocation error in both modes, and survived",
    CLAUSES("MEM-16", "LAW-8", "LAW-2"), NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_MEMORY_LIMIT))
{
    size_t bytes = (size_t)128 << 20;

    fault_memory_limit((uint64_t)64 << 20);
    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            np_policy policy = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
            np_region_options options = region_options_of((np_mode)mode, policy, (np_prefault)prefault);
            np_region *region = NULL;
            EXPECT_FAILS_CLEANLY(api->region_create(bytes, &options, &region, error), NP_ALLOCATION);
            EXPECT_NAMES_NUMBER(error->reason, bytes);
        }
    }
}

CASE_LIST(region_basic_cases, &region_is_memory, &region_release_of_null, &region_default_is_soft,
    &region_wrong_arguments, &region_wrong_mode, &region_keeps_thread_policy, &region_past_the_address_space,
    &region_past_the_machine, &region_past_the_limit, &region_past_the_cgroup);
