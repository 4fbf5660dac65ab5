/*
 * The choice of the vector code, among codes of which the test knows which is fast: it has the list of codes to itself.
 */
#include "stream_choice.h"

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

#include <stdlib.h>
#include <time.h>

enum { N = 3 * STREAM_STEP };

static unsigned slow_runs, fast_runs, absent_runs;

static double slow(const struct stream *stream)
{
    (void)stream;
    slow_runs++;
    nanosleep(&(const struct timespec){.tv_nsec = 20000000}, NULL);
    return 0;
}

static double fast(const struct stream *stream)
{
    (void)stream;
    fast_runs++;
    return 0;
}

static double absent(const struct stream *stream)
{
    (void)stream;
    absent_runs++;
    return 0;
}

static bool yes(void)
{
    return true;
}

static bool no(void)
{
    return false;
}

static const struct stream_code widest_absent = {"absent", no, {[STREAM_READ] = absent, [STREAM_TRIAD] = absent}},
                                wide_slow = {"slow", yes, {[STREAM_READ] = slow, [STREAM_TRIAD] = slow}},
                                narrow_fast = {"fast", yes, {[STREAM_READ] = fast, [STREAM_TRIAD_PAST] = fast}};
const struct stream_code *const stream_codes[] = {&widest_absent, &wide_slow, &narrow_fast};
const size_t stream_code_count = sizeof stream_codes / sizeof stream_codes[0];

const struct stream_code *stream_widest(void)
{
    return &wide_slow;
}

void stream_fill(double *array, size_t n)
{
    for (size_t i = 0; i < n; i++)
        array[i] = 1;
}

static void takes_the_fastest_that_runs_here(void)
{
    static double memory[N];

    CU_ASSERT_PTR_EQUAL(stream_fastest(memory, N), &narrow_fast);
    CU_ASSERT(slow_runs >= 4);
    CU_ASSERT_EQUAL(slow_runs, fast_runs);
    CU_ASSERT_EQUAL(absent_runs, 0);
}

static void takes_the_widest_where_there_is_no_room_to_try(void)
{
    struct nodes nodes = {.count = 1, .node = {{.id = 0, .has_memory = true}}};

    CU_ASSERT_PTR_EQUAL(stream_choose(0, &nodes), &wide_slow);
    nodes.node[0].has_memory = false;
    CU_ASSERT_PTR_EQUAL(stream_choose((size_t)2 << 20, &nodes), &wide_slow);
}

static void tries_on_a_node_with_memory(void)
{
    const struct nodes nodes = {.count = 2, .node = {{.id = 7}, {.id = 0, .has_memory = true}}};

    CU_ASSERT_PTR_EQUAL(stream_choose((size_t)2 << 20, &nodes), &narrow_fast);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("stream choice", NULL, NULL);
    CU_ADD_TEST(suite, takes_the_fastest_that_runs_here);
    CU_ADD_TEST(suite, takes_the_widest_where_there_is_no_room_to_try);
    CU_ADD_TEST(suite, tries_on_a_node_with_memory);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
