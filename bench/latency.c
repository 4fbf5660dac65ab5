/*
 * Latency: how long a load takes that depends on the one before, from every node's CPUs to every node's memory.
 *
 * One buffer a target, several times the last cache (sizes.c), a chain through all its lines by chance (chase.c): the figure
 * without a variant, and what other tools print. Of a node's own memory also what that figure is made of:
 *
 * - page by page: each page is done before the next, so that translating its address costs once for all its lines;
 * - several chains at once: how many misses the processor has in flight (memory-level parallelism);
 * - every fourth line: other lines of the row and of the prefetchers' reach are left out;
 * - few lines, packed together and spread one to a page: the same number of lines, all in a cache, on ordinary pages. What
 *   spreading adds is the price of translation alone, told apart without a counter.
 */
#include "bench/bench.h"

#include "cells.h"
#include "chains.h"
#include "counters.h"
#include "failure.h"
#include "nodes.h"
#include "sizes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME          "latency"
#define MIB           ((size_t)1 << 20)
#define SECONDS_QUICK 8
#define SECONDS_FULL  60
/* Few lines, of which half a mebibyte fits the second cache or the third, and as many pages no first-level TLB. */
#define FEW_LINES 8192
/* A page and a line: each of the lines falls on a page of its own, and not all into the same set of a cache. */
#define SPREAD_STRIDE (4096 + CHASE_LINE)

/* Of all buffers together no more than a quarter of what the poorest node has free. */
static const struct size_rule sizes_full = {
    .caches = 4, .smallest = 64 * MIB, .largest = 512 * MIB, .together = 1, .share = 12};
static const struct size_rule sizes_quick = {
    .caches = 2, .smallest = 64 * MIB, .largest = 512 * MIB, .together = 1, .share = 12};

enum form { PLAIN, BY_PAGE, SPLIT, STRIDE, PACKED, SPREAD };

static const struct variant {
    enum form form;
    const char *name;
    const char *words;
    size_t chains;
    bool in_quick;
} variants[] = {
    {PLAIN, "", "one random cycle through all lines", 1, true},
    {BY_PAGE, "page by page", "random within each page, all its lines before the next page", 1, true},
    {SPLIT, "2 chains at once", "one random cycle, followed at 2 places", 2, false},
    {SPLIT, "4 chains at once", "one random cycle, followed at 4 places", 4, true},
    {SPLIT, "8 chains at once", "one random cycle, followed at 8 places", 8, false},
    {STRIDE, "every fourth line", "one random cycle through every fourth line", 1, false},
    {PACKED, "8192 lines packed", "a line beside a line", 1, true},
    {SPREAD, "8192 lines spread", "a line to a page", 1, true},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

/* A target's memory and the chains in it, by index in variants; or why there are none. */
struct target {
    struct buffer buffers[VARIANTS];
    struct chain chains[VARIANTS];
};

struct latency {
    struct nodes nodes;
    struct target *targets; /* By index in nodes. */
    struct chain_cell *chain_cells;
    struct cells cells;
    struct sizing sizing; /* Of each large buffer. */
    bool quick;
    double prepare_until; /* On the clock of now_ns(); farther targets get no more than the plain chain after it. */
};

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static bool is_wanted(const struct latency *latency, size_t variant)
{
    return variants[variant].in_quick || !latency->quick;
}

/* The buffer and the chain of one variant. A node that there is no room on is no error: its cells say so. */
static void prepare_chain(struct latency *latency, struct target *target, size_t variant, unsigned node)
{
    struct buffer *buffer = &target->buffers[variant];
    struct chain *chain = &target->chains[variant];
    enum form form = variants[variant].form;
    struct chase_order order = {.stride = form == SPREAD   ? SPREAD_STRIDE
                                          : form == STRIDE ? 4 * CHASE_LINE
                                                           : CHASE_LINE};
    size_t bytes = form == PACKED || form == SPREAD ? FEW_LINES * order.stride : latency->sizing.bytes;
    size_t whole = (bytes + 2 * MIB - 1) & ~(2 * MIB - 1);
    np_error problem;

    if (form == SPLIT) {
        chain_split(chain, &target->chains[0], variants[variant].chains);
        return;
    }
    np_status status = bytes == 0                         ? NP_ALLOCATION
                       : form == PACKED || form == SPREAD ? buffer_make_ordinary(buffer, whole, node, &problem)
                                                          : buffer_make(buffer, whole, node, &problem);
    if (status != NP_OK) {
        snprintf(chain->why, sizeof chain->why, "%.200s",
            bytes == 0 ? "there is a node with less memory free than a buffer needs" : problem.reason);
        return;
    }
    order.block = form == BY_PAGE ? buffer->unit : 0;
    chain_lay(chain, buffer, 0, bytes, &order, variants[variant].chains, &latency->cells.random);
    chain->sized = form == PACKED || form == SPREAD ? NULL : latency->sizing.words;
}

/*
 * All chains of a target. Samples of one variant are of the same length on all targets: that of the first. A chain takes longer
 * to lay than to follow, and a machine may be slow: what is always there are all chains of the first target, and on each other
 * the plain one.
 */
static void prepare_target(struct latency *latency, size_t index, const struct target *first)
{
    struct target *target = &latency->targets[index];

    for (size_t i = 0; i < VARIANTS; i++) {
        struct chain *chain = &target->chains[i];
        if (!is_wanted(latency, i))
            continue;
        if (first != NULL && variants[i].form != PLAIN && now_ns() > latency->prepare_until) {
            snprintf(chain->why, sizeof chain->why, "there was no time for it in %.0f s", latency->cells.seconds);
            continue;
        }
        prepare_chain(latency, target, i, latency->nodes.node[index].id);
        if (first != NULL && first->chains[i].loads > 0)
            chain->loads = first->chains[i].loads;
        else
            chain_choose_loads(chain, latency->quick ? 5e6 : 10e6);
        if (variants[i].form == PACKED || variants[i].form == SPREAD)
            chain->warm_up = 2 * chain->elements;
    }
}

static void add_cell(struct latency *latency, const struct node *initiator, size_t index, size_t variant)
{
    struct chain *chain = &latency->targets[index].chains[variant];
    struct chain_cell *self = &latency->chain_cells[latency->cells.count];
    struct cell *cell = &latency->cells.cell[latency->cells.count++];

    *self = (struct chain_cell){.chain = chain,
        .cpu = (unsigned)initiator->cpu,
        .variant = &variants[variant],
        .histogram = variants[variant].form == PLAIN ? calloc(1, sizeof *self->histogram) : NULL};
    *cell = (struct cell){.initiator = (int)initiator->id,
        .target = (int)latency->nodes.node[index].id,
        .state = chain->why[0] == '\0' ? BENCH_NOT_CONVERGED : BENCH_NOT_RUN,
        .closure = self};
    snprintf(cell->reason, sizeof cell->reason, "%s", chain->why);
}

static np_status prepare_cells(struct latency *latency, np_error *error)
{
    const struct nodes *nodes = &latency->nodes;
    const struct target *first = NULL;

    for (size_t target = 0; target < nodes->count; target++) {
        if (!nodes->node[target].has_memory)
            continue;
        prepare_target(latency, target, first);
        first = first == NULL ? &latency->targets[target] : first;
    }
    for (size_t initiator = 0; initiator < nodes->count; initiator++)
        for (size_t target = 0; target < nodes->count; target++)
            for (size_t i = 0; i < VARIANTS && nodes->node[initiator].cpu >= 0 && nodes->node[target].has_memory; i++)
                if (is_wanted(latency, i) && (variants[i].form == PLAIN || initiator == target))
                    add_cell(latency, &nodes->node[initiator], target, i);
    return latency->cells.count > 0
               ? NP_OK
               : failure(
                     error, NP_SYSTEM, "there is no node with a CPU, or none with memory, that this process may use");
}

static bool is_plain(const struct cell *cell)
{
    const struct chain_cell *self = cell->closure;

    return ((const struct variant *)self->variant)->form == PLAIN;
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    struct chain_cell *self = cell->closure;
    const struct variant *variant = self->variant;
    const struct chain *chain = self->chain;
    char single[96] = "";

    if (self->histogram != NULL && cell->count > 0)
        snprintf(single, sizeof single, "; single loads: half below %.0f ns, 99%% below %.0f, 99.9%% below %.0f",
            bench_histogram_quantile(self->histogram, 0.5), bench_histogram_quantile(self->histogram, 0.99),
            bench_histogram_quantile(self->histogram, 0.999));
    snprintf(measurement->name, sizeof measurement->name, NAME);
    snprintf(measurement->variant, sizeof measurement->variant, "%s", variant->name);
    snprintf(measurement->unit, sizeof measurement->unit, "ns");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    if (chain->buffer != NULL)
        snprintf(measurement->detail, sizeof measurement->detail, "CPU %u; %zu MiB on %s%s%s; %s; %zu loads a sample%s",
            self->cpu, chain->buffer->bytes / MIB, chain->buffer->backing, chain->sized != NULL ? ", " : "",
            chain->sized != NULL ? chain->sized : "", variant->words, chain->loads * chain->chains, single);
    measurement->histogram = self->histogram;
    self->histogram = NULL; /* It is the report's now. */
}

static const struct cell *find_local(const struct cells *cells, int initiator)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cells->cell[i].initiator == initiator && cells->cell[i].target == initiator && is_plain(&cells->cell[i]))
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
        if (local == NULL || local == remote || !is_plain(remote) || local->count == 0 || remote->count == 0)
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

/* By all cells of the same pair of nodes. */
static double loads_made(const struct latency *latency, const struct cell *cell)
{
    double made = 0;

    for (size_t i = 0; i < latency->cells.count; i++) {
        const struct cell *other = &latency->cells.cell[i];
        if (other->initiator == cell->initiator && other->target == cell->target)
            made += (double)((const struct chain_cell *)other->closure)->loads_made;
    }
    return made;
}

/* In an emulated machine with the access counter: every load of the chase was seen, and on its own pair of nodes. */
static np_status judge_counts(const struct latency *latency, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; i < latency->cells.count && status == NP_OK; i++) {
        const struct cell *cell = &latency->cells.cell[i];
        const struct bench_counter *counter = find_loads(report, cell);
        struct bench_claim claim = {.id = ""};
        if (counter == NULL || !is_plain(cell))
            continue;
        double made = loads_made(latency, cell);
        bool exact = counter->value >= made && counter->value <= made * 1.001;
        claim.of_the_counting = true;
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

    cells_take_off(&latency->cells, (now_ns() - start) / 1e9);
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
    for (size_t i = 0; i < latency->cells.count; i++)
        free(latency->chain_cells[i].histogram);
    for (size_t i = 0; latency->targets != NULL && i < latency->nodes.count; i++)
        for (size_t j = 0; j < VARIANTS; j++)
            buffer_free(&latency->targets[i].buffers[j]);
    free(latency->cells.cell);
    free(latency->chain_cells);
    free(latency->targets);
    free(latency);
}

static np_status prepare(struct latency *latency, const struct bench_options *options, np_error *error)
{
    size_t most = latency->nodes.count * latency->nodes.count + VARIANTS * latency->nodes.count;
    latency->targets = calloc(latency->nodes.count, sizeof *latency->targets);
    latency->chain_cells = calloc(most, sizeof *latency->chain_cells);
    latency->cells = (struct cells){.cell = calloc(most, sizeof *latency->cells.cell),
        .sample = chain_cell_sample,
        .what = NAME,
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = options->seconds,
        .random = {.state = (uint64_t)now_ns() | 1}};
    latency->prepare_until = options->emulated ? INFINITY : now_ns() + latency->cells.seconds * 1e9 * 3 / 4;
    if (latency->targets == NULL || latency->chain_cells == NULL || latency->cells.cell == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan %zu cells", most);
    return NP_OK;
}

np_status bench_latency(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct latency *latency = calloc(1, sizeof *latency);
    struct bench_options own = *options; /* With what is left of the time. */
    double start = now_ns();

    if (latency == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    latency->quick = own.quick || (own.seconds > 0 && own.seconds < SECONDS_QUICK);
    np_status status = nodes_discover(&latency->nodes, error);
    if (status == NP_OK) {
        sizes_find(latency->quick ? &sizes_quick : &sizes_full, &latency->nodes,
            own.quick ? SECONDS_QUICK : SECONDS_FULL, &own, report, &latency->sizing);
        status = prepare(latency, &own, error);
    }
    if (status == NP_OK)
        status = measure(latency, &own, report, error);
    report->seconds += (now_ns() - start) / 1e9;
    release(latency);
    return status;
}
