/*
 * What is timed: the chain of the chase, in whatever order, and the kernels that stream, each against what it must have done.
 */
#include "chains.h"
#include "chase.h"
#include "placement.h"
#include "run_suites.h"
#include "streams.h"

#include <stddef.h>
#include <stdlib.h>

static void chain_is_one_cycle_through_all_lines(void)
{
    struct random random = {.state = 1};

    for (size_t lines = 2; lines <= 4096; lines = lines * 3 / 2 + 1) {
        void *memory = aligned_alloc(CHASE_LINE, lines * CHASE_LINE);
        CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
        CU_ASSERT_TRUE_FATAL(chase_make(memory, lines * CHASE_LINE, &random));
        CU_ASSERT_TRUE(chase_is_one_cycle(memory, lines * CHASE_LINE));
        CU_ASSERT_FALSE(chase_is_one_cycle(memory, (lines - 1) * CHASE_LINE));
        CU_ASSERT_FALSE(chase_is_one_cycle(memory, (lines + 1) * CHASE_LINE));
        CU_ASSERT_PTR_EQUAL(chase_run(memory, lines * CHASE_STEP), memory);
        free(memory);
    }
}

static void chain_is_random_but_repeatable(void)
{
    enum { BYTES = 512 * CHASE_LINE };
    struct random same = {.state = 7}, again = {.state = 7};
    char *memory = aligned_alloc(CHASE_LINE, BYTES);
    void *first[512];
    unsigned neighbours = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    if (memory == NULL)
        return; /* Which the analyzer does not know. */
    CU_ASSERT_TRUE_FATAL(chase_make(memory, BYTES, &same));
    for (size_t i = 0; i < 512; i++) {
        first[i] = *(void **)(void *)(memory + i * CHASE_LINE);
        neighbours += first[i] == memory + (i + 1) * CHASE_LINE;
    }
    CU_ASSERT_TRUE(neighbours < 16);
    CU_ASSERT_TRUE_FATAL(chase_make(memory, BYTES, &again));
    for (size_t i = 0; i < 512; i++)
        CU_ASSERT_PTR_EQUAL(*(void **)(void *)(memory + i * CHASE_LINE), first[i]);
    free(memory);
}

/* Whatever its order: one cycle through exactly its elements, a block at a time, and any number of places on it. */
static void ordered_chain_is_one_cycle_block_by_block(void)
{
    static const struct chase_order orders[] = {{CHASE_LINE, 0}, {CHASE_LINE, 4096}, {4160, 0}, {256, 16384}};
    enum { BYTES = 1 << 20 };
    struct random random = {.state = 3};
    char *memory = aligned_alloc(4096, BYTES);

    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    if (memory == NULL)
        return; /* Which the analyzer does not know. */
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        size_t elements = chase_elements(BYTES, &orders[i]), length = 0, changes = 0;
        size_t block = orders[i].block > 0 ? orders[i].block : BYTES;
        CU_ASSERT_TRUE_FATAL(chase_lay(memory, BYTES, &orders[i], &random));
        char *place = memory;
        do {
            char *next = *(void **)(void *)place;
            changes += (size_t)(next - memory) / block != (size_t)(place - memory) / block;
            place = next;
            length++;
        } while (place != memory && length <= elements);
        CU_ASSERT_EQUAL(length, elements);
        CU_ASSERT_TRUE(changes <= BYTES / block + 1);
        for (size_t chains = 1; chains <= CHASE_CHAINS; chains *= 2) {
            void *places[CHASE_CHAINS], *alone[CHASE_CHAINS];
            for (size_t j = 0; j < chains; j++)
                places[j] = alone[j] = memory + j * orders[i].stride;
            chase_run_many(places, chains, 7 * CHASE_STEP + 3);
            for (size_t j = 0; j < chains; j++)
                CU_ASSERT_PTR_EQUAL(places[j], chase_run(alone[j], 7 * CHASE_STEP));
        }
    }
    free(memory);
}

/* From each place of a chain that is followed at some at once to the next, however far the one that it was made from is. */
static void a_split_chain_is_followed_at_even_places(void)
{
    enum { LINES = 4096 };
    const struct chase_order order = {.stride = CHASE_LINE};
    struct random random = {.state = 5};
    struct buffer buffer = {.start = aligned_alloc(4096, LINES * CHASE_LINE)};
    struct chain plain, split;

    CU_ASSERT_PTR_NOT_NULL_FATAL(buffer.start);
    chain_lay(&plain, &buffer, 0, LINES * CHASE_LINE, &order, 1, &random);
    CU_ASSERT_STRING_EQUAL(plain.why, "");
    plain.places[0] = chase_run(plain.places[0], CHASE_STEP);
    for (size_t chains = 2; chains <= CHASE_CHAINS; chains *= 2) {
        chain_split(&split, &plain, chains);
        CU_ASSERT_EQUAL(split.chains, chains);
        for (size_t i = 0; i < chains; i++)
            CU_ASSERT_PTR_EQUAL(chase_run(split.places[i], LINES / chains), split.places[(i + 1) % chains]);
    }
    free(buffer.start);
}

/* All kernels of all codes that this processor runs, and the checks of what they come to, which must see a wrong element. */
static void kernels_do_what_they_say(void)
{
    enum { N = 16 * STREAM_STEP };
    double *memory = aligned_alloc(CHASE_LINE, 3 * N * sizeof *memory);
    struct stream stream = {memory, memory + N, memory + 2 * (size_t)N, N, 3};

    CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
    if (memory == NULL)
        return; /* Which the analyzer does not know. */
    for (size_t code = 0; code < stream_code_count; code++) {
        for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS; kernel++) {
            stream_function *function = stream_codes[code]->kernels[kernel];
            if (!stream_codes[code]->is_usable() || function == NULL)
                continue;
            for (size_t i = 0; i < 3; i++)
                stream_fill(memory + i * N, N);
            memory[0] = -1;
            double sum = function(&stream);
            CU_ASSERT_TRUE(kernel != STREAM_READ || sum == stream_sum(0, N));
            for (size_t i = 0; i < N; i++)
                CU_ASSERT_TRUE_FATAL(stream_is_right(kernel, &stream, i));
            memory[N - 1] += 1;
            CU_ASSERT_EQUAL(stream_is_right(kernel, &stream, N - 1), kernel == STREAM_READ);
        }
    }
    CU_ASSERT_EQUAL(stream_sum(250, 2), 251 + 1);
    free(memory);
}

int main(void)
{
    CU_TestInfo kernels[] = {
        {"chain is one cycle through all lines", chain_is_one_cycle_through_all_lines},
        {"chain is random but repeatable", chain_is_random_but_repeatable},
        {"ordered chain is one cycle, block by block", ordered_chain_is_one_cycle_block_by_block},
        {"a split chain is followed at even places", a_split_chain_is_followed_at_even_places},
        {"kernels do what they say", kernels_do_what_they_say},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"kernels", NULL, NULL, NULL, NULL, kernels}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
