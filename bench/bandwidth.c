/*
 * Bandwidth: how much a node's CPUs read from memory and write to it, in a second.
 *
 * Kernels (streams.c) over three arrays a node, each some times the last cache (sizes.c). From each node to its own memory all
 * kernels, with one thread, two, four, and all CPUs of the node; from each node to every other's the few that tell links
 * apart, with one thread and all; and all nodes at once, each on its own memory, which is what the machine can do.
 *
 * Figures are of bytes that the program moves, as STREAM and likwid-bench print them. A store also makes a cache read the
 * line first, which no program asked for: the detail has the figure with that, which is what the memory controller sees.
 */
#include "bench/bench.h"

#include "failure.h"
#include "nodes.h"
#include "sizes.h"
#include "stream_cells.h"
#include "stream_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME          "bandwidth"
#define MIB           ((size_t)1 << 20)
#define MOST_CPUS     4096
#define SECONDS_QUICK 8
#define SECONDS_FULL  60

struct bandwidth {
    struct nodes nodes;
    struct stream_target *targets; /* By index in nodes. */
    struct team **teams;           /* By index in nodes: of all its CPUs; NULL where there are none. */
    struct team *everyone;         /* Of all CPUs of nodes with memory of their own; NULL where one node is all. */
    struct stream_share *everyones_shares;
    struct cells cells;
    size_t capacity;
    struct stream_choice choice;
    bool quick;
    struct sizing sizing; /* Of three arrays together. */
};

/* Which kernels are measured from a node to its own memory, and which from every node to every other. */
static const struct plan {
    enum stream_kernel kernel;
    bool in_quick, remote;
} plan[] = {
    {STREAM_READ, true, true},
    {STREAM_WRITE, false, false},
    {STREAM_WRITE_PAST, true, false},
    {STREAM_COPY, false, false},
    {STREAM_COPY_PAST, true, true},
    {STREAM_SCALE, false, false},
    {STREAM_SCALE_PAST, false, false},
    {STREAM_ADD, false, false},
    {STREAM_ADD_PAST, false, false},
    {STREAM_TRIAD, true, true},
    {STREAM_TRIAD_PAST, true, false},
};
enum { PLAN_COUNT = sizeof plan / sizeof plan[0] };

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const struct size_rule sizes_full = {
    .caches = 4, .smallest = 64 * MIB, .largest = 512 * MIB, .together = 3, .share = 4};
static const struct size_rule sizes_quick = {
    .caches = 4, .smallest = 64 * MIB, .largest = 128 * MIB, .together = 3, .share = 4};

static np_status add_cell(struct bandwidth *bandwidth, int initiator, int target, enum stream_kernel kernel,
    struct team *team, size_t members, const struct stream_share *shares, np_error *error)
{
    struct cells *cells = &bandwidth->cells;
    struct stream_cell *stream = calloc(1, sizeof *stream);
    struct cell *room = cells->cell;

    if (cells->count == bandwidth->capacity) {
        bandwidth->capacity = 2 * bandwidth->capacity + 16;
        room = realloc(cells->cell, bandwidth->capacity * sizeof *room);
        cells->cell = room != NULL ? room : cells->cell;
    }
    if (stream != NULL)
        stream->shares = malloc(members * sizeof *shares);
    if (room == NULL || stream == NULL || stream->shares == NULL) {
        free(stream);
        return failure(error, NP_ALLOCATION, "no memory to plan %zu cells", cells->count + 1);
    }
    memcpy(stream->shares, shares, members * sizeof *shares);
    stream->kernel = kernel;
    stream->code = bandwidth->choice.code[kernel];
    stream->team = team;
    stream->members = members;
    stream->aim_seconds = bandwidth->quick ? 0.005 : 0.01;
    stream->random.state = random_next(&cells->random) | 1;
    struct cell *cell = &cells->cell[cells->count++];
    *cell = (struct cell){.initiator = initiator, .target = target, .state = BENCH_NOT_CONVERGED, .closure = stream};
    for (size_t i = 0; i < members; i++) {
        if (shares[i].target->why[0] != '\0') {
            cell->state = BENCH_NOT_RUN;
            snprintf(cell->reason, sizeof cell->reason, "%s", shares[i].target->why);
        }
    }
    return NP_OK;
}

/* One kernel from a node's CPUs to a node's memory with so many threads, each with its part of the arrays. */
static np_status add_shared(
    struct bandwidth *bandwidth, size_t from, size_t to, enum stream_kernel kernel, size_t members, np_error *error)
{
    struct stream_share *shares = calloc(members, sizeof *shares);

    if (shares == NULL)
        return failure(error, NP_ALLOCATION, "no memory to share work among %zu threads", members);
    for (size_t i = 0; i < members; i++)
        shares[i] = (struct stream_share){&bandwidth->targets[to], i, members};
    np_status status = add_cell(bandwidth, (int)bandwidth->nodes.node[from].id, (int)bandwidth->nodes.node[to].id,
        kernel, bandwidth->teams[from], members, shares, error);
    free(shares);
    return status;
}

/* All kernels and thread counts from one node to one other, or to its own. */
static np_status add_pair(struct bandwidth *bandwidth, size_t from, size_t to, np_error *error)
{
    size_t all = team_size(bandwidth->teams[from]);
    np_status status = NP_OK;

    for (size_t i = 0; i < PLAN_COUNT; i++) {
        bool wanted = (from == to || plan[i].remote) && (plan[i].in_quick || !bandwidth->quick);
        if (!wanted || bandwidth->choice.code[plan[i].kernel] == NULL)
            continue;
        for (size_t members = 1; members <= all && status == NP_OK;) {
            status = add_shared(bandwidth, from, to, plan[i].kernel, members, error);
            bool only_ends = from != to || bandwidth->quick;
            members = members == all ? all + 1 : only_ends || 2 * members > all ? all : 2 * members;
        }
    }
    return status;
}

/* All nodes at once, each on its own memory. */
static np_status add_everyone(struct bandwidth *bandwidth, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; i < PLAN_COUNT && bandwidth->everyone != NULL && status == NP_OK; i++)
        if (plan[i].remote && bandwidth->choice.code[plan[i].kernel] != NULL)
            status = add_cell(bandwidth, -1, -1, plan[i].kernel, bandwidth->everyone, team_size(bandwidth->everyone),
                bandwidth->everyones_shares, error);
    return status;
}

/* A team of each node's CPUs, which are added to @all where the node has memory of its own. */
static np_status make_node_team(
    struct bandwidth *bandwidth, size_t index, unsigned *all, size_t *everyone, np_error *error)
{
    const struct node *node = &bandwidth->nodes.node[index];
    unsigned *cpus = all + *everyone;
    size_t count = nodes_cpus(node->id, cpus, MOST_CPUS - *everyone);

    if (count == 0)
        return NP_OK;
    for (size_t i = 0; i < count && node->has_memory; i++)
        bandwidth->everyones_shares[*everyone + i] = (struct stream_share){&bandwidth->targets[index], i, count};
    *everyone += node->has_memory ? count : 0;
    return team_make(&bandwidth->teams[index], cpus, count, error);
}

/* The teams of all nodes, and one of everyone who has memory of his own, where these are of several nodes. */
static np_status make_teams(struct bandwidth *bandwidth, np_error *error)
{
    unsigned *all = malloc(MOST_CPUS * sizeof *all);
    size_t everyone = 0, nodes_with_both = 0;
    np_status status = NP_OK;

    bandwidth->everyones_shares = calloc(MOST_CPUS, sizeof *bandwidth->everyones_shares);
    if (all == NULL || bandwidth->everyones_shares == NULL) {
        free(all);
        return failure(error, NP_ALLOCATION, "no memory to list the CPUs in");
    }
    for (size_t i = 0; i < bandwidth->nodes.count && status == NP_OK; i++) {
        size_t before = everyone;
        status = make_node_team(bandwidth, i, all, &everyone, error);
        nodes_with_both += everyone > before;
    }
    if (status == NP_OK && nodes_with_both > 1)
        status = team_make(&bandwidth->everyone, all, everyone, error);
    free(all);
    return status;
}

static np_status make_plan(struct bandwidth *bandwidth, np_error *error)
{
    const struct nodes *nodes = &bandwidth->nodes;
    size_t bytes = bandwidth->sizing.bytes;
    np_status status = make_teams(bandwidth, error);

    for (size_t i = 0; i < nodes->count && status == NP_OK; i++) {
        struct stream_target *target = &bandwidth->targets[i];
        if (nodes->node[i].has_memory && bytes >= 2 * MIB)
            stream_target_make(target, bytes, nodes->node[i].id);
        else
            snprintf(target->why, sizeof target->why, "there is a node with less memory free than the arrays need");
        target->sized = bandwidth->sizing.words;
    }
    for (size_t from = 0; from < nodes->count; from++)
        for (size_t to = 0; to < nodes->count && status == NP_OK; to++)
            if (bandwidth->teams[from] != NULL && nodes->node[to].has_memory)
                status = add_pair(bandwidth, from, to, error);
    if (status == NP_OK)
        status = add_everyone(bandwidth, error);
    if (status == NP_OK && bandwidth->cells.count == 0)
        return failure(error, NP_SYSTEM, "there is no node with a CPU, or none with memory, that this process may use");
    return status;
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    const struct stream_cell *stream = cell->closure;
    const struct stream_facts *facts = &stream_facts[stream->kernel];
    const struct stream_target *target = stream->shares[0].target;
    double with_allocate = cell->summary.median * (facts->moved + facts->allocated) / facts->moved;
    char allocated[64] = "no line is read only to be overwritten";

    if (facts->allocated > 0 && cell->count > 0)
        snprintf(allocated, sizeof allocated, "with write-allocate %.2f GB/s", with_allocate);
    snprintf(measurement->name, sizeof measurement->name, NAME);
    snprintf(measurement->variant, sizeof measurement->variant, "%s, %zu thread%s%s", facts->name, stream->members,
        stream->members == 1 ? "" : "s", cell->target < 0 ? ", all nodes at once" : "");
    snprintf(measurement->unit, sizeof measurement->unit, "GB/s");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->detail, sizeof measurement->detail,
        "%s; three arrays of %zu MiB on %s, %s; bytes as the program moves them, %u an element; %s", stream->code->name,
        target->n * sizeof(double) / MIB, target->buffer.backing, target->sized, facts->moved, allocated);
}

static bool is_same_work(const struct cell *a, const struct cell *b)
{
    const struct stream_cell *one = a->closure, *other = b->closure;

    return one->kernel == other->kernel && one->members == other->members;
}

/* "Remote memory gives less", for one pair of nodes. */
static struct bench_claim judge_pair(const struct cell *local, const struct cell *remote, bool virtual)
{
    const struct stream_cell *stream = remote->closure;
    double difference = 0, noise = 0;
    int more = cells_compare(local, remote, &difference, &noise);
    const char *verdict = more < 0 ? "pass" : virtual || more == 0 ? "inconclusive" : "fail";
    struct bench_claim claim = {.id = ""};

    snprintf(claim.id, sizeof claim.id, "remote-narrower-%d-%d", remote->initiator, remote->target);
    snprintf(claim.text, sizeof claim.text, "From node %d, memory of node %d gives less than its own to %zu threads",
        remote->initiator, remote->target, stream->members);
    snprintf(claim.verdict, sizeof claim.verdict, "%s", verdict);
    snprintf(claim.reason, sizeof claim.reason, "median difference within a round %+.2f GB/s, noise %.2f GB/s%s",
        difference, noise, more >= 0 && virtual ? "; a virtual machine need not model links" : "");
    return claim;
}

static np_status judge(const struct bandwidth *bandwidth, struct bench_report *report, np_error *error)
{
    const struct cells *cells = &bandwidth->cells;
    np_status status = NP_OK;

    for (size_t i = 0; i < cells->count; i++) {
        const struct cell *remote = &cells->cell[i];
        const struct stream_cell *stream = remote->closure;
        bool wanted = stream->kernel == STREAM_READ && stream->members == team_size(stream->team) &&
                      remote->initiator != remote->target && remote->count > 0;
        for (size_t j = 0; wanted && j < cells->count && status == NP_OK; j++) {
            const struct cell *local = &cells->cell[j];
            if (local->target != local->initiator || local->initiator != remote->initiator || local->count == 0 ||
                !is_same_work(local, remote))
                continue;
            struct bench_claim claim = judge_pair(local, remote, bandwidth->nodes.virtual_machine);
            status = bench_report_add_claim(report, &claim, error);
        }
    }
    return status;
}

static void release(struct bandwidth *bandwidth)
{
    cells_free_samples(&bandwidth->cells);
    for (size_t i = 0; i < bandwidth->cells.count; i++) {
        struct stream_cell *stream = bandwidth->cells.cell[i].closure;
        free(stream->shares);
        free(stream);
    }
    for (size_t i = 0; i < bandwidth->nodes.count; i++) {
        if (bandwidth->teams != NULL)
            team_free(bandwidth->teams[i]);
        if (bandwidth->targets != NULL)
            stream_target_free(&bandwidth->targets[i]);
    }
    team_free(bandwidth->everyone);
    free(bandwidth->everyones_shares);
    free(bandwidth->cells.cell);
    free(bandwidth->teams);
    free(bandwidth->targets);
    free(bandwidth);
}

static np_status prepare(struct bandwidth *bandwidth, const struct bench_options *options, np_error *error)
{
    bandwidth->quick = options->quick;
    stream_choose(&bandwidth->choice, bandwidth->sizing.bytes, &bandwidth->nodes);
    bandwidth->targets = calloc(bandwidth->nodes.count, sizeof *bandwidth->targets);
    bandwidth->teams = calloc(bandwidth->nodes.count, sizeof(struct team *));
    bandwidth->cells = (struct cells){.sample = stream_cell_sample,
        .what = NAME,
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = options->seconds,
        .random = {.state = (uint64_t)(now() * 1e9) | 1}};
    if (bandwidth->targets == NULL || bandwidth->teams == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    return NP_OK;
}

np_status bench_bandwidth(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct bandwidth *bandwidth = calloc(1, sizeof *bandwidth);
    struct bench_options own = *options; /* With what is left of the time. */
    double start = now();

    if (bandwidth == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    np_status status = nodes_discover(&bandwidth->nodes, error);
    if (status == NP_OK)
        sizes_find(own.quick ? &sizes_quick : &sizes_full, &bandwidth->nodes, own.quick ? SECONDS_QUICK : SECONDS_FULL,
            &own, report, &bandwidth->sizing);
    double sized = now();
    if (status == NP_OK)
        status = prepare(bandwidth, &own, error);
    if (status == NP_OK)
        status = make_plan(bandwidth, error);
    cells_take_off(&bandwidth->cells, now() - sized);
    if (status == NP_OK)
        status = cells_measure(&bandwidth->cells, &own, error);
    if (status == NP_OK)
        status = judge(bandwidth, report, error);
    if (status == NP_OK)
        status = cells_report(&bandwidth->cells, describe, report, error);
    report->seconds += now() - start;
    release(bandwidth);
    return status;
}
