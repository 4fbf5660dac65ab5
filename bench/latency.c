/*
 * Latency: how long a load takes that depends on the one before, from every node's CPUs to every node's memory.
 *
 * One buffer a target, several times the largest cache, a chain through all its lines (chase.c). A sample follows the chain
 * for some ten milliseconds from where the last sample left it, so that no part of it is warmer than another. Before and
 * after each sample the thread's CPU is checked and every page of the buffer is asked for; a cell that was not where it
 * claims to be has no figure.
 */
#include "bench/bench.h"

#include "access.h"
#include "cells.h"
#include "counters.h"
#include "failure.h"
#include "nodes.h"
#include "placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME            "latency"
#define MIB             ((size_t)1 << 20)
#define SMALLEST_BUFFER (64 * MIB)
#define LARGEST_BUFFER  (512 * MIB)
#define CACHES_LARGE    4 /* How many times the largest cache a buffer is. */
#define WARM_UP_LOADS   2048
#define SECONDS_QUICK   8
#define SECONDS_FULL    60

/* A target's buffer, and where on its chain the next sample begins; or why there is none. */
struct target {
    struct buffer buffer;
    void *place;
    char why[256];
};

/* What a cell measures. */
struct pair {
    struct target *target;
    unsigned cpu;
    const size_t *loads; /* Of a sample. */
    uint64_t loads_made; /* In all samples, warming up included. */
};

struct latency {
    struct nodes nodes;
    struct target *targets; /* By index in nodes; start is NULL where there is no buffer. */
    struct pair *pairs;
    struct cells cells;
    size_t bytes; /* Of each buffer. */
    size_t loads; /* Of each sample, the same for all cells. */
    bool quick;
};

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double time_loads(struct target *target, size_t loads)
{
    target->place = chase_run(target->place, WARM_UP_LOADS);
    double start = now_ns();
    target->place = chase_run(target->place, loads);
    return (now_ns() - start) / (double)loads;
}

static bool is_in_place(struct cell *cell)
{
    const struct pair *pair = cell->closure;
    size_t elsewhere;

    if (!thread_is_in_place(pair->cpu)) {
        cell->state = BENCH_MISPLACED;
        snprintf(cell->reason, sizeof cell->reason, "the measuring thread was moved off CPU %u", pair->cpu);
        return false;
    }
    if (!buffer_is_in_place(&pair->target->buffer, &elsewhere)) {
        cell->state = BENCH_MISPLACED;
        snprintf(cell->reason, sizeof cell->reason, "%zu pages of the buffer are no longer on node %d", elsewhere,
            cell->target);
        return false;
    }
    return true;
}

static bool sample_cell(struct cell *cell, double *sample)
{
    struct pair *pair = cell->closure;

    if (!thread_move(pair->cpu)) {
        cell->state = BENCH_NOT_RUN;
        snprintf(cell->reason, sizeof cell->reason, "the kernel does not let this process run on CPU %u", pair->cpu);
        return false;
    }
    if (!is_in_place(cell))
        return false;
    access_arm(pair->target->buffer.start, pair->target->buffer.bytes);
    *sample = time_loads(pair->target, *pair->loads);
    access_disarm();
    pair->loads_made += *pair->loads + WARM_UP_LOADS;
    return is_in_place(cell);
}

/* Several times the largest cache, and no more than a quarter of what the poorest node has free. */
static size_t choose_bytes(const struct nodes *nodes)
{
    size_t bytes = CACHES_LARGE * (size_t)nodes->largest_cache_bytes;

    bytes = bytes < SMALLEST_BUFFER ? SMALLEST_BUFFER : bytes > LARGEST_BUFFER ? LARGEST_BUFFER : bytes;
    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->node[i].has_memory && nodes->node[i].free_bytes / 4 < bytes)
            bytes = (size_t)nodes->node[i].free_bytes / 4;
    return bytes & ~(2 * MIB - 1);
}

/* How many loads fill a sample's time, in steps; from the buffer's own first loads, by whatever CPU we are on. */
static size_t choose_loads(struct target *target, bool quick)
{
    double aim = quick ? 5e6 : 10e6;
    size_t loads = 16 * (size_t)CHASE_STEP;
    double each = time_loads(target, loads);

    while (each * (double)loads < aim / 4 && loads < target->buffer.bytes / CHASE_LINE) {
        loads *= 2;
        each = time_loads(target, loads);
    }
    loads = (size_t)(aim / each) / CHASE_STEP * CHASE_STEP;
    return loads < 16 * (size_t)CHASE_STEP ? 16 * (size_t)CHASE_STEP : loads;
}

/* A node that the buffer found no room on is no error of the run: its cells say why they have no figure. */
static np_status prepare_target(struct latency *latency, size_t index, np_error *error)
{
    struct target *target = &latency->targets[index];
    np_error problem;

    if (latency->bytes < 2 * MIB) {
        snprintf(target->why, sizeof target->why, "there is a node with less memory free than a buffer needs");
        return NP_OK;
    }
    if (buffer_make(&target->buffer, latency->bytes, latency->nodes.node[index].id, &problem) != NP_OK) {
        snprintf(target->why, sizeof target->why, "%.200s", problem.reason);
        return NP_OK;
    }
    if (!chase_make(target->buffer.start, target->buffer.bytes, &latency->cells.random))
        return failure(error, NP_ALLOCATION, "no memory to shuffle %zu lines in", latency->bytes / CHASE_LINE);
    if (!chase_is_one_cycle(target->buffer.start, target->buffer.bytes))
        return failure(error, NP_SYSTEM, "the chain through the buffer is not one cycle of %zu loads",
            latency->bytes / CHASE_LINE);
    target->place = target->buffer.start;
    size_t loads = choose_loads(target, latency->quick);
    latency->loads = loads > latency->loads ? loads : latency->loads;
    return NP_OK;
}

static void add_cell(struct latency *latency, const struct node *initiator, size_t index)
{
    struct target *target = &latency->targets[index];
    struct pair *pair = &latency->pairs[latency->cells.count];
    struct cell *cell = &latency->cells.cell[latency->cells.count++];

    *pair = (struct pair){.target = target, .cpu = (unsigned)initiator->cpu, .loads = &latency->loads};
    *cell = (struct cell){.initiator = (int)initiator->id,
        .target = (int)latency->nodes.node[index].id,
        .state = target->why[0] == '\0' ? BENCH_NOT_CONVERGED : BENCH_NOT_RUN,
        .closure = pair};
    snprintf(cell->reason, sizeof cell->reason, "%s", target->why);
}

static np_status prepare_cells(struct latency *latency, np_error *error)
{
    const struct nodes *nodes = &latency->nodes;

    for (size_t target = 0; target < nodes->count; target++) {
        np_status status = nodes->node[target].has_memory ? prepare_target(latency, target, error) : NP_OK;
        if (status != NP_OK)
            return status;
    }
    for (size_t initiator = 0; initiator < nodes->count; initiator++)
        for (size_t target = 0; target < nodes->count; target++)
            if (nodes->node[initiator].cpu >= 0 && nodes->node[target].has_memory)
                add_cell(latency, &nodes->node[initiator], target);
    return latency->cells.count > 0
               ? NP_OK
               : failure(
                     error, NP_SYSTEM, "there is no node with a CPU, or none with memory, that this process may use");
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    const struct pair *pair = cell->closure;

    snprintf(measurement->name, sizeof measurement->name, NAME);
    snprintf(measurement->unit, sizeof measurement->unit, "ns");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->detail, sizeof measurement->detail,
        "CPU %u; %zu MiB on %s; one random cycle, a load a %d-byte line; %zu loads a sample", pair->cpu,
        pair->target->buffer.bytes / MIB, pair->target->buffer.backing, CHASE_LINE, *pair->loads);
}

static const struct cell *find_local(const struct cells *cells, int initiator)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cells->cell[i].initiator == initiator && cells->cell[i].target == initiator)
            return &cells->cell[i];
    return NULL;
}

/* "Remote is slower than local", for one pair: a claim that the figures must bear out. */
static struct bench_claim judge_pair(const struct cell *local, const struct cell *remote, bool virtual)
{
    double difference = 0, noise = 0;
    int longer = cells_compare(local, remote, &difference, &noise);
    const char *verdict = longer > 0 ? "pass" : virtual || (longer == 0 && noise == 0) ? "inconclusive" : "fail";
    struct bench_claim claim = {.id = ""};

    snprintf(claim.id, sizeof claim.id, "remote-slower-%d-%d", remote->initiator, remote->target);
    snprintf(claim.text, sizeof claim.text, "From node %d, memory of node %d takes longer than its own",
        remote->initiator, remote->target);
    snprintf(claim.verdict, sizeof claim.verdict, "%s", verdict);
    snprintf(claim.reason, sizeof claim.reason, "median difference within a round %+.1f ns, noise %.1f ns%s",
        difference, noise, longer <= 0 && virtual ? "; a virtual machine need not model distances" : "");
    return claim;
}

static np_status judge(const struct latency *latency, struct bench_report *report, np_error *error)
{
    const struct cells *cells = &latency->cells;
    struct bench_claim claim = {.id = "remote-slower",
        .text = "Remote memory takes longer than local memory",
        .verdict = "not-applicable",
        .reason = "no node has both memory of its own and another's to compare with"};
    np_status status = NP_OK;
    size_t judged = 0;

    for (size_t i = 0; i < cells->count && status == NP_OK; i++) {
        const struct cell *remote = &cells->cell[i], *local = find_local(cells, remote->initiator);
        if (local == NULL || local == remote || local->count == 0 || remote->count == 0)
            continue;
        struct bench_claim found = judge_pair(local, remote, latency->nodes.virtual_machine);
        status = bench_report_add_claim(report, &found, error);
        judged++;
    }
    return judged > 0 ? status : bench_report_add_claim(report, &claim, error);
}

/* What the access counter saw of one cell's loads, or NULL. */
static const struct bench_counter *find_loads(const struct bench_report *report, const struct cell *cell)
{
    char name[96];

    snprintf(name, sizeof name, "sde:::numaproof::loads_node%d_to_node%d", cell->initiator, cell->target);
    for (size_t i = 0; i < report->counter_count; i++) {
        const struct bench_counter *counter = &report->counters[i];
        if (counter->counted && strcmp(counter->during, NAME) == 0 && strcmp(counter->name, name) == 0)
            return counter;
    }
    return NULL;
}

/* In an emulated machine with the access counter: every load of the chase was seen, and on its own pair of nodes. */
static np_status judge_counts(const struct latency *latency, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; i < latency->cells.count && status == NP_OK; i++) {
        const struct cell *cell = &latency->cells.cell[i];
        const struct bench_counter *counter = find_loads(report, cell);
        struct bench_claim claim = {.id = ""};
        if (counter == NULL)
            continue;
        double made = (double)((const struct pair *)cell->closure)->loads_made;
        bool exact = counter->value >= made && counter->value <= made * 1.001;
        snprintf(claim.id, sizeof claim.id, "loads-seen-%d-%d", cell->initiator, cell->target);
        snprintf(claim.text, sizeof claim.text, "Every load from node %d to node %d was seen on that pair of nodes",
            cell->initiator, cell->target);
        snprintf(claim.verdict, sizeof claim.verdict, "%s", exact ? "pass" : "fail");
        snprintf(claim.reason, sizeof claim.reason, "%.0f loads made, %.0f counted (%s)", made, counter->value,
            counter->name);
        status = bench_report_add_claim(report, &claim, error);
    }
    return status;
}

static np_status make_report(struct latency *latency, struct bench_report *report, np_error *error)
{
    np_status status = judge(latency, report, error);

    if (status == NP_OK)
        status = judge_counts(latency, report, error);
    return status == NP_OK ? cells_report(&latency->cells, describe, report, error) : status;
}

static np_status measure(
    struct latency *latency, const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct affinity *before = affinity_save();
    double start = now_ns();
    np_status status = prepare_cells(latency, error);
    struct counters *counters = status == NP_OK ? counters_start(error) : NULL;

    latency->cells.seconds -= (now_ns() - start) / 1e9; /* Making the chains is part of the time that was given. */
    if (status == NP_OK)
        status = counters != NULL ? cells_measure(&latency->cells, options, error) : NP_ALLOCATION;
    np_status counted = counters_stop(counters, NAME, status == NP_OK ? report : NULL, error);
    status = status == NP_OK ? counted : status;
    affinity_restore(before);
    return status == NP_OK ? make_report(latency, report, error) : status;
}

static void release(struct latency *latency)
{
    cells_free_samples(&latency->cells);
    for (size_t i = 0; latency->targets != NULL && i < latency->nodes.count; i++)
        buffer_free(&latency->targets[i].buffer);
    free(latency->cells.cell);
    free(latency->pairs);
    free(latency->targets);
    free(latency);
}

static np_status prepare(struct latency *latency, const struct bench_options *options, np_error *error)
{
    np_status status = nodes_discover(&latency->nodes, error);

    if (status != NP_OK)
        return status;
    size_t most = latency->nodes.count * latency->nodes.count;
    latency->targets = calloc(latency->nodes.count, sizeof *latency->targets);
    latency->pairs = calloc(most, sizeof *latency->pairs);
    latency->cells = (struct cells){.cell = calloc(most, sizeof *latency->cells.cell),
        .sample = sample_cell,
        .what = NAME,
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = options->seconds > 0 ? options->seconds
                   : options->quick     ? SECONDS_QUICK
                                        : SECONDS_FULL,
        .random = {.state = (uint64_t)now_ns() | 1}};
    latency->quick = options->quick;
    latency->bytes = choose_bytes(&latency->nodes);
    if (latency->targets == NULL || latency->pairs == NULL || latency->cells.cell == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan %zu cells", most);
    return NP_OK;
}

np_status bench_latency(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct latency *latency = calloc(1, sizeof *latency);
    double start = now_ns();

    if (latency == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    np_status status = prepare(latency, options, error);
    if (status == NP_OK)
        status = measure(latency, options, report, error);
    report->seconds += (now_ns() - start) / 1e9;
    release(latency);
    return status;
}
