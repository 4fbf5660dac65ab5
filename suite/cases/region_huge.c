/*
 * Regions of explicit huge pages (MEM-11, LAW-3, LAW-8): all of that size, or refused; soft does with ordinary pages.
 *
 * Here careless implementations die of SIGBUS. The kernel maps what the pools of all nodes together can give; whether
 * the node that a region is bound to has pages of its own shows only when they are touched. And without a size in mmap()'s
 * flags a huge page is of the machine's default size, which need not be 2 MiB.
 */
#include "region_case.h"

#define KIB_2MIB 2048U
#define KIB_1GIB 1048576U

static size_t bytes_of(unsigned page_kib)
{
    return (size_t)page_kib << 10;
}

static np_huge_pages kind_of(unsigned page_kib)
{
    return page_kib == KIB_2MIB ? NP_HUGE_PAGES_2MIB : NP_HUGE_PAGES_1GIB;
}

static np_region_options huge_options(unsigned page_kib, np_mode mode, struct ids nodes, np_prefault prefault)
{
    np_region_options options = region_options_of(mode, policy_of(NP_POLICY_BIND, nodes), prefault);

    options.huge_pages = (int32_t)kind_of(page_kib);
    return options;
}

/* How many pages are free in the pools of all nodes together, which is what the kernel reserves from. */
static uint64_t free_everywhere(unsigned page_kib)
{
    struct ids nodes = oracle_online_nodes();
    uint64_t sum = 0;

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        sum += oracle_pool((unsigned)node, page_kib).free;
    return sum;
}

/* Nodes of this process with a free page of the size. */
static struct ids nodes_with_a_page(unsigned page_kib)
{
    struct ids nodes = usable_memory_nodes(), found = ids_none();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        if (oracle_pool((unsigned)node, page_kib).free > 0)
            ids_add(&found, (unsigned)node);
    return found;
}

/* More than all pools have, where the kernel would not make more pages on demand. */
static size_t more_than_there_is(unsigned page_kib)
{
    if (oracle_pool_overcommit(page_kib) > 0)
        case_skipped("the kernel may make huge pages of %u KiB on demand (nr_overcommit_hugepages)", page_kib);
    return (size_t)(free_everywhere(page_kib) + 1) * bytes_of(page_kib);
}

/* Each page is of that size and of no other, and the address is a multiple of it. */
static void expect_backed_by(const np_region *region, size_t bytes, unsigned page_kib)
{
    const char *start = api->region_address(region);
    struct oracle_range range = oracle_range(start, bytes);

    EXPECT_INT((uintptr_t)start % bytes_of(page_kib), ==, 0);
    EXPECT_INT(range.smallest_page, ==, bytes_of(page_kib));
    EXPECT_INT(range.largest_page, ==, bytes_of(page_kib));
}

/* Written to over its whole length: a page that is not there is SIGBUS. */
static void touch(const np_region *region, size_t bytes)
{
    volatile unsigned char *start = api->region_address(region);

    for (size_t offset = 0; offset < bytes; offset += oracle_page_bytes()) {
        EXPECT_INT(start[offset], ==, 0);
        start[offset] = 0x5a;
    }
}

static void strict_on_each_node(unsigned page_kib, unsigned pages, np_error *error)
{
    struct ids nodes = nodes_with_a_page(page_kib);
    size_t bytes = pages * bytes_of(page_kib);

    if (ids_count(&nodes) == 0)
        case_skipped("needs a free huge page of %u KiB on a node", page_kib);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
            struct ids target = ids_of((unsigned)node);
            np_region_options options = huge_options(page_kib, NP_STRICT, target, (np_prefault)prefault);
            np_region *region = NULL;
            EXPECT_OK(api->region_create(bytes, &options, &region, error));
            expect_backed_by(region, bytes, page_kib);
            EXPECT_INT(oracle_range(api->region_address(region), bytes).explicit_huge, ==, bytes);
            expect_all_on(region, target);
            np_enforcement enforcement = region_level(region, error);
            EXPECT_LEVEL(&enforcement, NP_LEVEL_STRICT);
            touch(region, bytes);
            api->region_release(region);
            EXPECT(oracle_pool((unsigned)node, page_kib).free > 0);
        }
    }
}

CASE(region_strict_pages_of_2mib, "strict with 2 MiB pages: every page is of 2 MiB, whatever the default, on the node",
    CLAUSES("MEM-11", "MEM-2", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_HUGE_PAGES))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        if (oracle_pool((unsigned)node, KIB_2MIB).free < 3)
            fault_huge_pages((unsigned)node, KIB_2MIB, (unsigned)oracle_pool((unsigned)node, KIB_2MIB).pages + 3);
    strict_on_each_node(KIB_2MIB, 3, error);
}

/* Nobody can make a page of 1 GiB on a machine that has been running for a while: it must be there. */
CASE(region_strict_page_of_1gib, "strict with 1 GiB pages: every page is of 1 GiB, on the node",
    CLAUSES("MEM-11", "MEM-2", "LAW-1"), NEEDS(NEEDS_STRICT_REGION), .limit_seconds = 60)
{
    strict_on_each_node(KIB_1GIB, 1, error);
}

/* More than there is must be refused; of the size, with the pages asked, and what there is. */
static void lacking(unsigned page_kib, np_error *error)
{
    size_t bytes = more_than_there_is(page_kib);
    struct ids all = usable_memory_nodes();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = huge_options(page_kib, NP_STRICT, all, (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_REFUSED(api->region_create(bytes, &options, &region, error));
        EXPECT_REASON("huge page");
        EXPECT_NAMES_NUMBER(error->reason, bytes);
        EXPECT(region == NULL);
    }
}

CASE(region_strict_lacks_2mib, "strict with more 2 MiB pages than there are is refused, with the bytes",
    CLAUSES("MEM-11", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION))
{
    lacking(KIB_2MIB, error);
}

CASE(region_strict_lacks_1gib, "strict with more 1 GiB pages than there are is refused, with the bytes",
    CLAUSES("MEM-11", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_REGION))
{
    lacking(KIB_1GIB, error);
}

/* Leave no page free on one node and some on the other; the first is returned. */
static unsigned node_without_pages(void)
{
    unsigned rich = first_memory_node(), poor = (unsigned)second_memory_node();
    struct oracle_pool pool = oracle_pool(poor, KIB_2MIB);

    fault_huge_pages(poor, KIB_2MIB, (unsigned)(pool.pages - pool.free));
    fault_huge_pages(rich, KIB_2MIB, (unsigned)oracle_pool(rich, KIB_2MIB).pages + 4);
    if (oracle_pool(poor, KIB_2MIB).free > 0 || oracle_pool(rich, KIB_2MIB).free < 4)
        case_error("the pools are not as they were set");
    return poor;
}

CASE(region_strict_pool_is_elsewhere,
    "strict on a node without huge pages, while another has some, is refused: no SIGBUS, with prefault and without",
    CLAUSES("MEM-11", "LAW-2", "LAW-8"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2, .faults = FAULT_HUGE_PAGES))
{
    unsigned poor = node_without_pages();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = huge_options(KIB_2MIB, NP_STRICT, ids_of(poor), (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_REFUSED(api->region_create(2 * bytes_of(KIB_2MIB), &options, &region, error));
        EXPECT_REASON("huge page");
        EXPECT(region == NULL);
    }
}

/* Usable, and not strict, with the cause; of ordinary pages where there cannot be enough of the others. */
static void fallen_back(const np_region *region, size_t bytes, struct ids nodes, np_error *error)
{
    np_enforcement enforcement = region_level(region, error);

    EXPECT_LEVEL(&enforcement, NP_LEVEL_BEST_EFFORT);
    EXPECT_CONTAINS(enforcement.reason, "huge page");
    EXPECT_INT(oracle_mapped_bytes(api->region_address(region), bytes), ==, bytes);
    expect_truthful(region, nodes, error);
    touch(region, bytes);
}

CASE(region_soft_pool_is_elsewhere, "soft on a node without huge pages: a region that can be used, and no SIGBUS",
    CLAUSES("MEM-11", "MEM-8", "LAW-3", "LAW-8"), NEEDS(.memory_nodes = 2, .faults = FAULT_HUGE_PAGES))
{
    unsigned poor = node_without_pages();

    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = huge_options(KIB_2MIB, NP_SOFT, ids_of(poor), (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_OK(api->region_create(2 * bytes_of(KIB_2MIB), &options, &region, error));
        EXPECT_INT(region_level(region, error).level, !=, NP_LEVEL_STRICT);
        expect_truthful(region, ids_of(poor), error);
        touch(region, 2 * bytes_of(KIB_2MIB));
        api->region_release(region);
    }
}

CASE(region_soft_lacks_2mib, "soft with more 2 MiB pages than there are: ordinary pages, best-effort, and the cause",
    CLAUSES("MEM-11", "LAW-3", "LAW-4"), NEEDS_NOTHING)
{
    size_t bytes = more_than_there_is(KIB_2MIB);
    struct ids all = usable_memory_nodes();

    if (bytes > oracle_available_memory() / 2)
        case_skipped("more than all free huge pages is %zu bytes, too much for a test", bytes);
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = huge_options(KIB_2MIB, NP_SOFT, all, (np_prefault)prefault);
        np_region *region = NULL;
        EXPECT_OK(api->region_create(bytes, &options, &region, error));
        EXPECT_INT(oracle_range(api->region_address(region), bytes).largest_page, ==, oracle_page_bytes());
        fallen_back(region, bytes, all, error);
        api->region_release(region);
    }
}

/* What is asked for is small: one page of 1 GiB would hold it, and without one it takes a few ordinary pages. */
CASE(region_soft_lacks_1gib, "soft with a 1 GiB page where there is none: ordinary pages, best-effort, and the cause",
    CLAUSES("MEM-11", "LAW-3", "LAW-4"), NEEDS_NOTHING)
{
    struct ids all = usable_memory_nodes();
    np_region *region = NULL;

    if (free_everywhere(KIB_1GIB) + oracle_pool_overcommit(KIB_1GIB) > 0)
        case_skipped("there are free huge pages of 1 GiB here");
    for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
        np_region_options options = huge_options(KIB_1GIB, NP_SOFT, all, (np_prefault)prefault);
        EXPECT_OK(api->region_create(REGION_BYTES, &options, &region, error));
        EXPECT_INT(oracle_range(api->region_address(region), REGION_BYTES).largest_page, ==, oracle_page_bytes());
        fallen_back(region, REGION_BYTES, all, error);
        api->region_release(region);
    }
}

CASE(region_transparent_off, "with transparent huge pages refused, no part of the region is one", CLAUSES("MEM-1"),
    NEEDS_NOTHING)
{
    struct ids all = usable_memory_nodes();
    np_region_options options = region_options_of(NP_SOFT, policy_of(NP_POLICY_BIND, all), NP_PREFAULT_TOUCH);
    np_region *region = NULL;

    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    EXPECT_OK(api->region_create(REGION_BYTES, &options, &region, error));
    expect_usable(region, REGION_BYTES);
    EXPECT_INT(oracle_range(api->region_address(region), REGION_BYTES).anonymous_huge, ==, 0);
}

CASE_LIST(region_huge_cases, &region_strict_pages_of_2mib, &region_strict_page_of_1gib, &region_strict_lacks_2mib,
    &region_strict_lacks_1gib, &region_strict_pool_is_elsewhere, &region_soft_pool_is_elsewhere,
    &region_soft_lacks_2mib, &region_soft_lacks_1gib, &region_transparent_off);
