/*
 * Sizes of buffers: large enough that a cache cannot pass for memory.
 *
 * What a machine advertises of its caches can be wrong, in a virtual machine above all: a label too small would let a
 * buffer fit the cache that it should exceed. So the last cache is measured too (caches.c), and the larger of the two
 * decides. A measured one that is smaller decides nothing: others may have been using the cache meanwhile, and will not be
 * the next time.
 *
 * Where several benchmarks are run, that of the caches comes first and leaves its finding in the report. One that is run
 * alone makes a short sweep of its own, from its own time. Not so in an emulated machine: without a model of caches there is
 * nothing to measure, with one it takes ten times as long, and the sweep would be in the access counter's totals.
 */
#include "sizes.h"

#include "caches.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIB ((size_t)1 << 20)
/* Of the time limit; what is less than LEAST_SECONDS finds no more than noise. */
#define SWEEP_SHARE   5
#define MOST_SECONDS  2
#define LEAST_SECONDS 1.1

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t within(const struct size_rule *rule, uint64_t cache_bytes)
{
    uint64_t bytes = rule->caches * cache_bytes;

    return bytes < rule->smallest ? rule->smallest : bytes > rule->largest ? rule->largest : (size_t)bytes;
}

static void describe(const struct size_rule *rule, uint64_t advertised, const struct bench_cache *measured, bool is_cut,
    struct sizing *sizing)
{
    const double mib = (double)MIB;
    char both[144];

    if (measured->bytes > advertised)
        snprintf(both, sizeof both, "a cache of %g MiB as measured, %g advertised", (double)measured->bytes / mib,
            (double)advertised / mib);
    else if (measured->bytes > 0)
        snprintf(both, sizeof both, "a cache of %g MiB as advertised, %g measured", (double)advertised / mib,
            (double)measured->bytes / mib);
    else
        snprintf(both, sizeof both, "a cache of %g MiB as advertised, not measured: %.56s", (double)advertised / mib,
            measured->reason);
    snprintf(sizing->words, sizeof sizing->words, "sized for %s%s", both,
        is_cut && rule->largest > rule->smallest ? "; less than wanted" : "");
}

void sizes_choose(
    const struct size_rule *rule, const struct nodes *nodes, const struct bench_cache *measured, struct sizing *sizing)
{
    uint64_t advertised = nodes->largest_cache_bytes;
    uint64_t cache = measured->bytes > advertised ? measured->bytes : advertised;
    size_t bytes = rule->together * within(rule, cache);

    for (size_t i = 0; i < nodes->count; i++)
        if (nodes->node[i].has_memory && nodes->node[i].free_bytes / rule->share < bytes)
            bytes = (size_t)nodes->node[i].free_bytes / rule->share;
    sizing->bytes = bytes & ~(2 * MIB - 1);
    describe(rule, advertised, measured, bytes / rule->together < rule->caches * cache, sizing);
}

/* What is known of the last cache by measurement, or found out now. */
static void look(const struct size_rule *rule, const struct nodes *nodes, struct bench_options *options,
    struct bench_report *report, struct bench_cache *measured)
{
    double start = now();
    double seconds = options->seconds / SWEEP_SHARE < MOST_SECONDS ? options->seconds / SWEEP_SHARE : MOST_SECONDS;
    *measured = report->cache;
    if (measured->bytes > 0 || measured->reason[0] != '\0')
        return;
    if (options->emulated || options->without_sweep) {
        snprintf(measured->reason, sizeof measured->reason, "no sweep is made in an emulated machine");
    } else if (within(rule, nodes->largest_cache_bytes) == rule->largest) {
        snprintf(measured->reason, sizeof measured->reason, "it would change nothing");
    } else if (seconds < LEAST_SECONDS) {
        snprintf(measured->reason, sizeof measured->reason, "there was no time for it");
    } else {
        caches_sweep(options, seconds, measured);
        report->cache = *measured;
        /* On a slow machine it takes longer than it was given; figures take some time too. */
        options->seconds -= fmin(now() - start, options->seconds / 2);
    }
}

void sizes_find(const struct size_rule *rule, const struct nodes *nodes, double own_seconds,
    struct bench_options *options, struct bench_report *report, struct sizing *sizing)
{
    struct bench_cache measured;

    options->seconds = options->seconds > 0 ? options->seconds : own_seconds;
    look(rule, nodes, options, report, &measured);
    sizes_choose(rule, nodes, &measured, sizing);
}
