/*
 * Loaded latency: what a load costs while others are at the same memory.
 *
 * One CPU of a node follows a chain; others of that node put traffic on the same memory, all of them where each has a chunk of
 * it, in steps from none to all that they can. A step is a rate: a chunk each so many nanoseconds, on a schedule, as a share
 * of what the injectors manage at full speed, which is measured first; so the steps suit any machine. Traffic is of three
 * mixes: reads; copies, which are two reads and a write to the memory (write-allocate); and writes past the caches.
 *
 * The figures are pairs, latency and the bandwidth that the injectors drew meanwhile: a point of a curve. Where latency is
 * half again what it is unloaded is its knee, and a program that must answer in time should stay below it.
 */
#include "bench/bench.h"

#include "chase.h"
#include "failure.h"
#include "nodes.h"
#include "sizes.h"
#include "stream_cells.h"
#include "stream_choice.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MIB           ((size_t)1 << 20)
#define MOST_CPUS     4096
#define SECONDS_QUICK 6
#define SECONDS_FULL  60
#define CHUNK         512 /* Elements: 4 KiB of each array. */
#define SAMPLE_LOADS  ((size_t)1250 * CHASE_STEP)
#define KNEE          1.5 /* Times the unloaded latency. */

static const struct mix {
    enum stream_kernel kernel;
    const char *words;
    bool in_quick;
} mixes[] = {{STREAM_READ, "reads", true}, {STREAM_COPY, "copies", true}, {STREAM_WRITE_PAST, "writes", false}};
enum { MIX_COUNT = sizeof mixes / sizeof mixes[0] };

/* Of the chain, and of each of three arrays: all together no more than a quarter of what is free. */
static const struct size_rule sizes_full = {
    .caches = 2, .smallest = 32 * MIB, .largest = 256 * MIB, .together = 1, .share = 16};
static const struct size_rule sizes_quick = {
    .caches = 2, .smallest = 32 * MIB, .largest = 64 * MIB, .together = 1, .share = 16};

static const double steps_quick[] = {0, 0.25, 0.5, 0.75, 1}, steps_full[] = {0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1};

/* A node's memory: the chain, and the arrays that the injectors go through. */
struct field {
    struct stream_target arrays;
    struct buffer chain;
    void *place;
};

struct injector {
    _Alignas(CHASE_LINE) double gb_per_s;
    size_t position;
};

/* A point of a curve; a cell's closure. */
struct point {
    const struct mix *mix;
    const struct stream_code *code;
    double share; /* Of the injectors' full rate; 0 = they rest. */
    size_t step;
    struct team *team;
    struct field *field;
    struct injector *injectors;
    double *full_rate_ns; /* Of a chunk at full speed by one injector, of this mix and pair: shared by its points. */
    struct cell *bandwidth;
    atomic_bool stop;
    double latency_ns;
};

struct loaded {
    struct nodes nodes;
    struct sizing sizing; /* Of the chain, and of each array. */
    struct field *fields; /* By index in nodes. */
    struct team **teams;
    struct injector *injectors;
    struct point *points;
    double *full_rates;
    struct cells latencies, bandwidths;
    struct stream_choice choice;
};

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Chunk after chunk of this member's part of the arrays, each at its time, until told to stop. */
static void inject(unsigned member, struct point *point)
{
    struct injector *self = &point->injectors[member];
    struct stream_target *arrays = &point->field->arrays;
    size_t part = arrays->n / team_size(point->team) / CHUNK * CHUNK, chunks = 0;
    stream_function *function = point->code->kernels[point->mix->kernel];
    double interval = *point->full_rate_ns / point->share, start = now_ns(), next = start;

    while (!atomic_load_explicit(&point->stop, memory_order_relaxed)) {
        size_t at = member * part + self->position;
        const struct stream chunk = {arrays->a + at, arrays->b + at, arrays->c + at, CHUNK, 3};
        function(&chunk);
        chunks++;
        self->position = (self->position + CHUNK) % part;
        next += interval;
        while (point->share < 1 && now_ns() < next && !atomic_load_explicit(&point->stop, memory_order_relaxed)) {
        }
    }
    double bytes = (double)chunks * CHUNK * stream_facts[point->mix->kernel].moved;
    self->gb_per_s = bytes / (now_ns() - start);
}

static void work(unsigned member, void *closure)
{
    struct point *point = closure;

    if (member > 0) {
        inject(member, point);
        return;
    }
    double start = now_ns();
    point->field->place = chase_run(point->field->place, SAMPLE_LOADS);
    point->latency_ns = (now_ns() - start) / (double)SAMPLE_LOADS;
    atomic_store(&point->stop, true);
}

static bool is_in_place(struct cell *cell, const struct point *point)
{
    size_t elsewhere = 0, more = 0;

    if (buffer_is_in_place(&point->field->chain, &elsewhere) && buffer_is_in_place(&point->field->arrays.buffer, &more))
        return true;
    cell->state = BENCH_MISPLACED;
    snprintf(cell->reason, sizeof cell->reason, "%zu pages are no longer on node %d", elsewhere + more, cell->target);
    return false;
}

static bool run_point(struct cell *cell, struct point *point)
{
    size_t members = point->share > 0 ? team_size(point->team) : 1;
    double seconds;
    unsigned missing = 0;

    atomic_store(&point->stop, false);
    if (team_run(point->team, members, work, point, &seconds, &missing))
        return is_in_place(cell, point);
    cell->state = BENCH_MISPLACED;
    snprintf(cell->reason, sizeof cell->reason, "a measuring thread was moved off CPU %u", missing);
    return false;
}

static double drawn(const struct point *point)
{
    double sum = 0;

    for (size_t i = 1; point->share > 0 && i < team_size(point->team); i++)
        sum += point->injectors[i].gb_per_s;
    return sum;
}

/* The injectors' full rate, once for each pair of nodes and mix: the best of a few tries. */
static bool find_full_rate(struct cell *cell, const struct point *point)
{
    struct point full = *point;
    double injectors = (double)team_size(point->team) - 1, best = 0;

    full.share = 1;
    for (unsigned try = 0; try < 3; try++) {
        if (!run_point(cell, &full))
            return false;
        best = drawn(&full) > best ? drawn(&full) : best;
    }
    double bytes = (double)CHUNK * stream_facts[point->mix->kernel].moved;
    *point->full_rate_ns = best > 0 ? injectors * bytes / best : 1;
    return true;
}

static bool sample_point(struct cell *cell, double *sample)
{
    struct point *point = cell->closure;

    if ((*point->full_rate_ns == 0 && !find_full_rate(cell, point)) || !run_point(cell, point)) {
        point->bandwidth->state = cell->state;
        memcpy(point->bandwidth->reason, cell->reason, sizeof cell->reason);
        return false;
    }
    *sample = point->latency_ns;
    return cells_keep(point->bandwidth, drawn(point));
}

static void make_field(struct field *field, size_t bytes, unsigned node, struct random *random)
{
    np_error problem;

    stream_target_make(&field->arrays, 3 * bytes, node);
    if (field->arrays.why[0] != '\0')
        return;
    if (buffer_make(&field->chain, bytes, node, &problem) != NP_OK)
        snprintf(field->arrays.why, sizeof field->arrays.why, "%.200s", problem.reason);
    else if (!chase_make(field->chain.start, field->chain.bytes, random))
        snprintf(field->arrays.why, sizeof field->arrays.why, "no memory to shuffle the chain in");
    field->place = field->chain.start;
}

static void add_point(struct loaded *loaded, size_t from, size_t to, const struct point *point)
{
    size_t index = loaded->latencies.count++;
    const char *why = loaded->fields[to].arrays.why;
    struct cell *latency = &loaded->latencies.cell[index], *bandwidth = &loaded->bandwidths.cell[index];

    loaded->bandwidths.count++;
    loaded->points[index] = *point;
    loaded->points[index].bandwidth = bandwidth;
    *latency = (struct cell){.initiator = (int)loaded->nodes.node[from].id,
        .target = (int)loaded->nodes.node[to].id,
        .state = why[0] == '\0' ? BENCH_NOT_CONVERGED : BENCH_NOT_RUN,
        .closure = &loaded->points[index]};
    snprintf(latency->reason, sizeof latency->reason, "%s", why);
    *bandwidth = *latency;
}

/* The curves from one node to one memory. */
static void add_curves(struct loaded *loaded, size_t from, size_t to, bool quick)
{
    const double *steps = quick ? steps_quick : steps_full;
    size_t step_count = quick ? sizeof steps_quick / sizeof *steps_quick : sizeof steps_full / sizeof *steps_full;

    for (size_t mix = 0; mix < MIX_COUNT; mix++) {
        if ((quick && !mixes[mix].in_quick) || loaded->choice.code[mixes[mix].kernel] == NULL)
            continue;
        double *full_rate = &loaded->full_rates[(from * loaded->nodes.count + to) * MIX_COUNT + mix];
        for (size_t step = 0; step < step_count; step++) {
            const struct point point = {.mix = &mixes[mix],
                .code = loaded->choice.code[mixes[mix].kernel],
                .share = steps[step],
                .step = step,
                .team = loaded->teams[from],
                .field = &loaded->fields[to],
                .injectors = loaded->injectors,
                .full_rate_ns = full_rate};
            add_point(loaded, from, to, &point);
        }
    }
}

/* Members of a team at most: each has a chunk of the arrays for itself. */
static size_t most_members(size_t bytes)
{
    size_t chunks = bytes / sizeof(double) / CHUNK;

    return bytes > 0 && chunks < MOST_CPUS ? chunks : MOST_CPUS;
}

static np_status make_teams(struct loaded *loaded, np_error *error)
{
    unsigned *cpus = malloc(MOST_CPUS * sizeof *cpus);
    np_status status = cpus != NULL ? NP_OK : failure(error, NP_ALLOCATION, "no memory to list the CPUs in");

    for (size_t i = 0; i < loaded->nodes.count && status == NP_OK; i++) {
        size_t count = nodes_cpus(loaded->nodes.node[i].id, cpus, most_members(loaded->sizing.bytes));
        if (count > 1)
            status = team_make(&loaded->teams[i], cpus, count, error);
    }
    free(cpus);
    return status;
}

/* From every node of two CPUs or more to its own memory; to that of all others too, where it may take its time. */
static np_status make_plan(struct loaded *loaded, bool quick, np_error *error)
{
    const struct nodes *nodes = &loaded->nodes;
    size_t bytes = loaded->sizing.bytes;
    np_status status = make_teams(loaded, error);

    for (size_t to = 0; to < nodes->count && status == NP_OK; to++) {
        if (nodes->node[to].has_memory && bytes > 0)
            make_field(&loaded->fields[to], bytes, nodes->node[to].id, &loaded->latencies.random);
        else
            snprintf(loaded->fields[to].arrays.why, sizeof loaded->fields[to].arrays.why,
                "there is a node with less memory free than is needed");
        loaded->fields[to].arrays.sized = loaded->sizing.words;
    }
    for (size_t from = 0; from < nodes->count && status == NP_OK; from++)
        for (size_t to = 0; to < nodes->count; to++)
            if (loaded->teams[from] != NULL && nodes->node[to].has_memory && (from == to || !quick))
                add_curves(loaded, from, to, quick);
    return status;
}

static void describe(const struct cell *cell, const char *name, const char *unit, struct bench_measurement *measurement)
{
    const struct point *point = cell->closure;

    snprintf(measurement->name, sizeof measurement->name, "%s", name);
    snprintf(measurement->variant, sizeof measurement->variant, "%s, step %zu", point->mix->words, point->step);
    snprintf(measurement->unit, sizeof measurement->unit, "%s", unit);
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->detail, sizeof measurement->detail,
        "%zu injector%s at %.0f%% of their full rate (%s); chain of %zu MiB on %s, %s; bytes as the injectors move "
        "them",
        team_size(point->team) - 1, team_size(point->team) == 2 ? "" : "s", 100 * point->share,
        stream_facts[point->mix->kernel].name, point->field->chain.bytes / MIB, point->field->chain.backing,
        point->field->arrays.sized);
}

static void describe_latency(const struct cell *cell, struct bench_measurement *measurement)
{
    describe(cell, "loaded latency", "ns", measurement);
}

static void describe_bandwidth(const struct cell *cell, struct bench_measurement *measurement)
{
    describe(cell, "loaded bandwidth", "GB/s", measurement);
}

/*
 * Where on the curve that begins at cell @first latency is KNEE times the unloaded, in GB/s; NAN where it never is beyond
 * the intervals.
 */
static double find_knee(const struct loaded *loaded, size_t first, size_t count)
{
    const struct cell *latency = &loaded->latencies.cell[first], *bandwidth = &loaded->bandwidths.cell[first];
    double limit = KNEE * latency[0].summary.median;

    for (size_t i = 1; i < count; i++) {
        double below = latency[i - 1].summary.median, above = latency[i].summary.median;
        if (latency[i].summary.ci_low < KNEE * latency[0].summary.ci_high || above <= below)
            continue;
        double part = limit > below ? (limit - below) / (above - below) : 0, from = bandwidth[i - 1].summary.median;
        return from + part * (bandwidth[i].summary.median - from);
    }
    return NAN;
}

/* Whether the CPUs of a node can load a memory at all, and from where on it costs. */
static struct bench_claim judge_curve(const struct loaded *loaded, size_t first, size_t count)
{
    const struct cell *unloaded = &loaded->latencies.cell[first], *last = unloaded + count - 1;
    const struct point *point = unloaded->closure;
    double knee = find_knee(loaded, first, count), most = loaded->bandwidths.cell[first + count - 1].summary.median;
    struct bench_claim claim = {.id = ""};

    snprintf(
        claim.id, sizeof claim.id, "loaded-knee-%s-%d-%d", point->mix->words, unloaded->initiator, unloaded->target);
    snprintf(claim.text, sizeof claim.text,
        "Node %d's %s can load the memory of node %d until a load of it takes half again as long", unloaded->initiator,
        point->mix->words, unloaded->target);
    snprintf(claim.verdict, sizeof claim.verdict, "%s", isnan(knee) ? "not-applicable" : "pass");
    int used = snprintf(claim.reason, sizeof claim.reason, "unloaded %.1f ns, at full rate (%.1f GB/s) %.1f ns",
        unloaded->summary.median, most, last->summary.median);
    if (!isnan(knee))
        snprintf(claim.reason + used, sizeof claim.reason - (size_t)used, "; the knee is at %.1f GB/s", knee);
    return claim;
}

static np_status judge(const struct loaded *loaded, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;
    struct bench_claim none = {.id = "loaded",
        .text = "Latency under load was measured",
        .verdict = "not-applicable",
        .reason = "no node has two CPUs that this process may use: one to measure, one to load"};

    for (size_t first = 0, count; first < loaded->latencies.count && status == NP_OK; first += count) {
        bool complete = true;
        for (count = 0;
             first + count < loaded->latencies.count && (count == 0 || loaded->points[first + count].step > 0); count++)
            complete = complete && loaded->latencies.cell[first + count].count >= STATISTICS_FEWEST;
        struct bench_claim claim = {.id = ""};
        if (complete) {
            claim = judge_curve(loaded, first, count);
            status = bench_report_add_claim(report, &claim, error);
        }
    }
    return loaded->latencies.count > 0 ? status : bench_report_add_claim(report, &none, error);
}

static void release(struct loaded *loaded)
{
    cells_free_samples(&loaded->latencies);
    cells_free_samples(&loaded->bandwidths);
    for (size_t i = 0; i < loaded->nodes.count; i++) {
        if (loaded->teams != NULL)
            team_free(loaded->teams[i]);
        if (loaded->fields != NULL) {
            stream_target_free(&loaded->fields[i].arrays);
            buffer_free(&loaded->fields[i].chain);
        }
    }
    free(loaded->latencies.cell);
    free(loaded->bandwidths.cell);
    free(loaded->points);
    free(loaded->full_rates);
    free(loaded->injectors);
    free(loaded->fields);
    free(loaded->teams);
    free(loaded);
}

static np_status prepare(struct loaded *loaded, const struct bench_options *options, np_error *error)
{
    size_t nodes = loaded->nodes.count, curves = nodes * nodes * MIX_COUNT;
    size_t most = curves * sizeof steps_full / sizeof *steps_full;
    stream_choose(&loaded->choice, 3 * loaded->sizing.bytes, &loaded->nodes);
    loaded->fields = calloc(nodes, sizeof *loaded->fields);
    loaded->teams = calloc(nodes, sizeof(struct team *));
    loaded->injectors = aligned_alloc(CHASE_LINE, MOST_CPUS * sizeof *loaded->injectors);
    loaded->points = calloc(most, sizeof *loaded->points);
    loaded->full_rates = calloc(curves, sizeof *loaded->full_rates);
    loaded->latencies = (struct cells){.cell = calloc(most, sizeof(struct cell)),
        .sample = sample_point,
        .what = "loaded",
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = options->seconds,
        .random = {.state = (uint64_t)now_ns() | 1}};
    loaded->bandwidths = loaded->latencies;
    loaded->bandwidths.cell = calloc(most, sizeof(struct cell));
    if (loaded->fields == NULL || loaded->teams == NULL || loaded->injectors == NULL || loaded->points == NULL ||
        loaded->full_rates == NULL || loaded->latencies.cell == NULL || loaded->bandwidths.cell == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan %zu points", most);
    memset(loaded->injectors, 0, MOST_CPUS * sizeof *loaded->injectors);
    return NP_OK;
}

static np_status report_figures(struct loaded *loaded, struct bench_report *report, np_error *error)
{
    memcpy(loaded->bandwidths.disturbance, loaded->latencies.disturbance, sizeof loaded->latencies.disturbance);
    np_status status = cells_conclude(&loaded->bandwidths, error);

    if (status == NP_OK)
        status = judge(loaded, report, error);
    if (status == NP_OK)
        status = cells_report(&loaded->latencies, describe_latency, report, error);
    return status == NP_OK ? cells_report(&loaded->bandwidths, describe_bandwidth, report, error) : status;
}

np_status bench_loaded(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct loaded *loaded = calloc(1, sizeof *loaded);
    struct bench_options own = *options; /* With what is left of the time. */
    double start = now_ns();

    if (loaded == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    np_status status = nodes_discover(&loaded->nodes, error);
    if (status == NP_OK)
        sizes_find(own.quick ? &sizes_quick : &sizes_full, &loaded->nodes, own.quick ? SECONDS_QUICK : SECONDS_FULL,
            &own, report, &loaded->sizing);
    double sized = now_ns();
    if (status == NP_OK)
        status = prepare(loaded, &own, error);
    if (status == NP_OK)
        status = make_plan(loaded, own.quick, error);
    cells_take_off(&loaded->latencies, (now_ns() - sized) / 1e9);
    if (status == NP_OK && loaded->latencies.count > 0)
        status = cells_measure(&loaded->latencies, &own, error);
    if (status == NP_OK)
        status = report_figures(loaded, report, error);
    report->seconds += (now_ns() - start) / 1e9;
    release(loaded);
    return status;
}
