/*
 * Strict regions: the guarantee as the oracle sees it, and each refusal with its own reason (MEM-2 to MEM-4, MEM-6, MEM-7,
 * MEM-9, MEM-10, MEM-12, LAW-1, LAW-2, LAW-5).
 */
#include "region_case.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>

/* Make a strict region that must be refused, and leave the reason in @error. */
static void refused(size_t bytes, np_policy policy, np_prefault prefault, np_error *error)
{
    np_region_options options = region_options_of(NP_STRICT, policy, prefault);
    np_region *region = NULL;

    EXPECT_REFUSED(api->region_create(bytes, &options, &region, error));
    EXPECT(region == NULL);
}

static void expect_strict(const np_region *region, np_error *error)
{
    np_enforcement enforcement = region_level(region, error);

    EXPECT_LEVEL(&enforcement, NP_LEVEL_STRICT);
}

CASE(region_strict_bind_each_node, "strict bind with prefault: every page lies on the node, for each node and prefault",
    CLAUSES("MEM-2", "LAW-1", "LAW-4"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            struct ids target = ids_of((unsigned)node);
            np_policy bind = policy_of(NP_POLICY_BIND, target);
            np_region *region = region_made(REGION_BYTES, NP_STRICT, bind, (np_prefault)prefault, error);
            expect_all_on(region, target);
            expect_strict(region, error);
            expect_usable(region, REGION_BYTES);
            expect_all_on(region, target);
            api->region_release(region);
        }
    }
}

CASE(region_strict_bind_two_nodes, "strict bind to two nodes: every page lies on one of them",
    CLAUSES("MEM-2", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2))
{
    struct ids target = ids_of(first_memory_node(), (unsigned)second_memory_node());
    np_region *region =
        region_made(REGION_BYTES, NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_TOUCH, error);

    expect_all_on(region, target);
    expect_strict(region, error);
}

CASE(region_strict_bind_untouched,
    "strict bind without prefault: the kernel's policy is bind to exactly the mask, all over",
    CLAUSES("MEM-3", "LAW-1", "LAW-4"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids target = ids_of((unsigned)node);
        np_region *region =
            region_made(REGION_BYTES, NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_NONE, error);
        const char *start = api->region_address(region);
        for (size_t offset = 0; offset < REGION_BYTES; offset += oracle_page_bytes()) {
            struct oracle_policy policy = oracle_policy_at(start + offset);
            EXPECT_INT(policy.mode, ==, MPOL_BIND);
            EXPECT_IDS(policy.nodes, target);
        }
        expect_strict(region, error);
        expect_usable(region, REGION_BYTES);
        expect_all_on(region, target);
        api->region_release(region);
    }
}

CASE(region_strict_bind_absent_node,
    "strict bind to a node that is absent, alone or among others, is refused and named",
    CLAUSES("MEM-4", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION))
{
    unsigned gone = absent_node();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(gone)), (np_prefault)prefault, error);
        EXPECT_NAMES_ID(error->reason, gone);
        refused(
            REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(first_memory_node(), gone)), (np_prefault)prefault, error);
        EXPECT_NAMES_ID(error->reason, gone);
    }
}

CASE(region_strict_bind_last_node_id,
    "the last node id there is reaches the kernel: no neighbour is bound in its place", CLAUSES("SET-5", "MEM-4"),
    NEEDS(NEEDS_STRICT_REGION))
{
    unsigned last = NP_NODE_MAX - 1;
    struct ids possible = oracle_possible_nodes();

    if (ids_has(&possible, last))
        case_error("node %u is possible here, which no kernel of Linux 6 allows", last);
    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(last)), NP_PREFAULT_NONE, error);
    EXPECT_NAMES_ID(error->reason, last);
}

CASE(region_strict_bind_without_memory, "strict bind to a node that has no memory is refused and named",
    CLAUSES("MEM-4", "LAW-2"), NEEDS(NEEDS_STRICT_REGION, .node_without_memory = true))
{
    struct ids online = oracle_online_nodes(), with_memory = oracle_memory_nodes();
    struct ids without = ids_minus(&online, &with_memory);
    unsigned node = (unsigned)ids_first(&without);

    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(node)), NP_PREFAULT_NONE, error);
    EXPECT_NAMES_ID(error->reason, node);
    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(node)), NP_PREFAULT_TOUCH, error);
    EXPECT_NAMES_ID(error->reason, node);
}

CASE(region_strict_without_admin, "a strict region without CAP_SYS_ADMIN is refused, named, and changes nothing",
    CLAUSES("MEM-6", "LAW-2", "LAW-5"), NEEDS_NOTHING)
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));

    fault_drop_capability(CAP_SYS_ADMIN);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        refused(REGION_BYTES, bind, (np_prefault)prefault, error);
        EXPECT_REASON("CAP_SYS_ADMIN");
    }
}

CASE(region_strict_with_balancing, "a strict region with NUMA balancing on is refused, with the setting and its value",
    CLAUSES("MEM-6", "LAW-2", "LAW-5"), NEEDS(.capabilities = CAPABILITY(CAP_SYS_ADMIN), .faults = FAULT_BALANCING))
{
    fault_balancing(true);
    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(first_memory_node())), NP_PREFAULT_TOUCH, error);
    EXPECT_REASON("numa_balancing");
    EXPECT_NAMES_NUMBER(error->reason, (unsigned)oracle_balancing());
}

CASE(region_strict_outside_cpuset, "strict bind to a node outside the cpuset is refused and named",
    CLAUSES("MEM-4", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2, .faults = FAULT_CPUSET))
{
    struct ids inside = ids_of(first_memory_node());
    unsigned outside = (unsigned)second_memory_node();

    fault_cpuset(NULL, &inside);
    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(outside)), NP_PREFAULT_TOUCH, error);
    EXPECT_REASON("cpuset");
    EXPECT_NAMES_ID(error->reason, outside);
    refused(REGION_BYTES, policy_of(NP_POLICY_BIND, ids_of(outside)), NP_PREFAULT_NONE, error);
    EXPECT_NAMES_ID(error->reason, outside);
}

CASE(region_strict_forbidden, "a strict region is refused with permission denied where the policy call is forbidden",
    CLAUSES("MEM-7", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_SECCOMP))
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));

    fault_forbid(EPERM, SYS_mbind, SYS_set_mempolicy);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        refused(REGION_BYTES, bind, (np_prefault)prefault, error);
        EXPECT_REASON("permission denied");
    }
}

CASE(region_strict_cannot_look,
    "where the kernel may not be asked, a strict region is refused or its guarantee is true", CLAUSES("MEM-7", "LAW-1"),
    NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_SECCOMP))
{
    struct ids target = ids_of(first_memory_node());
    np_region_options options = region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    fault_forbid(EPERM, SYS_get_mempolicy, SYS_move_pages);
    expect_prepare(error);
    np_status status = api->region_create(REGION_BYTES, &options, &region, error);
    if (status == NP_OK)
        expect_all_on(region, target);
    else
        EXPECT_INT(status, ==, NP_HARD_MODE_UNAVAILABLE);
}

CASE(region_strict_interleave,
    "strict interleave: every page in the mask, the shares differ by one allocation unit at most",
    CLAUSES("MEM-9", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2))
{
    static const size_t sizes[] = {(size_t)16 << 20, ((size_t)16 << 20) + 4096, (size_t)5 << 20, 4096};
    struct ids target = usable_memory_nodes();

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            np_policy policy = policy_of(NP_POLICY_INTERLEAVE, target);
            np_region *region = region_made(sizes[i], NP_STRICT, policy, (np_prefault)prefault, error);
            struct oracle_pages pages = case_region_pages(region);
            struct oracle_range range = oracle_range(api->region_address(region), sizes[i]);
            uint64_t unit = range.anonymous_huge > 0 ? ((uint64_t)2 << 20) / oracle_page_bytes() : 1;
            uint64_t least = UINT64_MAX, most = 0;
            expect_all_on(region, target);
            for (int node = ids_first(&target); node >= 0; node = ids_next(&target, node)) {
                least = pages.on_node[node] < least ? pages.on_node[node] : least;
                most = pages.on_node[node] > most ? pages.on_node[node] : most;
            }
            EXPECT_INT(most - least, <=, unit);
            expect_strict(region, error);
            api->region_release(region);
        }
    }
}

CASE(region_strict_preferred, "strict preferred with prefault: every page on that node; without prefault it is refused",
    CLAUSES("MEM-10", "LAW-1"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids target = ids_of((unsigned)node);
        np_policy policy = policy_of(NP_POLICY_PREFERRED, target);
        np_region *region = region_made(REGION_BYTES, NP_STRICT, policy, NP_PREFAULT_TOUCH, error);
        expect_all_on(region, target);
        expect_strict(region, error);
        api->region_release(region);
        refused(REGION_BYTES, policy, NP_PREFAULT_NONE, error);
        EXPECT_REASON("prefault");
    }
}

/* Hold the calling thread to @cpus, through the kernel and not through the implementation. */
static void stay_on(struct ids cpus)
{
    if (oracle_call(SYS_sched_setaffinity, 0, sizeof cpus.words, (long)cpus.words, 0, 0, 0) < 0)
        case_error("the kernel does not set the affinity to %s", ids_text(&cpus).text);
}

CASE(region_strict_local,
    "strict local with prefault from a thread within a node: every page there; without, it is refused",
    CLAUSES("MEM-10", "LAW-1"), NEEDS(NEEDS_STRICT_REGION))
{
    np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());
    struct ids nodes = usable_memory_nodes(), allowed = oracle_allowed_cpus();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node);
        cpus = ids_and(&cpus, &allowed);
        if (ids_count(&cpus) == 0)
            continue;
        stay_on(cpus);
        np_region *region = region_made(REGION_BYTES, NP_STRICT, local, NP_PREFAULT_TOUCH, error);
        expect_all_on(region, ids_of((unsigned)node));
        expect_strict(region, error);
        api->region_release(region);
        refused(REGION_BYTES, local, NP_PREFAULT_NONE, error);
        EXPECT_REASON("prefault");
    }
}

CASE(region_strict_local_from_two_nodes, "strict local from a thread whose affinity spans nodes is refused",
    CLAUSES("MEM-10", "LAW-2"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2, .cpus = 2))
{
    struct ids first = oracle_cpus_of_node(first_memory_node());
    struct ids second = oracle_cpus_of_node((unsigned)second_memory_node());

    if (ids_count(&first) == 0 || ids_count(&second) == 0)
        case_skipped("one of the first two nodes with memory has no CPUs");
    stay_on(ids_or(&first, &second));
    refused(REGION_BYTES, policy_of(NP_POLICY_LOCAL, ids_none()), NP_PREFAULT_TOUCH, error);
}

CASE(region_parallel_touch, "parallel touch places as touch does, leaves no thread, and the caller's affinity alone",
    CLAUSES("MEM-12", "MEM-2"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids target = usable_memory_nodes(), before = oracle_affinity(oracle_self());
    pid_t threads[ORACLE_THREAD_MAX];
    size_t count = oracle_threads(threads);

    for (int node = ids_first(&target); node >= 0; node = ids_next(&target, node)) {
        np_policy bind = policy_of(NP_POLICY_BIND, ids_of((unsigned)node));
        np_region *region = region_made((size_t)32 << 20, NP_STRICT, bind, NP_PREFAULT_PARALLEL_TOUCH, error);
        expect_all_on(region, ids_of((unsigned)node));
        EXPECT_IDS(oracle_affinity(oracle_self()), before);
        EXPECT_INT(oracle_threads(threads), ==, count);
        api->region_release(region);
    }
}

CASE_LIST(region_strict_cases, &region_strict_bind_each_node, &region_strict_bind_two_nodes,
    &region_strict_bind_untouched, &region_strict_bind_absent_node, &region_strict_bind_last_node_id,
    &region_strict_bind_without_memory, &region_strict_without_admin, &region_strict_with_balancing,
    &region_strict_outside_cpuset, &region_strict_forbidden, &region_strict_cannot_look, &region_strict_interleave,
    &region_strict_preferred, &region_strict_local, &region_strict_local_from_two_nodes, &region_parallel_touch);
