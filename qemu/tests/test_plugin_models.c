/*
 * The models of the access counter, against cases worked out on paper.
 *
 * A cache of two sets and two ways is small enough to follow by hand; the node map's layouts are checked at both ends of
 * each node, where an error of one shows; the pacer is given a clock that stands still unless it is read or moved.
 */
#include "cache_model.h"
#include "node_map.h"
#include "pacer.h"
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

/* A clock that goes on by 10 ns at each reading, and that the test moves. */
static uint64_t wall_ns, processor_ns;

static uint64_t read_wall(void)
{
    processor_ns += 10;
    return wall_ns += 10;
}

static uint64_t read_processor(void)
{
    return processor_ns;
}

static const struct pacer_clock clock_of_test = {read_wall, read_processor};

static struct pacer begin_at(uint64_t now)
{
    struct pacer pacer = {0};
    wall_ns = now;
    processor_ns = 0;
    pacer_begin(&pacer, &clock_of_test);
    return pacer;
}

static void guest_works(uint64_t ns)
{
    wall_ns += ns;
    processor_ns += ns;
}

static void host_takes(uint64_t ns)
{
    wall_ns += ns;
}

/* How long @count accesses of 1000 ns take, each with 300 ns of the emulation's own. */
static uint64_t time_of(struct pacer *pacer, unsigned count)
{
    uint64_t begin = wall_ns;
    for (unsigned i = 0; i < count; i++) {
        guest_works(300);
        pacer_wait(pacer, &clock_of_test, 1000);
    }
    return wall_ns - begin;
}

static bool is_about(uint64_t found, uint64_t expected)
{
    return found + 50 > expected && found < expected + 50;
}

static void paced_accesses_take_their_cost_and_no_more(void)
{
    struct pacer pacer = begin_at(1000000);
    CU_ASSERT(is_about(time_of(&pacer, 100), 100000));
}

static void what_the_host_took_is_made_good(void)
{
    struct pacer pacer = begin_at(1000000);
    uint64_t begin = wall_ns;
    time_of(&pacer, 10);
    host_takes(40000);
    time_of(&pacer, 10);
    host_takes(7000);
    time_of(&pacer, 80);
    CU_ASSERT(is_about(wall_ns - begin, 100000));
    CU_ASSERT_EQUAL(pacer.owed_ns, 0);
    CU_ASSERT(is_about(time_of(&pacer, 10), 10000));
}

static void what_the_guest_did_is_not_made_good(void)
{
    struct pacer pacer = begin_at(1000000);
    time_of(&pacer, 10);
    guest_works(40000);
    CU_ASSERT(is_about(time_of(&pacer, 100), 99300));
    CU_ASSERT_EQUAL(pacer.owed_ns, 0);
}

static void both_at_once_are_told_apart(void)
{
    struct pacer pacer = begin_at(1000000);
    time_of(&pacer, 10);
    uint64_t begin = wall_ns;
    guest_works(40000);
    host_takes(20000);
    time_of(&pacer, 100);
    CU_ASSERT(is_about(wall_ns - begin, 40000 + 99300));
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
    CU_TestInfo pace[] = {{"paced accesses take their cost and no more", paced_accesses_take_their_cost_and_no_more},
        {"what the host took is made good", what_the_host_took_is_made_good},
        {"what the guest did is not made good", what_the_guest_did_is_not_made_good},
        {"both at once are told apart", both_at_once_are_told_apart}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"cache model", NULL, NULL, NULL, NULL, cache}, {"node map", NULL, NULL, NULL, NULL, map},
        {"pacer", NULL, NULL, NULL, NULL, pace}, CU_SUITE_INFO_NULL};
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(suites) != CUE_SUCCESS)
        return 1;
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
