/*
 * Which cache decides how large a buffer is, the advertised or the measured one; and what a curve of latencies by size says
 * of the last cache.
 */
#include "caches.h"
#include "run_suites.h"
#include "sizes.h"

#include <string.h>
#include <time.h>

#define MIB ((size_t)1 << 20)

static const struct size_rule four_times = {
    .caches = 4, .smallest = 16 * MIB, .largest = 512 * MIB, .together = 1, .share = 4};

static struct nodes machine(size_t advertised, size_t free_bytes)
{
    struct nodes nodes = {.count = 1, .largest_cache_bytes = advertised};

    nodes.node[0] = (struct node){.has_memory = true, .free_bytes = free_bytes};
    return nodes;
}

static struct sizing choose(const struct size_rule *rule, size_t advertised, struct bench_cache measured)
{
    struct nodes nodes = machine(advertised, 8192 * MIB);
    struct sizing sizing;

    sizes_choose(rule, &nodes, &measured, &sizing);
    return sizing;
}

static void measured_size_wins_where_the_label_is_too_small(void)
{
    struct sizing sizing = choose(&four_times, 8 * MIB, (struct bench_cache){.bytes = 64 * MIB});

    CU_ASSERT_EQUAL(sizing.bytes, 256 * MIB);
    CU_ASSERT_STRING_EQUAL(sizing.words, "sized for a cache of 64 MiB as measured, 8 advertised");
}

static void label_wins_where_less_is_measured(void)
{
    struct sizing sizing = choose(&four_times, 32 * MIB, (struct bench_cache){.bytes = 12 * MIB});

    CU_ASSERT_EQUAL(sizing.bytes, 128 * MIB);
    CU_ASSERT_STRING_EQUAL(sizing.words, "sized for a cache of 32 MiB as advertised, 12 measured");
}

static void label_decides_alone_where_nothing_is_measured_and_it_is_said(void)
{
    struct sizing sizing = choose(&four_times, 32 * MIB, (struct bench_cache){.reason = "nothing climbs"});

    CU_ASSERT_EQUAL(sizing.bytes, 128 * MIB);
    CU_ASSERT_STRING_EQUAL(sizing.words, "sized for a cache of 32 MiB as advertised, not measured: nothing climbs");
}

/* Bounds hold whichever decides; a buffer that is less than was wanted says so. */
static void sizes_keep_their_bounds(void)
{
    struct size_rule three = four_times;
    struct nodes poor = machine(0, 64 * MIB);
    struct bench_cache measured = {.bytes = 256 * MIB};
    struct sizing sizing = choose(&four_times, 0, measured);

    CU_ASSERT_EQUAL(sizing.bytes, 512 * MIB);
    CU_ASSERT_PTR_NOT_NULL(strstr(sizing.words, "; less than wanted"));
    sizing = choose(&four_times, 1 * MIB, (struct bench_cache){.bytes = 2 * MIB});
    CU_ASSERT_EQUAL(sizing.bytes, 16 * MIB);
    CU_ASSERT_PTR_NULL(strstr(sizing.words, "; less than wanted"));
    three.together = 3;
    CU_ASSERT_EQUAL(choose(&three, 8 * MIB, (struct bench_cache){.bytes = 16 * MIB}).bytes, 192 * MIB);
    sizes_choose(&four_times, &poor, &measured, &sizing);
    CU_ASSERT_EQUAL(sizing.bytes, 16 * MIB);
    CU_ASSERT_PTR_NOT_NULL(strstr(sizing.words, "; less than wanted"));
}

/* What a benchmark before has found is used, and no time goes into another sweep. */
static void finding_of_a_benchmark_before_is_used(void)
{
    struct nodes nodes = machine(8 * MIB, 8192 * MIB);
    struct bench_report report = {.cache = {.bytes = 48 * MIB}};
    struct bench_options options = {.seconds = 60};
    struct sizing sizing;

    sizes_find(&four_times, &nodes, 10, &options, &report, &sizing);
    CU_ASSERT_EQUAL(sizing.bytes, 192 * MIB);
    CU_ASSERT_EQUAL(options.seconds, 60);
}

/* Without time, in an emulated machine, or where a bound decides, no sweep is made; each says so. */
static void sweep_is_left_out_where_it_is_of_no_use(void)
{
    struct nodes nodes = machine(8 * MIB, 8192 * MIB), large = machine(128 * MIB, 8192 * MIB);
    struct bench_report report = {0};
    struct bench_options little = {.seconds = 1}, emulated = {.emulated = true}, much = {.seconds = 60};
    struct sizing sizing;

    sizes_find(&four_times, &nodes, 10, &little, &report, &sizing);
    CU_ASSERT_PTR_NOT_NULL(strstr(sizing.words, "not measured: there was no time for it"));
    CU_ASSERT_EQUAL(little.seconds, 1);
    sizes_find(&four_times, &nodes, 10, &emulated, &report, &sizing);
    CU_ASSERT_PTR_NOT_NULL(strstr(sizing.words, "not measured: no sweep is made in an emulated machine"));
    CU_ASSERT_EQUAL(emulated.seconds, 10);
    sizes_find(&four_times, &large, 10, &much, &report, &sizing);
    CU_ASSERT_PTR_NOT_NULL(strstr(sizing.words, "not measured: it would change nothing"));
    CU_ASSERT_EQUAL(report.cache.bytes, 0);
    CU_ASSERT_EQUAL(report.cache.reason[0], '\0'); /* The next one may look. */
}

/* A real sweep, for the next ones too: whatever it finds is told, and its time is taken off. */
static void sweep_is_made_once_and_paid_for(void)
{
    struct nodes nodes = machine(8 * MIB, 8192 * MIB);
    struct bench_report report = {0};
    struct bench_options options = {.seconds = 10};
    struct sizing sizing;

    sizes_find(&four_times, &nodes, 10, &options, &report, &sizing);
    CU_ASSERT_TRUE(options.seconds < 10);
    CU_ASSERT_TRUE((report.cache.bytes > 0) != (report.cache.reason[0] != '\0'));
    double left = options.seconds;
    sizes_find(&four_times, &nodes, 10, &options, &report, &sizing);
    CU_ASSERT_EQUAL(options.seconds, left);
}

/* A sweep that takes so long of a clock of the test's own: both go through this file (--wrap). */
static double sweep_seconds, clock_ahead;

int __real_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
void __real_caches_sweep(const struct bench_options *options, double seconds, struct bench_cache *cache);
void __wrap_caches_sweep(const struct bench_options *options, double seconds, struct bench_cache *cache);

int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);

    now->tv_sec += (time_t)clock_ahead;
    return result;
}

void __wrap_caches_sweep(const struct bench_options *options, double seconds, struct bench_cache *cache)
{
    if (sweep_seconds <= 0) {
        __real_caches_sweep(options, seconds, cache);
        return;
    }
    clock_ahead += sweep_seconds;
    *cache = (struct bench_cache){.bytes = 48 * MIB};
}

static double left_after_a_sweep_of(double seconds)
{
    struct nodes nodes = machine(8 * MIB, 8192 * MIB);
    struct bench_report report = {0};
    struct bench_options options = {.seconds = 10};
    struct sizing sizing;

    sweep_seconds = seconds;
    sizes_find(&four_times, &nodes, 10, &options, &report, &sizing);
    sweep_seconds = 0;
    CU_ASSERT_EQUAL(sizing.bytes, 192 * MIB);
    return options.seconds;
}

/* As on a machine whose CPUs others have: it is ended no sooner than with one sample of each size. */
static void a_slow_sweep_leaves_half_of_the_time(void)
{
    double left = left_after_a_sweep_of(3);
    CU_ASSERT(left >= 5 && left <= 7);
    CU_ASSERT_DOUBLE_EQUAL(left_after_a_sweep_of(10), 5, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(left_after_a_sweep_of(100), 5, 1e-9);
}

enum { SIZES = 8 };
static const size_t sizes[SIZES] = {MIB / 2, 1 * MIB, 2 * MIB, 4 * MIB, 8 * MIB, 16 * MIB, 32 * MIB, 64 * MIB};

/* Of a curve of these medians, each known to so large a share. */
static size_t last_level(const double *medians, double half_width)
{
    struct cell cell[SIZES] = {{0}};
    struct cells cells = {.cell = cell, .count = SIZES};

    for (size_t i = 0; i < SIZES; i++)
        cell[i].summary = (struct summary){
            .median = medians[i], .ci_low = medians[i] * (1 - half_width), .ci_high = medians[i] * (1 + half_width)};
    return caches_last_level(&cells, sizes);
}

static void last_level_is_where_the_last_climb_is_steepest(void)
{
    /* The second cache ends at 1 MiB, a third of 16 MiB: of 32 MiB half still hits. */
    static const double two[SIZES] = {4, 4, 20, 21, 22, 24, 60, 85};
    static const double one[SIZES] = {4, 4, 90, 100, 101, 102, 103, 104};

    CU_ASSERT_EQUAL(last_level(two, 0.05), 16 * MIB);
    CU_ASSERT_EQUAL(last_level(one, 0.05), 1 * MIB);
}

static void curve_without_a_climb_beyond_noise_has_no_level(void)
{
    static const double flat[SIZES] = {100, 101, 99, 103, 104, 104, 105, 106};
    static const double climbing[SIZES] = {4, 4, 4, 4, 4, 4, 6, 6};

    CU_ASSERT_EQUAL(last_level(flat, 0.01), 0);
    CU_ASSERT_EQUAL(last_level(climbing, 0.05), 16 * MIB);
    CU_ASSERT_EQUAL(last_level(climbing, 0.5), 0);
}

int main(void)
{
    CU_TestInfo choice[] = {
        {"measured size wins where the label is too small", measured_size_wins_where_the_label_is_too_small},
        {"label wins where less is measured", label_wins_where_less_is_measured},
        {"label decides alone where nothing is measured, and it is said",
            label_decides_alone_where_nothing_is_measured_and_it_is_said},
        {"sizes keep their bounds", sizes_keep_their_bounds},
        {"the finding of a benchmark before is used", finding_of_a_benchmark_before_is_used},
        {"a sweep is left out where it is of no use", sweep_is_left_out_where_it_is_of_no_use},
        {"a sweep is made once and paid for", sweep_is_made_once_and_paid_for},
        {"a slow sweep leaves half of the time", a_slow_sweep_leaves_half_of_the_time}, CU_TEST_INFO_NULL};
    CU_TestInfo curve[] = {
        {"the last level is where the last climb is steepest", last_level_is_where_the_last_climb_is_steepest},
        {"a curve without a climb beyond noise has no level", curve_without_a_climb_beyond_noise_has_no_level},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {
        {"choice", NULL, NULL, NULL, NULL, choice}, {"curve", NULL, NULL, NULL, NULL, curve}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
