/*
 * The course of any workload: rings, lanes, the two ways in which it is driven.
 *
 * Each site, a node, has a lane: a thread held to the node in the run's mode, which brings in the site's requests. A request
 * is written into the lane's ring, memory of that node, and served: at once by the lane itself, or by a worker of the
 * executor. Everything a request touches is thereby meant to be local, and what is not is the mode's doing.
 *
 * Driven in two ways, one after the other: as fast as can be, which gives throughput, and at a fixed rate well below
 * that, which gives latency (arrivals.c).
 */
#include "workload.h"

#include "arrivals.h"
#include "bench/bench.h"
#include "failure.h"
#include "placement.h"

#include <math.h>
#include <numaproof/pin.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define UNDER_WAY_MAX   64 /* Requests of a lane when it goes as fast as can be. */
#define PAGE            4096
#define REQUESTS_A_LOOK 16

const struct workload *const workloads[] = {&workload_chase, &workload_triad, &workload_lookup, &workload_packets};
const size_t workload_count = sizeof workloads / sizeof workloads[0];

const char *bench_workload_name(size_t index)
{
    return index < workload_count ? workloads[index]->name : NULL;
}

/* How long after the start the first request is due: the lanes' threads must be awake by then. */
#define LEAD_NS 2000000

/* A lane that has nothing to do looks whether its last requests have been served after half a gap, within these bounds. */
#define NAP_SHORTEST_NS    50000
#define NAP_LONGEST_NS     100000000
#define BETWEEN_HEALTHS_NS 1000000000

/* Where lanes wait for each other: one that is still being made and moved to its node has a CPU to itself meanwhile. */
struct start_line {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t ready;
    uint64_t start_ns; /* 0: not yet. */
};

/* What a lane's thread is asked for, and what it came to. */
struct drive {
    struct workload_run *run;
    size_t site;
    struct start_line *line;
    uint64_t start_ns;
    double seconds; /* As fast as can be for so long; 0: by arrivals. */
    size_t count;
    double gap_ns;
    np_status status;
    np_error error;
};

static uint64_t now_ns(void)
{
    return arrivals_real_clock.now_ns(NULL);
}

void workload_add_range(struct workload_run *run, void *start, size_t bytes, unsigned node, enum access_family family)
{
    if (run->range_count < WORKLOAD_RANGES_MAX)
        run->ranges[run->range_count++] =
            (struct workload_range){.start = start, .bytes = bytes, .node = node, .family = family};
}

np_status workload_add_region(struct workload_run *run, size_t bytes, unsigned node, enum access_family family,
    np_region **region, np_error *error)
{
    np_region_options options;

    np_region_options_init(&options);
    options.policy.kind = NP_POLICY_BIND;
    np_status status = np_nodeset_add(&options.policy.nodes, node, error);
    options.mode = (int32_t)run->setting.mode;
    options.prefault = NP_PREFAULT_TOUCH;
    /* A page at a time is how a node spills; huge pages would make the spilled share a matter of a few. */
    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    if (status == NP_OK)
        status = np_region_create(bytes, &options, region, error);
    if (status == NP_OK)
        workload_add_range(run, np_region_address(*region), bytes, node, family);
    return status;
}

/* The ring, and on a page of its own before it the count of what was completed. */
static np_status make_lane(struct workload_run *run, size_t site, np_error *error)
{
    struct workload_lane *lane = &run->lanes[site];
    size_t bytes = PAGE + run->ring * sizeof *lane->ring;
    np_status status = workload_add_region(run, bytes, run->setting.nodes[site], ACCESS_QUEUES, &lane->region, error);

    if (status != NP_OK)
        return status;
    lane->completed = np_region_address(lane->region);
    lane->ring = (struct workload_request *)(void *)((char *)np_region_address(lane->region) + PAGE);
    return NP_OK;
}

static np_status make_executor(struct workload_run *run, np_error *error)
{
    np_executor_options options;

    if (!run->workload->by_executor)
        return NP_OK;
    np_executor_options_init(&options);
    options.mode = (int32_t)run->setting.mode;
    options.steal = (int32_t)run->setting.steal;
    options.workers_per_node = run->setting.workers_per_node;
    return np_executor_create(run->setting.topology, &options, &run->executor, error);
}

np_status workload_open(
    struct workload_run *run, const struct workload *workload, const struct workload_setting *setting, np_error *error)
{
    *run = (struct workload_run){.workload = workload, .setting = *setting, .ring = workload->ring / setting->work};
    run->lane_count = workload->by_executor ? setting->node_count : 1;
    np_status status = workload->open(run, error);
    for (size_t site = 0; status == NP_OK && site < run->lane_count; site++)
        status = make_lane(run, site, error);
    if (status == NP_OK)
        status = make_executor(run, error);
    if (status != NP_OK)
        workload_close(run);
    return status;
}

void workload_close(struct workload_run *run)
{
    /* After it nobody serves requests any more, and writes down what they took. */
    np_executor_destroy(run->executor, NULL);
    free(run->latencies);
    run->workload->close(run);
    for (size_t site = 0; site < run->lane_count; site++)
        np_region_release(run->lanes[site].region);
    memset(run, 0, sizeof *run);
}

void workload_done(struct workload_request *request)
{
    struct workload_lane *lane = &request->run->lanes[request->site];

    if (lane->latencies != NULL)
        lane->latencies[request->number - lane->first] = arrivals_latency(request->due_ns, now_ns());
    atomic_store_explicit(&request->is_under_way, 0, memory_order_release);
    atomic_fetch_add_explicit(lane->completed, 1, memory_order_release);
}

size_t workload_spread(uint64_t number, size_t count)
{
    /* 2^64 over the golden ratio: of all numbers the one whose multiples come least close to each other. */
    return (size_t)(((number * UINT64_C(0x9e3779b97f4a7c15)) >> 32) * (uint64_t)count >> 32);
}

bool workload_count_range(const struct workload_range *range, size_t *pages, size_t *misplaced)
{
    /* Whole pages only: what lies around a shard is not the workload's. */
    size_t before = (PAGE - (uintptr_t)range->start % PAGE) % PAGE;
    const struct buffer buffer = {.start = range->start + before,
        .bytes = (range->bytes - before) / PAGE * PAGE,
        .node = range->node,
        .unit = PAGE};

    *pages = buffer.bytes / PAGE;
    buffer_is_in_place(&buffer, misplaced);
    return *pages > 0;
}

bool workload_count_misplaced(const struct workload_run *run, size_t *pages, size_t *misplaced)
{
    *pages = *misplaced = 0;
    for (size_t i = 0; i < run->range_count; i++) {
        size_t these, elsewhere;
        if (run->ranges[i].family != ACCESS_DATA)
            continue;
        if (!workload_count_range(&run->ranges[i], &these, &elsewhere))
            return false;
        *pages += these;
        *misplaced += elsewhere;
    }
    return *pages > 0;
}

static uint64_t under_way(const struct workload_lane *lane)
{
    return lane->issued - atomic_load_explicit(lane->completed, memory_order_acquire);
}

/*
 * For who waits until requests have been served: from time to time, whether the executor has lost those who would serve them.
 * When it was asked last is in *@asked_ns, 0 at first.
 */
static np_status look_at_health(struct drive *drive, uint64_t *asked_ns)
{
    uint64_t now = now_ns();

    *asked_ns = *asked_ns == 0 ? now : *asked_ns;
    if (drive->run->executor == NULL || now - *asked_ns <= BETWEEN_HEALTHS_NS)
        return NP_OK;
    *asked_ns = now;
    return np_executor_health(drive->run->executor, NULL, NULL, &drive->error);
}

/* Requests may overtake each other: that there are few under way does not mean that the place of @request is free. */
static np_status wait_for_room(struct drive *drive, const struct workload_request *request, uint64_t most_under_way)
{
    const struct workload_lane *lane = &drive->run->lanes[drive->site];
    np_status status = NP_OK;
    uint64_t asked_ns = 0;

    while (status == NP_OK && (under_way(lane) >= most_under_way ||
                                  atomic_load_explicit(&request->is_under_way, memory_order_acquire) != 0)) {
        sched_yield();
        status = look_at_health(drive, &asked_ns);
    }
    return status;
}

/* Bring in a request as soon as there is room for it; how long that takes does not change when it was due. */
static np_status issue(struct drive *drive, uint64_t due_ns, uint64_t most_under_way)
{
    struct workload_lane *lane = &drive->run->lanes[drive->site];
    struct workload_request *request = &lane->ring[lane->issued % drive->run->ring];

    np_status status = wait_for_room(drive, request, most_under_way);
    if (status != NP_OK)
        return status;
    request->number = lane->issued++;
    request->due_ns = due_ns;
    request->run = drive->run;
    request->site = (uint32_t)drive->site;
    atomic_store_explicit(&request->is_under_way, 1, memory_order_release);
    return drive->run->workload->serve(request)
               ? NP_OK
               : failure(&drive->error, NP_SYSTEM,
                     "a request was not served as it should be, or the executor took no more");
}

static void issue_or_fail(struct drive *drive, uint64_t due_ns, uint64_t most_under_way)
{
    if (drive->status == NP_OK)
        drive->status = issue(drive, due_ns, most_under_way);
}

static void issue_arrival(size_t index, uint64_t due_ns, void *closure)
{
    struct drive *drive = closure;

    (void)index;
    issue_or_fail(drive, due_ns, drive->run->ring);
}

/* As many of the ordinary requests as @count come to, of the run's own. */
static uint64_t by_work(const struct workload_run *run, uint64_t count)
{
    return count > run->setting.work ? count / run->setting.work : 1;
}

static void issue_until(struct drive *drive, uint64_t deadline_ns)
{
    uint64_t most = by_work(drive->run, UNDER_WAY_MAX), at_a_time = by_work(drive->run, REQUESTS_A_LOOK);

    for (uint64_t now = drive->start_ns; drive->status == NP_OK && now < deadline_ns; now = now_ns())
        for (uint64_t i = 0; i < at_a_time; i++)
            issue_or_fail(drive, now, most);
}

static uint64_t wait_for_start(struct start_line *line)
{
    pthread_mutex_lock(&line->lock);
    line->ready++;
    pthread_cond_broadcast(&line->changed);
    while (line->start_ns == 0)
        pthread_cond_wait(&line->changed, &line->lock);
    uint64_t start_ns = line->start_ns;
    pthread_mutex_unlock(&line->lock);
    return start_ns;
}

static void start(struct start_line *line, size_t lanes, uint64_t lead_ns)
{
    pthread_mutex_lock(&line->lock);
    while (line->ready < lanes)
        pthread_cond_wait(&line->changed, &line->lock);
    line->start_ns = now_ns() + lead_ns;
    pthread_cond_broadcast(&line->changed);
    pthread_mutex_unlock(&line->lock);
}

/*
 * Asleep: where a node has one CPU, the worker needs it. A lane that gave it away by sched_yield() again and again would still
 * have half of it (6.1), and the last request of each lane would take twice its time: of a hundred requests on four nodes four,
 * which is all of the slowest hundredth.
 */
static np_status wait_until_served(struct drive *drive)
{
    const struct workload_lane *lane = &drive->run->lanes[drive->site];
    double nap_ns = fmin(fmax(drive->gap_ns / 2, NAP_SHORTEST_NS), NAP_LONGEST_NS);
    const struct timespec nap = {.tv_nsec = (long)nap_ns};
    np_status status = NP_OK;
    uint64_t asked_ns = 0;

    while (status == NP_OK && under_way(lane) > 0) {
        nanosleep(&nap, NULL);
        status = look_at_health(drive, &asked_ns);
    }
    return status;
}

/* As fast as can be there is hardly anything left to wait for; who sleeps would be late, and the figure is of this too. */
static np_status drain(struct drive *drive)
{
    const struct workload_lane *lane = &drive->run->lanes[drive->site];
    np_status status = NP_OK;
    uint64_t asked_ns = 0;

    while (status == NP_OK && under_way(lane) > 0) {
        sched_yield();
        status = look_at_health(drive, &asked_ns);
    }
    return status;
}

static void drive_in_its_way(struct drive *drive)
{
    struct workload_lane *lane = &drive->run->lanes[drive->site];
    double share = (double)drive->site / (double)drive->run->lane_count;
    /* Nobody makes those who ask at different sites ask at the same instant. */
    const struct arrivals arrivals = {.start_ns = drive->start_ns + (uint64_t)(drive->gap_ns * share),
        .gap_ns = drive->gap_ns,
        .count = drive->count};

    lane->first = lane->issued;
    if (drive->seconds > 0) {
        issue_until(drive, drive->start_ns + (uint64_t)(drive->seconds * 1e9));
        if (drive->status == NP_OK)
            drive->status = drain(drive);
    } else {
        arrivals_run(&arrivals, &arrivals_real_clock, issue_arrival, drive);
        if (drive->status == NP_OK)
            drive->status = wait_until_served(drive);
    }
}

static void *drive_lane(void *closure)
{
    struct drive *drive = closure;
    const struct workload_setting *setting = &drive->run->setting;
    np_pin *pin = NULL;

    /* Timers of ordinary threads may be 50 us late. */
    prctl(PR_SET_TIMERSLACK, 1);
    drive->status = np_pin_to_node(setting->topology, setting->nodes[drive->site], setting->mode, &pin, &drive->error);
    drive->start_ns = wait_for_start(drive->line);
    if (drive->status == NP_OK)
        drive_in_its_way(drive);
    np_pin_release(pin, NULL);
    return NULL;
}

/* One thread a lane, each with a copy of @what for its site, from *@start_ns on; the first problem is the outcome. */
static np_status drive_all(struct workload_run *run, const struct drive *what, uint64_t *start_ns, np_error *error)
{
    struct start_line line = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct drive drives[WORKLOAD_SITES_MAX];
    pthread_t threads[WORKLOAD_SITES_MAX];
    size_t started = 0;
    np_status status = NP_OK;

    for (; started < run->lane_count; started++) {
        drives[started] = *what;
        drives[started].site = started;
        drives[started].line = &line;
        if (pthread_create(&threads[started], NULL, drive_lane, &drives[started]) != 0) {
            status = failure(error, NP_ALLOCATION, "no thread for lane %zu of the workload", started);
            break;
        }
    }
    start(&line, started, what->seconds > 0 ? 0 : LEAD_NS);
    for (size_t site = 0; site < started; site++) {
        pthread_join(threads[site], NULL);
        if (status == NP_OK && drives[site].status != NP_OK) {
            status = drives[site].status;
            *error = drives[site].error;
        }
    }
    *start_ns = line.start_ns;
    return status;
}

/* Of all lanes. Not from the rings: this thread may be on any node, and would be counted there as a remote access. */
static uint64_t issued(const struct workload_run *run)
{
    uint64_t sum = 0;

    for (size_t site = 0; site < run->lane_count; site++)
        sum += run->lanes[site].issued;
    return sum;
}

np_status workload_saturate(struct workload_run *run, double seconds, double *throughput, np_error *error)
{
    const struct drive drive = {.run = run, .seconds = seconds};
    uint64_t before = issued(run), start_ns;

    for (size_t site = 0; site < run->lane_count; site++)
        run->lanes[site].latencies = NULL;
    np_status status = drive_all(run, &drive, &start_ns, error);
    /* A lane ends when all that it issued has been served. */
    *throughput = (double)(issued(run) - before) * 1e9 / (double)(now_ns() - start_ns);
    return status;
}

np_status workload_serve(struct workload_run *run, size_t count, double gap_ns, np_error *error)
{
    const struct drive drive = {.run = run, .count = count, .gap_ns = gap_ns};
    uint64_t start_ns;

    free(run->latencies);
    run->latencies = calloc(count * run->lane_count, sizeof *run->latencies);
    if (run->latencies == NULL)
        return failure(error, NP_ALLOCATION, "no memory for %zu latencies", count * run->lane_count);
    for (size_t site = 0; site < run->lane_count; site++)
        run->lanes[site].latencies = run->latencies + site * count;
    return drive_all(run, &drive, &start_ns, error);
}
