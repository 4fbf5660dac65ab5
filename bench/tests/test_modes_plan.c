/*
 * How the time of a comparison is shared out, on a clock of the test's own: runs, disturbances, sizes and the looks at the machine
 * are doubles here, a run takes as long as the test says, and nothing has to be waited for.
 */
#include "modes_internal.h"
#include "run_suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELPERS_SECONDS 3.0

/* What the doubles are told, and what they saw. */
static struct {
    double now;
    double run_seconds[DISTURBANCE_KINDS];
    bool is_steady;          /* All runs come to the same. */
    size_t undisturbed_from; /* This run, counted from 1, finds its disturbance gone; 0: none does. */
    size_t roomy;            /* So often a full node does not get full; */
    size_t fillings;         /* and so often one was filled. */
    size_t bytes;            /* Of the data of a site. */
    char order[64];          /* Of the runs in soft and hard mode: s and h. */
    double looks[8];
    size_t look_count;
} world;

double modes_now(void)
{
    return world.now;
}

bool modes_is_over(const struct modes *modes)
{
    return !modes->options->emulated && world.now >= modes->end;
}

uint32_t modes_work(const struct modes *modes, const struct workload *workload)
{
    (void)modes, (void)workload;
    return 1;
}

np_status modes_calibrate(struct modes *modes, size_t workload, struct bench_report *report, np_error *error)
{
    (void)report, (void)error;
    modes->gap_ns[workload] = 1000;
    return NP_OK;
}

np_status modes_run(struct modes *modes, const struct modes_scenario *scenario, size_t workload, np_mode mode,
    struct modes_side *side, np_error *error)
{
    (void)modes, (void)workload, (void)error;
    double took = world.run_seconds[scenario->disturbance];
    size_t runs = strlen(world.order);

    if (runs + 1 < sizeof world.order)
        world.order[runs] = mode == NP_SOFT ? 's' : 'h';
    for (int figure = 0; figure < MODES_FIGURES; figure++) {
        side->samples[figure] = realloc(side->samples[figure], (side->count + 1) * sizeof(double));
        CU_ASSERT_PTR_NOT_NULL_FATAL(side->samples[figure]);
        side->samples[figure][side->count] = world.is_steady ? 1 : 1 + (double)(side->count % 2);
    }
    side->count++;
    world.now += took;
    return NP_OK;
}

const char *disturbance_name(enum disturbance_kind kind)
{
    return kind == DISTURBANCE_NONE ? "quiet" : kind == DISTURBANCE_HOG ? "CPU hog" : "other";
}

bool disturbance_changes_machine(enum disturbance_kind kind)
{
    return kind > DISTURBANCE_HOG;
}

const char *disturbance_obstacle(enum disturbance_kind kind, size_t memory_nodes)
{
    (void)kind, (void)memory_nodes;
    return "";
}

np_status disturbance_begin(struct disturbance *disturbance, enum disturbance_kind kind, const np_cpuset *cpus,
    unsigned node, uint64_t leave_bytes, np_error *error)
{
    (void)cpus, (void)node, (void)leave_bytes, (void)error;
    *disturbance = (struct disturbance){.kind = kind, .filler = -1};
    world.fillings += kind == DISTURBANCE_FULL;
    return NP_OK;
}

np_status disturbance_settle(const struct disturbance *disturbance, np_error *error)
{
    bool is_gone = world.undisturbed_from > 0 && strlen(world.order) + 1 >= world.undisturbed_from;

    if (disturbance->kind == DISTURBANCE_FULL && world.roomy > 0) {
        world.roomy--;
        snprintf(error->reason, sizeof error->reason, "it is roomy");
        return NP_SYSTEM;
    }
    snprintf(error->reason, sizeof error->reason, "it is gone");
    return is_gone ? NP_SYSTEM : NP_OK;
}

double disturbance_used_seconds(const struct disturbance *disturbance)
{
    return disturbance->kind == DISTURBANCE_HOG ? HELPERS_SECONDS : 0;
}

np_status disturbance_end(struct disturbance *disturbance, np_error *error)
{
    (void)disturbance, (void)error;
    return NP_OK;
}

void sizes_find(const struct size_rule *rule, const struct nodes *nodes, double own_seconds,
    struct bench_options *options, struct bench_report *report, struct sizing *sizing)
{
    (void)rule, (void)nodes, (void)own_seconds, (void)options, (void)report;
    *sizing = (struct sizing){.bytes = world.bytes};
}

void noise_look(struct noise_mark *mark)
{
    *mark = (struct noise_mark){.seconds = world.now};
}

bool noise_causes(const struct noise_mark *from, const struct noise_mark *to, char *words, size_t size)
{
    CU_ASSERT_EQUAL(from->used_seconds, to->used_seconds);
    if (world.look_count < sizeof world.looks / sizeof world.looks[0])
        world.looks[world.look_count++] = to->used_seconds;
    snprintf(words, size, "others took %g s", to->seconds - from->seconds);
    return true;
}

static struct bench_report report;

static np_status compare(const struct bench_options *options, np_error *error)
{
    bench_report_free(&report);
    report = (struct bench_report){0};
    return bench_modes(options, &report, error);
}

/* Of one workload, which uses one node, quiet and beside a hog. */
static void compare_within(double seconds, bool emulated)
{
    const struct bench_options options = {.seconds = seconds, .workload = "triad", .emulated = emulated};
    np_error error = {0};

    CU_ASSERT_EQUAL_FATAL(compare(&options, &error), NP_OK);
}

static void make_world(double quiet_seconds, double hog_seconds)
{
    memset(&world, 0, sizeof world);
    world.bytes = (size_t)16 << 20;
    world.run_seconds[DISTURBANCE_NONE] = quiet_seconds;
    world.run_seconds[DISTURBANCE_HOG] = hog_seconds;
}

static const struct bench_measurement *find(const char *name, const char *variant, const char *mode)
{
    for (size_t i = 0; i < report.measurement_count; i++) {
        const struct bench_measurement *cell = &report.measurements[i];
        if (strcmp(cell->name, name) == 0 && strcmp(cell->variant, variant) == 0 && strcmp(cell->mode, mode) == 0)
            return cell;
    }
    return NULL;
}

static const struct bench_measurement *throughput(const char *variant, const char *mode)
{
    const struct bench_measurement *cell = find("modes throughput", variant, mode);

    CU_ASSERT_PTR_NOT_NULL_FATAL(cell);
    return cell;
}

/* Both modes have so many runs; and where these are more than one, their ratio. */
static void has_runs(const char *variant, size_t runs)
{
    CU_ASSERT_EQUAL(throughput(variant, "soft")->n, runs);
    CU_ASSERT_EQUAL(throughput(variant, "strict")->n, runs);
    CU_ASSERT_EQUAL(find("modes throughput ratio", variant, "") != NULL, runs > 1);
}

/* Four runs of the quiet machine would take all but all of the time, and leave the other without a figure. */
static void who_is_slow_leaves_time_to_who_comes_after(void)
{
    make_world(2.4, 4.8);
    compare_within(10, false);
    has_runs("triad, quiet", 1);
    has_runs("triad, CPU hog", 1);
}

static void a_pair_that_was_begun_is_ended(void)
{
    make_world(4.5, 4.5);
    compare_within(10, false);
    has_runs("triad, quiet", 1);
    has_runs("triad, CPU hog", 1);
    CU_ASSERT_STRING_EQUAL(world.order, "shsh");
}

static void the_time_is_used_and_kept_and_turns_are_even(void)
{
    make_world(0.6, 1.1);
    compare_within(10, false);
    has_runs("triad, quiet", 4);
    has_runs("triad, CPU hog", 2);
    CU_ASSERT_STRING_EQUAL(world.order, "shhsshhsshhs");
    CU_ASSERT(world.now > 9 && world.now <= 10);
    /* Here two pairs more would be nearer to the hog's part, but beyond the end. */
    make_world(0.55, 0.9);
    compare_within(10, false);
    has_runs("triad, quiet", 4);
    has_runs("triad, CPU hog", 2);
    CU_ASSERT(world.now <= 10);
}

static void what_has_no_time_at_all_says_so(void)
{
    make_world(6, 6);
    compare_within(10, false);
    has_runs("triad, quiet", 1);
    CU_ASSERT_EQUAL(throughput("triad, CPU hog", "soft")->state, BENCH_NOT_RUN);
    CU_ASSERT_STRING_EQUAL(throughput("triad, CPU hog", "soft")->reason, "there was no time for it in 10 s");
}

/* Its time is not that of hardware. */
static void an_emulated_machine_has_even_turns_however_long_they_take(void)
{
    make_world(6, 60);
    compare_within(10, true);
    has_runs("triad, quiet", 2);
    has_runs("triad, CPU hog", 2);
    CU_ASSERT_STRING_EQUAL(world.order, "shhsshhs");
    /* Two pairs more begin within the quiet machine's part; on hardware they would end too far beyond it. */
    make_world(0.9, 0.1);
    compare_within(10, true);
    has_runs("triad, quiet", 4);
    make_world(0.9, 0.1);
    compare_within(10, false);
    has_runs("triad, quiet", 2);
}

static void no_more_is_done_than_is_wanted(void)
{
    make_world(0.01, 0.01);
    compare_within(10, false);
    has_runs("triad, quiet", 60);
    has_runs("triad, CPU hog", 60);
    make_world(0.01, 0.01);
    world.is_steady = true;
    compare_within(10, false);
    has_runs("triad, quiet", 10);
    has_runs("triad, CPU hog", 10);
}

static void runs_end_with_the_disturbance(void)
{
    make_world(0.55, 0.55);
    world.undisturbed_from = 12;
    compare_within(10, false);
    has_runs("triad, quiet", 4);
    CU_ASSERT_STRING_EQUAL(world.order, "shhsshhsshh");
    CU_ASSERT_EQUAL(throughput("triad, CPU hog", "soft")->n, 1);
    CU_ASSERT_EQUAL(throughput("triad, CPU hog", "strict")->n, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(throughput("triad, CPU hog", "soft")->reason, "and 1 failed: it is gone"));
    CU_ASSERT_PTR_NULL(find("modes throughput ratio", "triad, CPU hog", ""));
}

/* Each row has what disturbed its own runs; what those use who disturb on purpose is ours. */
static void each_row_is_marked_with_its_own_noise(void)
{
    make_world(0.55, 0.9);
    compare_within(10, false);
    CU_ASSERT_PTR_NOT_NULL(strstr(throughput("triad, quiet", "strict")->noise, "others took 4.4 s"));
    CU_ASSERT_PTR_NOT_NULL(strstr(throughput("triad, CPU hog", "soft")->noise, "others took 3.6 s"));
    CU_ASSERT_EQUAL_FATAL(world.look_count, 2);
    CU_ASSERT_EQUAL(world.looks[0], 0);
    CU_ASSERT_EQUAL(world.looks[1], HELPERS_SECONDS);
}

/* Beside what changes the machine too; how it came out with a node that so often does not get full. */
static const struct bench_measurement *fill(size_t roomy)
{
    const struct bench_options options = {.seconds = 10, .workload = "triad", .may_change_machine = true};
    np_error error = {0};

    make_world(0.5, 0.5);
    world.run_seconds[DISTURBANCE_FULL] = world.run_seconds[DISTURBANCE_BALANCING] = 0.5;
    world.roomy = roomy;
    CU_ASSERT_EQUAL_FATAL(compare(&options, &error), NP_OK);
    return throughput("triad, other", "soft"); /* The first of that name is the full node. */
}

static void a_node_that_does_not_get_full_is_filled_anew_once(void)
{
    CU_ASSERT(fill(0)->n > 0);
    CU_ASSERT_EQUAL(world.fillings, 1);
    CU_ASSERT(fill(1)->n > 0);
    CU_ASSERT_EQUAL(world.fillings, 2);
    const struct bench_measurement *cell = fill(9);
    CU_ASSERT_EQUAL(world.fillings, 2);
    CU_ASSERT_EQUAL(cell->state, BENCH_NOT_RUN);
    CU_ASSERT_PTR_NOT_NULL(strstr(cell->reason, "it is roomy"));
}

/* Packets take 144 bursts of 32 KiB; all that is more than that will do. */
static void no_less_memory_is_taken_than_workloads_need(void)
{
    const struct bench_options options = {.seconds = 10, .workload = "triad"};
    np_error error = {0};

    make_world(0.5, 0.5);
    world.bytes = (size_t)4 << 20;
    CU_ASSERT_EQUAL(compare(&options, &error), NP_ALLOCATION);
    CU_ASSERT_STRING_EQUAL(error.reason, "there is a node with less than 48 MiB of memory free");
    world.bytes = (size_t)6 << 20;
    CU_ASSERT_EQUAL(compare(&options, &error), NP_OK);
}

int main(void)
{
    CU_TestInfo tests[] = {{"who is slow leaves time to who comes after", who_is_slow_leaves_time_to_who_comes_after},
        {"a pair that was begun is ended", a_pair_that_was_begun_is_ended},
        {"the time is used and kept, and turns are even", the_time_is_used_and_kept_and_turns_are_even},
        {"what has no time at all says so", what_has_no_time_at_all_says_so},
        {"an emulated machine has even turns, however long they take",
            an_emulated_machine_has_even_turns_however_long_they_take},
        {"no more is done than is wanted", no_more_is_done_than_is_wanted},
        {"runs end with the disturbance", runs_end_with_the_disturbance},
        {"a node that does not get full is filled anew once", a_node_that_does_not_get_full_is_filled_anew_once},
        {"no less memory is taken than workloads need", no_less_memory_is_taken_than_workloads_need},
        {"each row is marked with its own noise", each_row_is_marked_with_its_own_noise}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"plan of modes", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    int status = run_suites(suites);
    bench_report_free(&report);
    return status;
}
