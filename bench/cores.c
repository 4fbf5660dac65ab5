/*
 * Core to core: how long a store takes to be seen by another CPU.
 *
 * Two threads hand a number to and fro through a cache line: each waits for the other's and answers with the next. Half
 * of a round trip is the time from one core's store to the other's load: within a core complex it is the shared cache,
 * between sockets the link. It is what a lock costs that wanders.
 *
 * A machine of many CPUs has too many pairs for the time there is: then one thread of each core, and of the cores as many
 * as there is time for, spread over the nodes; the detail says how many were left out. Two threads of one core share
 * their cache, and are a pair of their own only where all CPUs fit.
 */
#include "bench/bench.h"

#include "cells.h"
#include "cores.h"
#include "failure.h"
#include "nodes.h"
#include "team.h"

#include <math.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NAME          "cores"
#define MOST_CPUS     4096
#define CPUS_QUICK    8
#define CPUS_FULL     24
#define SECONDS_QUICK 3
#define SECONDS_FULL  20
#define FIRST_TRIPS   16
#define MOST_TRIPS    ((size_t)1 << 20)
#define TRIES         3
#define TELL_SECONDS  0.001
#define AIM_SECONDS   0.002
#define TRIES_SECONDS 0.5 /* After these there is no third try. */
/* Where the two share a CPU, as emulated ones may, waiting must give way. */
#define SPINS_BEFORE_YIELD 100000

/* The line that is handed to and fro; alone in its pair of lines, which some processors fetch together. */
struct line {
    _Alignas(128) atomic_size_t number;
    char rest[128 - sizeof(atomic_size_t)];
};

struct pair {
    unsigned cpu[2];
    struct team *team;
    struct line *line;
    size_t trips; /* Of a sample; 0 until the first one told. */
};

struct chosen {
    unsigned cpu;
    int node;
};

struct cores {
    struct nodes nodes;
    struct chosen *chosen;
    size_t count, left_out;
    struct cells cells;
    struct pair *pairs;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Member 0 writes the odd numbers, member 1 the even ones. */
static void hand_over(unsigned member, void *closure)
{
    const struct pair *pair = closure;
    atomic_size_t *number = &pair->line->number;

    for (size_t trip = 0; trip < pair->trips; trip++) {
        unsigned spins = 0;
        while (atomic_load_explicit(number, memory_order_acquire) != 2 * trip + member)
            if (++spins % SPINS_BEFORE_YIELD == 0)
                sched_yield();
        atomic_store_explicit(number, 2 * trip + member + 1, memory_order_release);
    }
}

static bool run_trips(struct cell *cell, struct pair *pair, double *seconds)
{
    unsigned missing = 0;

    atomic_store(&pair->line->number, 0);
    if (!team_run(pair->team, 2, hand_over, pair, seconds, &missing)) {
        cell->state = BENCH_MISPLACED;
        snprintf(cell->reason, sizeof cell->reason, "a measuring thread was moved off CPU %u", missing);
        return false;
    }
    if (atomic_load(&pair->line->number) != 2 * pair->trips) {
        cell->state = BENCH_NOT_RUN;
        snprintf(cell->reason, sizeof cell->reason, "the number handed over is wrong");
        return false;
    }
    return true;
}

/* Of some tries: an interruption must not pass for slow CPUs. */
static bool find_quickest(cores_try *try_trips, size_t trips, void *closure, double *quickest)
{
    double seconds, total = 0;

    *quickest = INFINITY;
    for (unsigned try = 0; try < TRIES && (try < 2 || total < TRIES_SECONDS); try++) {
        if (!try_trips(trips, closure, &seconds))
            return false;
        *quickest = fmin(*quickest, seconds);
        total += seconds;
    }
    return true;
}

size_t cores_choose_trips(cores_try *try_trips, void *closure)
{
    size_t trips = FIRST_TRIPS;
    double seconds;

    if (!find_quickest(try_trips, trips, closure, &seconds))
        return 0;
    while (seconds < TELL_SECONDS && trips < MOST_TRIPS) {
        trips *= 2;
        if (!find_quickest(try_trips, trips, closure, &seconds))
            return 0;
    }
    double wanted = seconds > 0 ? (double)trips * AIM_SECONDS / seconds : MOST_TRIPS;
    return (size_t)fmax(FIRST_TRIPS, fmin(wanted, MOST_TRIPS));
}

static bool try_pair(size_t trips, void *closure, double *seconds)
{
    struct cell *cell = closure;
    struct pair *pair = cell->closure;

    pair->trips = trips;
    return run_trips(cell, pair, seconds);
}

static bool sample_pair(struct cell *cell, double *sample)
{
    struct pair *pair = cell->closure;
    double seconds;

    if (pair->trips == 0) {
        size_t trips = cores_choose_trips(try_pair, cell);
        if (trips == 0)
            return false;
        pair->trips = trips;
    }
    if (!run_trips(cell, pair, &seconds))
        return false;
    *sample = seconds * 1e9 / (double)(2 * pair->trips);
    return true;
}

/* The CPUs of all nodes, evenly thinned to @most of them. */
static np_status choose_cpus(struct cores *cores, size_t most, np_error *error)
{
    unsigned *cpus = malloc(MOST_CPUS * sizeof *cpus);
    struct chosen *all = malloc(MOST_CPUS * sizeof *all);
    size_t count = 0;

    cores->chosen = malloc(most * sizeof *cores->chosen);
    for (size_t i = 0; cpus != NULL && all != NULL && i < cores->nodes.count; i++) {
        size_t of_node = nodes_cpus(cores->nodes.node[i].id, cpus, MOST_CPUS);
        for (size_t j = 0; j < of_node && count < MOST_CPUS; j++)
            all[count++] = (struct chosen){cpus[j], (int)cores->nodes.node[i].id};
    }
    bool known = cores->chosen != NULL && cpus != NULL && all != NULL;
    cores->count = count < most ? count : most;
    cores->left_out = count - cores->count;
    for (size_t i = 0; known && i < cores->count; i++)
        cores->chosen[i] = all[i * count / cores->count];
    free(cpus);
    free(all);
    return known ? NP_OK : failure(error, NP_ALLOCATION, "no memory to list the CPUs in");
}

static np_status add_pair(struct cores *cores, const struct chosen *one, const struct chosen *other, np_error *error)
{
    struct pair *pair = &cores->pairs[cores->cells.count];
    np_status status;

    *pair = (struct pair){.cpu = {one->cpu, other->cpu}, .line = aligned_alloc(128, sizeof(struct line))};
    if (pair->line == NULL)
        return failure(error, NP_ALLOCATION, "no memory for a line to hand over");
    status = team_make(&pair->team, pair->cpu, 2, error);
    if (status != NP_OK) {
        free(pair->line);
        return status;
    }
    cores->cells.cell[cores->cells.count++] =
        (struct cell){.initiator = one->node, .target = other->node, .state = BENCH_NOT_CONVERGED, .closure = pair};
    return NP_OK;
}

static np_status make_plan(struct cores *cores, const struct bench_options *options, np_error *error)
{
    np_status status = choose_cpus(cores, options->quick ? CPUS_QUICK : CPUS_FULL, error);

    if (status != NP_OK)
        return status;
    size_t most = cores->count * cores->count / 2 + 1;
    cores->pairs = calloc(most, sizeof *cores->pairs);
    cores->cells.cell = calloc(most, sizeof *cores->cells.cell);
    if (cores->pairs == NULL || cores->cells.cell == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan %zu pairs of CPUs", most);
    for (size_t i = 0; i < cores->count; i++)
        for (size_t j = i + 1; j < cores->count && status == NP_OK; j++)
            status = add_pair(cores, &cores->chosen[i], &cores->chosen[j], error);
    return status;
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    const struct pair *pair = cell->closure;

    snprintf(measurement->name, sizeof measurement->name, NAME);
    snprintf(measurement->variant, sizeof measurement->variant, "CPU %u to CPU %u", pair->cpu[0], pair->cpu[1]);
    snprintf(measurement->unit, sizeof measurement->unit, "ns");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->detail, sizeof measurement->detail,
        "half of a round trip of a number in one cache line; %zu round trips a sample", pair->trips);
}

/* One CPU has nobody to hand anything to; of many, not all pairs are measured. Both are said. */
static np_status tell_what_is_missing(const struct cores *cores, struct bench_report *report, np_error *error)
{
    struct bench_claim claim = {.id = "cores-all-pairs", .text = "Every pair of CPUs was measured"};

    snprintf(claim.verdict, sizeof claim.verdict, "not-applicable");
    if (cores->count < 2)
        snprintf(claim.reason, sizeof claim.reason, "this process may use one CPU only");
    else
        snprintf(claim.reason, sizeof claim.reason, "%zu CPUs of %zu, spread over the nodes: %zu pairs", cores->count,
            cores->count + cores->left_out, cores->cells.count);
    return cores->left_out > 0 || cores->count < 2 ? bench_report_add_claim(report, &claim, error) : NP_OK;
}

static void release(struct cores *cores)
{
    cells_free_samples(&cores->cells);
    for (size_t i = 0; i < cores->cells.count; i++) {
        team_free(cores->pairs[i].team);
        free(cores->pairs[i].line);
    }
    free(cores->cells.cell);
    free(cores->pairs);
    free(cores->chosen);
    free(cores);
}

np_status bench_cores(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct cores *cores = calloc(1, sizeof *cores);
    double start = now();

    if (cores == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    cores->cells = (struct cells){.sample = sample_pair,
        .what = NAME,
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = options->seconds > 0 ? options->seconds
                   : options->quick     ? SECONDS_QUICK
                                        : SECONDS_FULL,
        .random = {.state = (uint64_t)(start * 1e9) | 1}};
    np_status status = nodes_discover(&cores->nodes, error);
    if (status == NP_OK)
        status = make_plan(cores, options, error);
    if (status == NP_OK && cores->cells.count > 0)
        status = cells_measure(&cores->cells, options, error);
    if (status == NP_OK)
        status = tell_what_is_missing(cores, report, error);
    if (status == NP_OK)
        status = cells_report(&cores->cells, describe, report, error);
    report->seconds += now() - start;
    release(cores);
    return status;
}
