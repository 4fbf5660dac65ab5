/*
 * Hard against soft mode: what is said of runs that were made up (five of them have no 95% interval, and decide nothing), and
 * the workloads themselves, with as much work as a machine of delayed accesses asks of them.
 */
#include "modes_internal.h"
#include "run_suites.h"

#include "failure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_RUNS = 12 };

static const struct workload made_up = {.name = "made up", .doc = "runs that were made up", .delayed_work = 2};

/* So many runs in soft mode, each with @p99; hard mode refused. */
static void have_runs(struct modes_result *result, double samples[MODES_FIGURES][MOST_RUNS], size_t runs, double p99)
{
    for (int figure = 0; figure < MODES_FIGURES; figure++) {
        for (size_t i = 0; i < runs; i++)
            samples[figure][i] = p99 + 0.001 * (double)i;
        result->sides[NP_SOFT].samples[figure] = samples[figure];
    }
    result->sides[NP_SOFT].count = runs;
    result->sides[NP_STRICT].refused = 1;
    result->scenario.workload = &made_up;
}

/* The verdict on pages that were spilled and made the slowest ten times as slow, after so many runs. */
static void verdict_of(size_t runs, char verdict[16])
{
    static double quiet[MODES_FIGURES][MOST_RUNS], full[MODES_FIGURES][MOST_RUNS];
    struct modes_result results[2] = {
        {.scenario = {.name = "quiet"}}, {.scenario = {.name = "full", .disturbance = DISTURBANCE_FULL}}};
    const struct modes modes = {.setting = {.node_count = 1, .bytes = 1 << 20}};
    struct bench_report report = {0};
    np_error error = {0};

    have_runs(&results[0], quiet, runs, 10);
    have_runs(&results[1], full, runs, 100);
    CU_ASSERT_EQUAL_FATAL(modes_report(&modes, results, 2, &report, &error), NP_OK);
    strcpy(verdict, "absent");
    for (size_t i = 0; i < report.claim_count; i++)
        if (strcmp(report.claims[i].id, "modes-spill-costs-full") == 0)
            memcpy(verdict, report.claims[i].verdict, sizeof report.claims[i].verdict);
    bench_report_free(&report);
}

static void fewer_than_six_runs_decide_nothing(void)
{
    char verdict[16];

    verdict_of(5, verdict);
    CU_ASSERT_STRING_EQUAL(verdict, "inconclusive");
    verdict_of(6, verdict);
    CU_ASSERT_STRING_EQUAL(verdict, "pass");
}

static void more_work_than_the_workload_says_is_told(void)
{
    static double samples[MODES_FIGURES][MOST_RUNS];

    for (int delayed = 0; delayed < 2; delayed++) {
        const struct modes modes = {.setting = {.node_count = 1}, .delayed = delayed != 0};
        struct modes_result result = {.scenario = {.name = "quiet"}};
        struct bench_report report = {0};
        np_error error = {0};
        have_runs(&result, samples, 6, 10);
        CU_ASSERT_EQUAL_FATAL(modes_report(&modes, &result, 1, &report, &error), NP_OK);
        const char *detail = report.measurements[0].detail;
        CU_ASSERT_EQUAL(strstr(detail, "runs that were made up, 2 times over;") != NULL, delayed);
        bench_report_free(&report);
    }
}

static double seconds_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Drive a workload in both ways; the seconds of CPU time that a request takes, which others on this machine do not add to. */
static double drive(const struct workload *workload, const struct workload_setting *setting)
{
    enum { REQUESTS = 50 };
    double throughput = 0;
    static struct workload_run run;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(workload_open(&run, workload, setting, &error), NP_OK);
    CU_ASSERT_EQUAL(run.ring * setting->work, workload->ring);
    double before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    CU_ASSERT_EQUAL(workload_saturate(&run, 0.1, &throughput, &error), NP_OK);
    double taken = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before;
    CU_ASSERT_FATAL(throughput > 0 && run.lane_count == 1 && run.lanes[0].issued > 0);
    double cost = taken / (double)run.lanes[0].issued;
    CU_ASSERT_EQUAL_FATAL(workload_serve(&run, REQUESTS, 1e5, &error), NP_OK);
    for (size_t request = 0; request < REQUESTS; request++)
        CU_ASSERT(run.latencies[request] > 0);
    workload_close(&run);
    return cost;
}

/*
 * Packets would be found damaged if bursts that are under way at once shared a place. A cold cache or a slow moment of the CPU
 * makes a drive dearer and never cheaper: the cheapest of some are compared.
 */
static void workloads_serve_however_much_a_request_works(void)
{
    enum { ROUNDS = 3 };
    struct workload_setting setting = {.node_count = 1, .workers_per_node = 1, .bytes = 8 << 20};
    np_topology *topology;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&topology, &error), NP_OK);
    setting.topology = topology;
    for (size_t i = 0; i < workload_count; i++) {
        double least[2] = {INFINITY, INFINITY};
        for (size_t turn = 0; turn < (size_t)2 * ROUNDS; turn++) {
            setting.work = turn % 2 == 0 ? 1 : workloads[i]->delayed_work;
            least[turn % 2] = fmin(least[turn % 2], drive(workloads[i], &setting));
        }
        CU_ASSERT(least[1] > 2 * least[0]);
    }
    np_topology_destroy(topology);
}

/* The calibration's calls go through this file (--wrap): what phases come to, one after the other, and what was done in order. */
static const double *phases;
static char calibration[16];

static void note(char what)
{
    size_t done = strlen(calibration);

    if (done + 1 < sizeof calibration)
        calibration[done] = what;
}

np_status __real_workload_saturate(struct workload_run *run, double seconds, double *throughput, np_error *error);
np_status __wrap_workload_saturate(struct workload_run *run, double seconds, double *throughput, np_error *error);
bool __wrap_access_arm_ranges(const struct access_range *ranges, size_t count);
void __wrap_access_disarm(void);
void __wrap_counters_read(struct counters *counters, double *values);
np_status __wrap_counters_report(const struct counters *counters, const double *values, const char *during,
    struct bench_report *report, np_error *error);

np_status __wrap_workload_saturate(struct workload_run *run, double seconds, double *throughput, np_error *error)
{
    if (phases == NULL)
        return __real_workload_saturate(run, seconds, throughput, error);
    note('p');
    *throughput = *phases++;
    return NP_OK;
}

bool __wrap_access_arm_ranges(const struct access_range *ranges, size_t count)
{
    (void)ranges, (void)count;
    note('a');
    return true;
}

void __wrap_access_disarm(void)
{
    note('d');
}

void __wrap_counters_read(struct counters *counters, double *values)
{
    (void)counters, (void)values;
    note('r');
}

np_status __wrap_counters_report(const struct counters *counters, const double *values, const char *during,
    struct bench_report *report, np_error *error)
{
    (void)counters, (void)values, (void)during, (void)report, (void)error;
    return NP_OK;
}

/* A phase in which others were at work is not what the workload can do. All of them are counted, and nothing else is. */
static void calibration_goes_by_the_best_of_its_phases(void)
{
    static const double throughputs[] = {1e5, 1e6, 2e5};
    struct modes modes = {.setting = {.node_count = 1, .workers_per_node = 1, .bytes = 8 << 20}};
    struct bench_report report = {0};
    np_error error;

    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&modes.topology, &error), NP_OK);
    modes.setting.topology = modes.topology;
    phases = throughputs;
    CU_ASSERT_EQUAL(modes_calibrate(&modes, 0, &report, &error), NP_OK);
    phases = NULL;
    CU_ASSERT_DOUBLE_EQUAL(modes.gap_ns[0] * 0.3 * 1e6, 1e9, 1);
    CU_ASSERT_STRING_EQUAL(calibration, "rapppdr");
    np_topology_destroy(modes.topology);
}

#define COMPUTE_SECONDS 0.02

/* A workload whose requests take so long of a CPU, and no memory. */
static void compute(void *argument)
{
    double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);

    while (seconds_of(CLOCK_THREAD_CPUTIME_ID) - start < COMPUTE_SECONDS)
        continue;
    workload_done(argument);
}

static np_status compute_open(struct workload_run *run, np_error *error)
{
    (void)run, (void)error;
    return NP_OK;
}

static void compute_close(struct workload_run *run)
{
    (void)run;
}

static bool compute_serve(struct workload_request *request)
{
    return np_executor_submit(request->run->executor, 0, compute, request, NULL) == NP_OK;
}

/*
 * A lane has nothing to do but to wait while the last request is served, and takes no CPU time for that. One that yields instead is
 * not seen where all CPUs are busy: what it gives away is then others'.
 */
static void a_lane_waits_asleep(void)
{
    enum { PHASES = 8 };
    static const struct workload workload = {.name = "compute",
        .by_executor = true,
        .ring = 16,
        .open = compute_open,
        .close = compute_close,
        .serve = compute_serve};
    struct workload_setting setting = {.node_count = 1, .workers_per_node = 1, .work = 1};
    static struct workload_run run;
    double taken = 0, computed = PHASES * COMPUTE_SECONDS;
    np_topology *topology;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&topology, &error), NP_OK);
    setting.topology = topology;
    CU_ASSERT_EQUAL_FATAL(workload_open(&run, &workload, &setting, &error), NP_OK);
    for (size_t phase = 0; phase < PHASES; phase++) {
        double before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        CU_ASSERT_EQUAL_FATAL(workload_serve(&run, 1, 1e9 * COMPUTE_SECONDS, &error), NP_OK);
        taken += seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before;
        CU_ASSERT(run.latencies[0] >= COMPUTE_SECONDS * 1e9);
    }
    CU_ASSERT(taken >= computed && taken < 1.5 * computed);
    if (taken >= 1.5 * computed)
        printf("%g s of CPU time for %g s of requests\n", taken, computed);
    workload_close(&run);
    np_topology_destroy(topology);
}

static bool are_lost;

np_status __real_np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error);
np_status __wrap_np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error);

np_status __wrap_np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error)
{
    return are_lost ? failure(error, NP_SYSTEM, "a worker was lost")
                    : __real_np_executor_health(executor, lost, present, error);
}

/* It goes to a worker that never serves it. */
static bool lose(struct workload_request *request)
{
    (void)request;
    return true;
}

static np_status drive_lost(const struct workload_setting *setting, double seconds, size_t count, np_error *error)
{
    static const struct workload workload = {
        .name = "lost", .by_executor = true, .ring = 64, .open = compute_open, .close = compute_close, .serve = lose};
    static struct workload_run run;
    double throughput;

    CU_ASSERT_EQUAL_FATAL(workload_open(&run, &workload, setting, error), NP_OK);
    np_status status =
        count > 0 ? workload_serve(&run, count, 1, error) : workload_saturate(&run, seconds, &throughput, error);
    workload_close(&run);
    return status;
}

/* Whichever wait it is that workers are missed in: the last of all, the one for room, and both of those that are never asleep. */
static void a_lane_sees_that_workers_are_lost(void)
{
    enum { LONGEST_SECONDS = 60 };
    static const struct {
        double seconds;
        size_t count;
    } waits[] = {{1e-9, 0}, {0.02, 0}, {0, 10}, {0, 100}};
    struct workload_setting setting = {.node_count = 1, .workers_per_node = 1, .work = 1};
    np_topology *topology;
    np_error error;

    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&topology, &error), NP_OK);
    setting.topology = topology;
    are_lost = true;
    alarm(LONGEST_SECONDS); /* Who waits for ever is ended by that. */
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        CU_ASSERT_EQUAL(drive_lost(&setting, waits[i].seconds, waits[i].count, &error), NP_SYSTEM);
        CU_ASSERT_STRING_EQUAL(error.reason, "a worker was lost");
    }
    alarm(0);
    are_lost = false;
    np_topology_destroy(topology);
}

int main(void)
{
    CU_TestInfo tests[] = {{"fewer than six runs decide nothing", fewer_than_six_runs_decide_nothing},
        {"more work than the workload says is told", more_work_than_the_workload_says_is_told},
        {"workloads serve however much a request works", workloads_serve_however_much_a_request_works},
        {"calibration goes by the best of its phases", calibration_goes_by_the_best_of_its_phases},
        {"a lane waits asleep", a_lane_waits_asleep},
        {"a lane sees that workers are lost", a_lane_sees_that_workers_are_lost}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"modes", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
