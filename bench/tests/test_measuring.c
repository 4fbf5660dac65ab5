/*
 * What every figure rests on: the statistics against values worked out by hand or found in tables, the chain of the
 * chase, and the way cells are interleaved and compared.
 */
#include "cells.h"
#include "chains.h"
#include "chase.h"
#include "nodes.h"
#include "placement.h"
#include "run_suites.h"
#include "statistics.h"
#include "streams.h"
#include "team.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The order-statistic interval of the median as tables of the sign test give it (David and Nagaraja, Order Statistics). */
static void median_ranks_are_those_of_the_tables(void)
{
    static const struct {
        size_t n, low, high; /* Counted from 1, as tables do. */
    } rows[] = {{6, 1, 6}, {8, 1, 8}, {9, 2, 8}, {10, 2, 9}, {15, 4, 12}, {20, 6, 15}, {25, 8, 18}, {50, 18, 33},
        {100, 40, 61}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t low, high;
        statistics_median_ranks(rows[i].n, 1, &low, &high);
        CU_ASSERT_EQUAL(low + 1, rows[i].low);
        CU_ASSERT_EQUAL(high + 1, rows[i].high);
    }
}

static void exact_and_approximate_ranks_meet(void)
{
    size_t low, high, next_low, next_high;

    statistics_median_ranks(1000, 1, &low, &high);
    statistics_median_ranks(1001, 1, &next_low, &next_high);
    CU_ASSERT_TRUE(next_low >= low && next_low <= low + 2);
    CU_ASSERT_TRUE(next_high <= high + 2 && next_high >= high);
}

static void summary_is_worked_out_by_hand(void)
{
    /* In order 1 2 3 4 5 6 7 8 9 100: median 5.5, deviations .5 .5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 94.5, their median 2.5. */
    static const double samples[] = {9, 1, 100, 3, 5, 2, 4, 8, 6, 7};
    struct summary summary;

    CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, 10, &summary));
    CU_ASSERT_DOUBLE_EQUAL(summary.median, 5.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(summary.mad, 2.5, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(summary.ci_low, 2, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.ci_high, 9, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.min, 1, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.max, 100, 0);
    CU_ASSERT_DOUBLE_EQUAL(summary.p99, 9 + 0.91 * 91, 1e-9);
    CU_ASSERT_EQUAL(summary.outliers, 1);
    CU_ASSERT_EQUAL(summary.n, 10);
}

static void few_samples_do_not_converge(void)
{
    static const double same[] = {5, 5, 5, 5, 5, 5};
    struct summary summary;

    CU_ASSERT_TRUE_FATAL(statistics_summarize(same, 5, &summary));
    CU_ASSERT_FALSE(statistics_converged(&summary, 0.02));
    CU_ASSERT_TRUE_FATAL(statistics_summarize(same, 6, &summary));
    CU_ASSERT_TRUE(statistics_converged(&summary, 0.02));
}

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* 95% of intervals hold the true median: here of a skewed distribution whose median is known, over many trials. */
static void interval_covers_the_median_as_often_as_it_says(void)
{
    struct random random = {.state = 88172645463325252};
    double samples[40];
    unsigned covered = 0, trials = 4000;

    for (unsigned trial = 0; trial < trials; trial++) {
        struct summary summary;
        for (size_t i = 0; i < 40; i++) {
            double uniform = (double)(random_next(&random) >> 11) / 9007199254740992.0;
            samples[i] = 1 / (1 - uniform * 0.999); /* Median 1 / (1 - 0.4995). */
        }
        CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, 40, &summary));
        covered += summary.ci_low <= 1 / (1 - 0.4995) && 1 / (1 - 0.4995) <= summary.ci_high;
    }
    CU_ASSERT_TRUE(covered >= trials * 94 / 100);
    CU_ASSERT_TRUE(covered <= trials * 98 / 100);
}

/*
 * Samples that go along with their neighbours (of each, 0.9 is the one before): an interval that took them for independent
 * would hold the median in one trial of three.
 */
static void interval_allows_for_samples_that_vary_together(void)
{
    enum { SAMPLES = 1000, TRIALS = 1000 };
    struct random random = {.state = 88172645463325252};
    static double samples[SAMPLES];
    unsigned covered = 0, blind = 0;

    for (unsigned trial = 0; trial < TRIALS; trial++) {
        struct summary summary;
        double last = 0;
        size_t low, high;
        for (size_t i = 0; i < SAMPLES; i++)
            samples[i] = last = 0.9 * last + (double)(random_next(&random) >> 11) / 9007199254740992.0 - 0.5;
        CU_ASSERT_TRUE_FATAL(statistics_summarize(samples, SAMPLES, &summary));
        covered += summary.ci_low <= 0 && 0 <= summary.ci_high;
        statistics_median_ranks(SAMPLES, 1, &low, &high);
        qsort(samples, SAMPLES, sizeof samples[0], compare_doubles);
        blind += samples[low] <= 0 && 0 <= samples[high];
    }
    CU_ASSERT_TRUE(covered >= TRIALS * 88 / 100);
    CU_ASSERT_TRUE(blind < TRIALS / 2);
}

static void drift_is_seen_and_noise_is_not_drift(void)
{
    struct random random = {.state = 5};
    double level[300], rising[300];
    struct summary summary;

    for (size_t i = 0; i < 300; i++) {
        level[i] = 100 + (double)random_below(&random, 1000) / 100;
        rising[i] = level[i] + (double)i / 30;
    }
    CU_ASSERT_TRUE_FATAL(statistics_summarize(level, 300, &summary));
    CU_ASSERT_FALSE(summary.drifts);
    CU_ASSERT_TRUE(summary.inflation < 3);
    CU_ASSERT_TRUE_FATAL(statistics_summarize(rising, 300, &summary));
    CU_ASSERT_TRUE(summary.drifts);
    CU_ASSERT_DOUBLE_EQUAL(summary.drift, 200.0 / 30 / 110, 0.02);
    CU_ASSERT_TRUE(summary.inflation > 3);
}

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

/* Each cause alone, just beyond what is worth a word, and all of them at rest. */
static void noise_is_named_by_its_cause(void)
{
    static const struct {
        struct noise_mark end;
        const char *words; /* NULL: nothing to say. */
    } rows[] = {
        {{.seconds = 10, .cpus = 4, .busy_seconds = 20, .used_seconds = 19.9, .probe_ns = 102}, NULL},
        {{.seconds = 10, .cpus = 4, .steal_seconds = 0.8, .probe_ns = 100},
            "the hypervisor took 2.0% of the CPUs' time"},
        {{.seconds = 10, .cpus = 4, .steal_seconds = 0.8, .probe_ns = 100, .is_virtual = true},
            "the hypervisor took 2.0% of the CPUs' time; a virtual machine, which does not see what else its host "
            "runs"},
        {{.seconds = 10, .cpus = 4, .busy_seconds = 24, .used_seconds = 20, .probe_ns = 100},
            "other programs took 10% of the CPUs' time"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 125}, "the processor ran 20% slower at the end than at the start"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 80}, "the processor ran 25% faster at the end than at the start"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 100, .pages_swapped = 3}, "3 pages went through swap"},
        {{.seconds = 10, .cpus = 4, .probe_ns = 100, .throttled = 1}, "the processor throttled itself for heat"},
    };
    const struct noise_mark start = {.cpus = 4, .probe_ns = 100};
    char words[192];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CU_ASSERT_EQUAL(noise_causes(&start, &rows[i].end, words, sizeof words), rows[i].words != NULL);
        CU_ASSERT_STRING_EQUAL(words, rows[i].words != NULL ? rows[i].words : "");
    }
}

static void noise_of_a_figure_is_told_from_its_samples(void)
{
    struct summary steady = {.median = 100, .inflation = 2}, moving = steady, bursty = steady;
    char words[192];

    moving.drifts = true;
    moving.drift = 0.05;
    bursty.inflation = 9;
    CU_ASSERT_FALSE(statistics_noise(&steady, 0.02, "", words, sizeof words));
    CU_ASSERT_TRUE(statistics_noise(&steady, 0.02, "load", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "load");
    CU_ASSERT_TRUE(statistics_noise(&moving, 0.02, "load", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "load; drift of +5.0% from the first third to the last");
    CU_ASSERT_FALSE(statistics_noise(&moving, 0.2, "", words, sizeof words));
    CU_ASSERT_TRUE(statistics_noise(&bursty, 0.02, "", words, sizeof words));
    CU_ASSERT_STRING_EQUAL(words, "samples vary together: the interval is 3.0 times wider for it");
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

static void histogram_counts_by_constant_factors(void)
{
    struct bench_histogram histogram = {{0}};

    CU_ASSERT_EQUAL(bench_histogram_quantile(&histogram, 0.5), 0);
    for (size_t i = 0; i < 990; i++)
        bench_histogram_add(&histogram, 100);
    for (size_t i = 0; i < 10; i++)
        bench_histogram_add(&histogram, 5000);
    bench_histogram_add(&histogram, 0.1);
    bench_histogram_add(&histogram, 1e30);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_quantile(&histogram, 0.5), 100, 6);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_quantile(&histogram, 0.995), 5000, 300);
    CU_ASSERT_EQUAL(histogram.counts[0], 1);
    CU_ASSERT_EQUAL(histogram.counts[BENCH_HISTOGRAM_COUNTS - 1], 1);
    CU_ASSERT_DOUBLE_EQUAL(bench_histogram_bound(BENCH_BOUNDS_AN_OCTAVE), 2, 1e-9);
}

static atomic_uint worked[2];
static void count_work(unsigned member, void *closure)
{
    atomic_fetch_add(&worked[member], *(unsigned *)closure);
}

static void team_works_together_and_only_as_many_as_asked(void)
{
    unsigned cpus[2], one = 1, missing;
    double seconds;
    struct team *team;
    size_t count = nodes_cpus(0, cpus, 2);

    if (count < 2)
        return;
    CU_ASSERT_EQUAL_FATAL(team_make(&team, cpus, 2, NULL), NP_OK);
    for (unsigned round = 0; round < 50; round++)
        CU_ASSERT_TRUE(team_run(team, 2, count_work, &one, &seconds, &missing));
    CU_ASSERT_TRUE(team_run(team, 1, count_work, &one, &seconds, &missing));
    CU_ASSERT_TRUE(seconds >= 0);
    CU_ASSERT_EQUAL(atomic_load(&worked[0]), 51);
    CU_ASSERT_EQUAL(atomic_load(&worked[1]), 50);
    team_free(team);
    cpus[0] = 100000;
    CU_ASSERT_EQUAL(team_make(&team, cpus, 1, NULL), NP_SYSTEM);
}

/* A cell whose samples are made up: a drift that all cells share, and an offset of its own. */
static double drift;
static bool made_up_sample(struct cell *cell, double *sample)
{
    static struct random random = {.state = 99};

    drift += 0.01;
    *sample = 100 + drift + *(double *)cell->closure + (double)random_below(&random, 100) / 100;
    return true;
}

static bool misplaced_sample(struct cell *cell, double *sample)
{
    if (cell->target != 1)
        return made_up_sample(cell, sample);
    cell->state = BENCH_MISPLACED;
    return false;
}

static void measure(struct cell *cell, size_t count, cells_sample *sample)
{
    struct cells cells = {
        .cell = cell, .count = count, .sample = sample, .what = "test", .width = 0.01, .seconds = 60, .random = {3}};
    struct bench_options options = {.quick = true};

    CU_ASSERT_EQUAL(cells_measure(&cells, &options, NULL), NP_OK);
}

static void cells_are_told_apart_under_drift(void)
{
    double none = 0, some = 5, difference, noise;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &some},
        {.target = 2, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };

    measure(cell, 3, made_up_sample);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_CONVERGED);
    CU_ASSERT_EQUAL(cell[0].count, cell[1].count);
    CU_ASSERT_EQUAL(cells_compare(&cell[0], &cell[1], &difference, &noise), 1);
    CU_ASSERT_DOUBLE_EQUAL(difference, 5, 0.5);
    CU_ASSERT_EQUAL(cells_compare(&cell[1], &cell[0], &difference, &noise), -1);
    CU_ASSERT_EQUAL(cells_compare(&cell[0], &cell[2], &difference, &noise), 0);
    for (size_t i = 0; i < 3; i++)
        free(cell[i].samples);
}

static void a_misplaced_cell_drops_out_alone(void)
{
    double none = 0;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };

    measure(cell, 2, misplaced_sample);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_CONVERGED);
    CU_ASSERT_EQUAL(cell[1].state, BENCH_MISPLACED);
    CU_ASSERT_EQUAL(cell[1].count, 0);
    free(cell[0].samples);
}

static unsigned taken;
static bool counted_sample(struct cell *cell, double *sample)
{
    taken++;
    return misplaced_sample(cell, sample);
}

/* Without any time: what can be measured has its one sample, and what cannot, or was never prepared, still has none. */
static void each_cell_has_a_first_sample_however_little_time_there_is(void)
{
    double none = 0;
    struct cell cell[] = {
        {.target = 0, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 1, .state = BENCH_NOT_CONVERGED, .closure = &none},
        {.target = 2, .state = BENCH_NOT_RUN, .closure = &none},
        {.target = 3, .state = BENCH_NOT_CONVERGED, .closure = &none},
    };
    struct cells cells = {.cell = cell, .count = 4, .sample = counted_sample, .what = "test", .width = 0.01};
    struct bench_options options = {.quick = true};

    CU_ASSERT_EQUAL(cells_measure(&cells, &options, NULL), NP_OK);
    CU_ASSERT_EQUAL(taken, 3);
    CU_ASSERT_EQUAL(cell[0].count, 1);
    CU_ASSERT_EQUAL(cell[0].state, BENCH_NOT_CONVERGED);
    CU_ASSERT_EQUAL(cell[1].state, BENCH_MISPLACED);
    CU_ASSERT_EQUAL(cell[1].count, 0);
    CU_ASSERT_EQUAL(cell[2].state, BENCH_NOT_RUN);
    CU_ASSERT_EQUAL(cell[2].count, 0);
    CU_ASSERT_EQUAL(cell[3].count, 1);
    cells_free_samples(&cells);
}

/* The plain chain of every target, and all chains of the first. */
static void latency_has_its_figures_however_little_time_there_is(void)
{
    const struct bench_options options = {.quick = true, .seconds = 0.001, .without_sweep = true};
    struct bench_report report = {0};
    int first = -1;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(bench_latency(&options, &report, &error), NP_OK);
    for (size_t i = 0; i < report.measurement_count; i++) {
        const struct bench_measurement *figure = &report.measurements[i];
        first = first < 0 || figure->target < first ? figure->target : first;
    }
    CU_ASSERT(report.measurement_count >= 5);
    size_t with_figures = 0;
    for (size_t i = 0; i < report.measurement_count; i++) {
        const struct bench_measurement *figure = &report.measurements[i];
        bool is_laid = figure->target == first || figure->variant[0] == '\0';
        CU_ASSERT(!is_laid || strstr(figure->reason, "no time") == NULL);
        with_figures += figure->n > 0;
    }
    CU_ASSERT(with_figures > 0);
    bench_report_free(&report);
}

/* As some containers do: the call is said not to be there, on a kernel that has it. */
static bool hide_move_pages(void)
{
    struct sock_filter code[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_move_pages, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog filter = {.len = sizeof code / sizeof code[0], .filter = code};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/* In a child, which a filter stays with: 0 when pages that cannot be looked at are taken for none in place. */
static int look_without_move_pages(unsigned node)
{
    struct buffer buffer = {.start = NULL};
    size_t elsewhere = 0;

    if (buffer_make_ordinary(&buffer, (size_t)2 << 20, node, NULL) != NP_OK || !buffer_is_in_place(&buffer, &elsewhere))
        return 1;
    if (!hide_move_pages())
        return 2;
    return !buffer_is_in_place(&buffer, &elsewhere) && elsewhere == buffer.bytes / buffer.unit ? 0 : 3;
}

static void pages_that_cannot_be_looked_at_are_not_in_place(void)
{
    static struct nodes nodes;
    int status = -1;
    size_t i = 0;

    CU_ASSERT_EQUAL_FATAL(nodes_discover(&nodes, NULL), NP_OK);
    while (i + 1 < nodes.count && !nodes.node[i].has_memory)
        i++;
    if (access("/sys/devices/system/node", F_OK) != 0)
        return; /* A kernel without NUMA has no such call, and one place only. */
    pid_t child = fork();
    if (child == 0)
        _exit(look_without_move_pages(nodes.node[i].id));
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL(status, 0);
}

int main(void)
{
    CU_TestInfo statistics[] = {{"median ranks are those of the tables", median_ranks_are_those_of_the_tables},
        {"exact and approximate ranks meet", exact_and_approximate_ranks_meet},
        {"summary is worked out by hand", summary_is_worked_out_by_hand},
        {"few samples do not converge", few_samples_do_not_converge},
        {"interval covers the median as often as it says", interval_covers_the_median_as_often_as_it_says},
        {"interval allows for samples that vary together", interval_allows_for_samples_that_vary_together},
        {"drift is seen, and noise is not drift", drift_is_seen_and_noise_is_not_drift},
        {"noise is named by its cause", noise_is_named_by_its_cause},
        {"noise of a figure is told from its samples", noise_of_a_figure_is_told_from_its_samples}, CU_TEST_INFO_NULL};
    CU_TestInfo chase[] = {{"chain is one cycle through all lines", chain_is_one_cycle_through_all_lines},
        {"chain is random but repeatable", chain_is_random_but_repeatable},
        {"ordered chain is one cycle, block by block", ordered_chain_is_one_cycle_block_by_block},
        {"a split chain is followed at even places", a_split_chain_is_followed_at_even_places},
        {"kernels do what they say", kernels_do_what_they_say},
        {"histogram counts by constant factors", histogram_counts_by_constant_factors},
        {"team works together, and only as many as asked", team_works_together_and_only_as_many_as_asked},
        CU_TEST_INFO_NULL};
    CU_TestInfo cells[] = {{"cells are told apart under drift", cells_are_told_apart_under_drift},
        {"a misplaced cell drops out alone", a_misplaced_cell_drops_out_alone},
        {"each cell has a first sample, however little time there is",
            each_cell_has_a_first_sample_however_little_time_there_is},
        {"latency has its figures, however little time there is", latency_has_its_figures_however_little_time_there_is},
        {"pages that cannot be looked at are not in place", pages_that_cannot_be_looked_at_are_not_in_place},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"statistics", NULL, NULL, NULL, NULL, statistics},
        {"chase", NULL, NULL, NULL, NULL, chase}, {"cells", NULL, NULL, NULL, NULL, cells}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
