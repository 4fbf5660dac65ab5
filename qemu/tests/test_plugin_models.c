/*
 * The two models of the access counter, against cases worked out on paper.
 *
 * A cache of two sets and two ways is small enough to follow by hand; the node map's layouts are checked at both ends of
 * each node, where an error of one shows.
 */
#include "cache_model.h"
#include "node_map.h"
#include <CUnit/Basic.h>
#include <stdlib.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static void cache_refuses_shapes_that_are_none(void)
{
    CU_ASSERT_TRUE(cache_model_shape_is_valid(64, 8, 64));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(0, 8, 64));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(63, 8, 64));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(64, 0, 64));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(64, 65, 64));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(64, 8, 48));
    CU_ASSERT_FALSE(cache_model_shape_is_valid(1U << 31, 64, 64));
}

static void cache_hits_within_a_line_and_misses_across(void)
{
    struct cache_model cache;
    CU_ASSERT_TRUE_FATAL(cache_model_make(&cache, 2, 2, 64));
    CU_ASSERT_FALSE(cache_model_access(&cache, 0));
    CU_ASSERT_TRUE(cache_model_access(&cache, 63));
    CU_ASSERT_FALSE(cache_model_access(&cache, 64));
    CU_ASSERT_TRUE(cache_model_access(&cache, 0));
    free(cache.lines);
}

static void cache_throws_out_the_least_recently_used(void)
{
    struct cache_model cache;
    CU_ASSERT_TRUE_FATAL(cache_model_make(&cache, 2, 2, 64));
    /* Lines 0, 2, 4 share set 0, which has two ways. */
    CU_ASSERT_FALSE(cache_model_access(&cache, 0 * 64));
    CU_ASSERT_FALSE(cache_model_access(&cache, 2 * 64));
    CU_ASSERT_TRUE(cache_model_access(&cache, 0 * 64));
    CU_ASSERT_FALSE(cache_model_access(&cache, 4 * 64));
    CU_ASSERT_TRUE(cache_model_access(&cache, 0 * 64));
    CU_ASSERT_FALSE(cache_model_access(&cache, 2 * 64));
    free(cache.lines);
}

static void cache_is_empty_after_emptying(void)
{
    struct cache_model cache;
    CU_ASSERT_TRUE_FATAL(cache_model_make(&cache, 4, 1, 64));
    CU_ASSERT_FALSE(cache_model_access(&cache, 128));
    cache_model_empty(&cache);
    CU_ASSERT_FALSE(cache_model_access(&cache, 128));
    free(cache.lines);
}

static void a_sweep_larger_than_the_cache_misses_every_line(void)
{
    struct cache_model cache;
    unsigned misses = 0;
    CU_ASSERT_TRUE_FATAL(cache_model_make(&cache, 16, 4, 64));
    for (int round = 0; round < 3; round++)
        for (uint64_t line = 0; line < 128; line++)
            misses += cache_model_access(&cache, line * 64) ? 0 : 1;
    CU_ASSERT_EQUAL(misses, 3 * 128);
    free(cache.lines);
}

static struct access_machine two_nodes(uint64_t bytes)
{
    return (struct access_machine){.node_count = 2, .node_bytes = {bytes, bytes}};
}

static void doubled_space_is_that_of_qemu_7_2(void)
{
    struct node_map map;
    struct access_machine machine = two_nodes(512 * MIB);
    node_map_make(&map, &machine, NODE_SPACE_DOUBLED);
    CU_ASSERT_EQUAL(node_map_find(&map, 0), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, 512 * MIB - 1), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, 512 * MIB), ACCESS_NODE_UNKNOWN);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB - 1), ACCESS_NODE_UNKNOWN);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB), 1);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB + 512 * MIB - 1), 1);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB + 512 * MIB), ACCESS_NODE_UNKNOWN);
}

static void split_space_goes_on_at_4_gib(void)
{
    struct node_map map;
    struct access_machine machine = two_nodes(3 * GIB);
    node_map_make(&map, &machine, NODE_SPACE_SPLIT_AT_2GIB);
    CU_ASSERT_EQUAL(node_map_find(&map, 2 * GIB - 1), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, 2 * GIB), ACCESS_NODE_UNKNOWN);
    CU_ASSERT_EQUAL(node_map_find(&map, 4 * GIB), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, 5 * GIB - 1), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, 5 * GIB), 1);
    CU_ASSERT_EQUAL(node_map_find(&map, 8 * GIB - 1), 1);
    CU_ASSERT_EQUAL(node_map_find(&map, 8 * GIB), ACCESS_NODE_UNKNOWN);
}

static void a_node_without_memory_has_no_addresses(void)
{
    struct node_map map;
    struct access_machine machine = {.node_count = 3, .node_bytes = {GIB, 0, GIB}};
    node_map_make(&map, &machine, NODE_SPACE_FLAT);
    CU_ASSERT_EQUAL(map.count, 2);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB - 1), 0);
    CU_ASSERT_EQUAL(node_map_find(&map, GIB), 2);
}

int main(void)
{
    CU_TestInfo cache[] = {{"refuses shapes that are none", cache_refuses_shapes_that_are_none},
        {"hits within a line and misses across", cache_hits_within_a_line_and_misses_across},
        {"throws out the least recently used", cache_throws_out_the_least_recently_used},
        {"is empty after emptying", cache_is_empty_after_emptying},
        {"a sweep larger than the cache misses every line", a_sweep_larger_than_the_cache_misses_every_line},
        CU_TEST_INFO_NULL};
    CU_TestInfo map[] = {{"doubled space is that of QEMU 7.2", doubled_space_is_that_of_qemu_7_2},
        {"split space goes on at 4 GiB", split_space_goes_on_at_4_gib},
        {"a node without memory has no addresses", a_node_without_memory_has_no_addresses}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {
        {"cache model", NULL, NULL, NULL, NULL, cache}, {"node map", NULL, NULL, NULL, NULL, map}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
