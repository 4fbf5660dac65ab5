/*
 * Making and judging regions, for the cases on memory. The judgement is the oracle's; the implementation is asked only for
 * what it claims.
 */
#include "region_case.h"

#include <stdio.h>
#include <string.h>

struct ids usable_memory_nodes(void)
{
    struct ids with_memory = oracle_memory_nodes(), allowed = oracle_allowed_nodes();

    return ids_and(&with_memory, &allowed);
}

unsigned first_memory_node(void)
{
    struct ids nodes = usable_memory_nodes();

    return (unsigned)ids_first(&nodes);
}

int second_memory_node(void)
{
    struct ids nodes = usable_memory_nodes();

    return ids_next(&nodes, ids_first(&nodes));
}

unsigned absent_node(void)
{
    struct ids possible = oracle_possible_nodes();

    for (int id = NP_NODE_MAX - 1; id > 0; id--)
        if (!ids_has(&possible, (unsigned)id))
            return (unsigned)id;
    case_error("every one of the %d node ids is possible here", NP_NODE_MAX);
}

np_region *region_made(size_t bytes, np_mode mode, np_policy policy, np_prefault prefault, np_error *error)
{
    np_region_options options = region_options_of(mode, policy, prefault);
    np_region *region = NULL;

    EXPECT_OK(api->region_create(bytes, &options, &region, error));
    EXPECT(region != NULL);
    return region;
}

np_enforcement region_level(const np_region *region, np_error *error)
{
    np_enforcement enforcement;

    EXPECT_OK(api->region_enforcement(region, &enforcement, error));
    EXPECT_HONEST(&enforcement);
    return enforcement;
}

struct oracle_pages case_region_pages(const np_region *region)
{
    return oracle_pages(api->region_address(region), api->region_bytes(region), oracle_page_bytes());
}

uint64_t pages_outside(const struct oracle_pages *pages, struct ids nodes)
{
    uint64_t outside = 0;

    for (unsigned node = 0; node < ORACLE_NODE_MAX; node++)
        if (!ids_has(&nodes, node))
            outside += pages->on_node[node];
    return outside;
}

void expect_all_on(const np_region *region, struct ids nodes)
{
    struct oracle_pages pages = case_region_pages(region);

    EXPECT_INT(pages.absent, ==, 0);
    EXPECT_INT(pages_outside(&pages, nodes), ==, 0);
}

void expect_usable(const np_region *region, size_t bytes)
{
    unsigned char *start = api->region_address(region);
    size_t page_bytes = oracle_page_bytes();

    EXPECT(start != NULL);
    EXPECT_INT((uintptr_t)start % page_bytes, ==, 0);
    EXPECT_INT(api->region_bytes(region), >=, bytes);
    EXPECT_INT(oracle_mapped_bytes(start, bytes), ==, bytes);
    EXPECT_INT(start[0], ==, 0);
    EXPECT_INT(memcmp(start, start + 1, bytes - 1), ==, 0);
    for (size_t offset = 0; offset < bytes; offset += page_bytes)
        start[offset] = 0x5a;
    start[bytes - 1] = 0xa5;
    EXPECT_INT(start[bytes - 1], ==, 0xa5);
}

void expect_truthful(const np_region *region, struct ids nodes, np_error *error)
{
    const void *start = api->region_address(region);
    size_t bytes = api->region_bytes(region);
    struct oracle_pages pages = oracle_pages(start, bytes, oracle_range(start, bytes).smallest_page);
    np_enforcement enforcement = region_level(region, error);
    uint64_t outside = pages_outside(&pages, nodes);

    if (enforcement.level == NP_LEVEL_STRICT)
        EXPECT_INT(outside + pages.absent, ==, 0);
    if (outside > 0)
        EXPECT_NAMES_NUMBER(enforcement.reason, outside);
}
