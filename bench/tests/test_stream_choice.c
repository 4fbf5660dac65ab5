/*
 * The choice of the code of each kernel, among codes of which the test knows which is fast: it has the list of codes to
 * itself.
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

static const struct stream_code widest_absent = {"absent", no,
                                    {[STREAM_READ] = absent, [STREAM_TRIAD] = absent, [STREAM_ADD_PAST] = absent}},
                                wide = {"wide", yes,
                                    {[STREAM_READ] = slow, [STREAM_WRITE] = slow, [STREAM_TRIAD] = fast}},
                                narrow = {"narrow", yes, {[STREAM_READ] = fast, [STREAM_TRIAD] = slow}},
                                slow_copy = {"slow copy", yes, {[STREAM_COPY_PAST] = slow, [STREAM_SCALE_PAST] = fast}},
                                fast_copy = {"fast copy", yes, {[STREAM_COPY_PAST] = fast, [STREAM_SCALE_PAST] = slow}};
const struct stream_code *const stream_codes[] = {&widest_absent, &wide, &narrow, &slow_copy, &fast_copy};
const size_t stream_code_count = sizeof stream_codes / sizeof stream_codes[0];

void stream_fill(double *array, size_t n)
{
    for (size_t i = 0; i < n; i++)
        array[i] = 1;
}

static void takes_the_fastest_that_runs_here_for_each_kernel(void)
{
    static double memory[N];
    struct stream_choice choice;

    stream_try(&choice, memory, N);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_READ], &narrow);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_TRIAD], &wide);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_COPY_PAST], &fast_copy);
    CU_ASSERT_PTR_NULL(choice.code[STREAM_ADD_PAST]);
    CU_ASSERT(fast_runs >= 3);
    CU_ASSERT_EQUAL(slow_runs, fast_runs);
    CU_ASSERT_EQUAL(absent_runs, 0);
}

/* Kernels that were not tried: only one code writes, and it is taken; whoever scales fastest is whoever copies fastest. */
static void takes_what_another_kernel_was_tried_for(void)
{
    static double memory[N];
    struct stream_choice choice;

    stream_try(&choice, memory, N);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_WRITE], &wide);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_SCALE_PAST], &fast_copy);
    CU_ASSERT_PTR_NULL(choice.code[STREAM_WRITE_PAST]);
}

static void takes_the_widest_where_there_is_no_room_to_try(void)
{
    struct nodes nodes = {.count = 1, .node = {{.id = 0, .has_memory = true}}};
    struct stream_choice choice;

    stream_choose(&choice, 0, &nodes);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_READ], &wide);
    CU_ASSERT_PTR_NULL(choice.code[STREAM_ADD_PAST]);
    nodes.node[0].has_memory = false;
    stream_choose(&choice, (size_t)2 << 20, &nodes);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_READ], &wide);
}

static void tries_on_a_node_with_memory(void)
{
    const struct nodes nodes = {.count = 2, .node = {{.id = 7}, {.id = 0, .has_memory = true}}};
    struct stream_choice choice;

    stream_choose(&choice, (size_t)2 << 20, &nodes);
    CU_ASSERT_PTR_EQUAL(choice.code[STREAM_READ], &narrow);
}

int main(void)
{
    CU_initialize_registry();
    CU_pSuite suite = CU_add_suite("stream choice", NULL, NULL);
    CU_ADD_TEST(suite, takes_the_fastest_that_runs_here_for_each_kernel);
    CU_ADD_TEST(suite, takes_what_another_kernel_was_tried_for);
    CU_ADD_TEST(suite, takes_the_widest_where_there_is_no_room_to_try);
    CU_ADD_TEST(suite, tries_on_a_node_with_memory);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
