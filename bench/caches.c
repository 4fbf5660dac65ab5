/*
 * Caches as they are: latency by size.
 *
 * A chain in a memory that fits a cache takes that cache's time; where the time climbs, the cache ends. What a machine
 * advertises need not be what one gets: a virtual machine is shown a cache that it shares with strangers. So sizes from a
 * few kibibytes to beyond the largest advertised cache are measured, cell by cell as everything here, and the steps of the
 * curve are laid beside what hwloc says.
 */
#include "caches.h"

#include "access.h"
#include "chains.h"
#include "failure.h"
#include "nodes.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME           "cache latency"
#define KIB            ((size_t)1 << 10)
#define MIB            ((size_t)1 << 20)
#define SMALLEST       (8 * KIB)
#define SMALLEST_SHORT (512 * KIB)
#define LARGEST        (256 * MIB)
#define MOST_SIZES     40
#define SECONDS_QUICK  2
#define SECONDS_FULL   15
/* Where the time grows by this much from one size to the next, or did so before, a cache is ending. */
#define CLIMB 1.25
/* A step is larger than that: more would be precision for nothing. */
#define WIDTH_SHORT 0.1
/* A memory of more lines is read in order before a sample: to follow its chain all around would take too long. */
#define MOST_WARM_UP ((size_t)1 << 15)

struct caches {
    struct nodes nodes;
    struct buffer buffer;
    struct chain chains[MOST_SIZES];
    struct chain_cell chain_cells[MOST_SIZES];
    size_t sizes[MOST_SIZES];
    struct cells cells;
    bool quick;           /* Powers of two alone. */
    bool is_short;        /* For the size of the last cache alone, */
    double prepare_until; /* and no more sizes than are laid by then, as now_ns() has it. */
};

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/*
 * Powers of two, and three quarters of them where there is time; to twice the largest advertised cache, and 64 MiB at least,
 * or 128 where there is time.
 */
static size_t choose_sizes(struct caches *caches, size_t free_bytes)
{
    size_t last = 2 * (size_t)caches->nodes.largest_cache_bytes, count = 0;
    size_t least = (caches->quick ? 64 : 128) * MIB, first = caches->is_short ? SMALLEST_SHORT : SMALLEST;

    last = last < least ? least : last > LARGEST ? LARGEST : last;
    last = last > free_bytes / 8 ? free_bytes / 8 : last;
    for (size_t size = first; size <= last && count + 1 < MOST_SIZES; size *= 2) {
        if (!caches->quick && size > first)
            caches->sizes[count++] = size / 4 * 3;
        caches->sizes[count++] = size;
    }
    return count;
}

static void add_cell(struct caches *caches, size_t index, size_t offset, const struct node *node)
{
    const struct chase_order order = {.stride = CHASE_LINE};
    struct chain *chain = &caches->chains[index];

    if (caches->is_short && now_ns() > caches->prepare_until)
        snprintf(chain->why, sizeof chain->why, "there was no time for it");
    else
        chain_lay(chain, &caches->buffer, offset, caches->sizes[index], &order, 1, &caches->cells.random);
    chain_choose_loads(chain, caches->is_short ? 3e5 : 1e6);
    chain->is_read_first = chain->elements > MOST_WARM_UP;
    chain->warm_up = chain->is_read_first ? chain->warm_up : 2 * chain->elements;
    caches->chain_cells[index] =
        (struct chain_cell){.chain = chain, .cpu = (unsigned)node->cpu, .variant = &caches->sizes[index]};
    caches->cells.cell[index] = (struct cell){.initiator = (int)node->id,
        .target = (int)node->id,
        .state = chain->why[0] == '\0' ? BENCH_NOT_CONVERGED : BENCH_NOT_RUN,
        .closure = &caches->chain_cells[index]};
    snprintf(caches->cells.cell[index].reason, sizeof caches->cells.cell[index].reason, "%s", chain->why);
    caches->cells.count++;
}

/* The first node that has both a CPU and memory: its caches stand for all. */
static const struct node *choose_node(const struct caches *caches)
{
    for (size_t i = 0; i < caches->nodes.count; i++)
        if (caches->nodes.node[i].cpu >= 0 && caches->nodes.node[i].has_memory)
            return &caches->nodes.node[i];
    return NULL;
}

static np_status make_plan(struct caches *caches, np_error *error)
{
    const struct node *node = choose_node(caches);
    size_t sum = 0, offset = 0;

    if (node == NULL)
        return failure(error, NP_SYSTEM, "no node has both a CPU and memory that this process may use");
    size_t count = choose_sizes(caches, (size_t)node->free_bytes);
    for (size_t i = 0; i < count; i++)
        sum += caches->sizes[i];
    caches->cells.cell = calloc(count + 1, sizeof *caches->cells.cell);
    if (caches->cells.cell == NULL)
        return failure(error, NP_ALLOCATION, "no memory to plan %zu sizes", count);
    np_status status = buffer_make(&caches->buffer, (sum + 2 * MIB - 1) & ~(2 * MIB - 1), node->id, error);
    for (size_t i = 0; i < count && status == NP_OK; i++) {
        add_cell(caches, i, offset, node);
        offset += caches->sizes[i];
    }
    return status;
}

static const char *size_words(size_t bytes, char text[32])
{
    if (bytes >= MIB)
        snprintf(text, 32, "%g MiB", (double)bytes / (double)MIB);
    else
        snprintf(text, 32, "%g KiB", (double)bytes / (double)KIB);
    return text;
}

static void describe(const struct cell *cell, struct bench_measurement *measurement)
{
    const struct chain_cell *self = cell->closure;
    char words[32];

    snprintf(measurement->name, sizeof measurement->name, NAME);
    snprintf(
        measurement->variant, sizeof measurement->variant, "%s", size_words(*(const size_t *)self->variant, words));
    snprintf(measurement->unit, sizeof measurement->unit, "ns");
    snprintf(measurement->source, sizeof measurement->source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement->detail, sizeof measurement->detail,
        "CPU %u; one random cycle on %s, warmed by %s%zu loads; %zu loads a sample", self->cpu,
        self->chain->buffer->backing, self->chain->is_read_first ? "reading all of it and " : "", self->chain->warm_up,
        self->chain->loads);
}

static double median_of(const struct cells *cells, size_t index)
{
    return cells->cell[index].summary.median;
}

static bool climbs_after(const struct cells *cells, size_t index)
{
    const struct summary *here = &cells->cell[index].summary, *next = &cells->cell[index + 1].summary;

    return next->ci_low > here->ci_high && next->median > CLIMB * here->median;
}

/* Half of a memory of twice the cache still hits it: the climb goes on beyond the cache, which is where it is steepest. */
size_t caches_last_level(const struct cells *cells, const size_t *sizes)
{
    size_t last = 0;
    double steepest = 0;

    for (size_t i = 0; i + 1 < cells->count; i++) {
        double ratio = median_of(cells, i + 1) / median_of(cells, i);
        if (!climbs_after(cells, i))
            continue;
        if (i == 0 || !climbs_after(cells, i - 1))
            steepest = 0;
        last = ratio > steepest ? sizes[i] : last;
        steepest = ratio > steepest ? ratio : steepest;
    }
    return last;
}

/*
 * The steps of the curve: a stretch of sizes over which the time climbs slowly is a cache, and its last size is about the
 * cache's. Their sizes go to @ends, which has room for MOST_SIZES; what is said of them to @words.
 */
static size_t find_levels(const struct caches *caches, size_t *ends, char *words, size_t size)
{
    size_t levels = 0, used = 0;
    bool climbing = false;
    char text[32];

    words[0] = '\0';
    for (size_t i = 0; i + 1 < caches->cells.count; i++) {
        bool climbs = climbs_after(&caches->cells, i);
        if (climbs && !climbing && used < size) {
            ends[levels++] = caches->sizes[i];
            used += (size_t)snprintf(words + used, size - used, "%s%s at %.1f ns", levels > 1 ? ", " : "",
                size_words(caches->sizes[i], text), median_of(&caches->cells, i));
        }
        climbing = climbs;
    }
    return levels;
}

/* The advertised data caches of the CPU that was measured from, smallest first. */
static size_t advertised(unsigned cpu, size_t *sizes, size_t most)
{
    hwloc_topology_t topology;
    size_t count = 0;

    if (hwloc_topology_init(&topology) != 0)
        return 0;
    hwloc_topology_set_cache_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_ALL);
    hwloc_obj_t object = hwloc_topology_load(topology) == 0 ? hwloc_get_pu_obj_by_os_index(topology, cpu) : NULL;
    for (; object != NULL && count < most; object = object->parent)
        if (hwloc_obj_type_is_dcache(object->type))
            sizes[count++] = (size_t)object->attr->cache.size;
    hwloc_topology_destroy(topology);
    return count;
}

static bool is_near_one_of(size_t size, const size_t *ends, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ends[i] <= 2 * size && size <= 2 * ends[i])
            return true;
    return false;
}

/* Each size has samples enough for an interval: of fewer any noise is a climb. */
static bool is_complete(const struct caches *caches)
{
    for (size_t i = 0; i < caches->cells.count; i++)
        if (caches->cells.cell[i].count < STATISTICS_FEWEST)
            return false;
    return true;
}

/* In a machine made of software, whose accesses may all cost the same. */
static bool has_caches(const struct bench_options *options)
{
    char no_counter[256];

    return !options->emulated ||
           (access_find(no_counter, sizeof no_counter) && access_is_delayed() && access_has_caches());
}

/* What those who size buffers by it are told. */
static void find_last(const struct caches *caches, const struct bench_options *options, struct bench_cache *cache)
{
    bool can_tell = is_complete(caches) && has_caches(options);

    *cache = (struct bench_cache){0};
    cache->bytes = can_tell ? caches_last_level(&caches->cells, caches->sizes) : 0;
    if (cache->bytes == 0)
        snprintf(cache->reason, sizeof cache->reason, "%s",
            !has_caches(options)  ? "this machine models no caches"
            : is_complete(caches) ? "the time climbs nowhere beyond noise"
                                  : "there was no time for every size");
}

/* Are the caches what is advertised? A size is met where the curve has a step within half and twice of it. */
static np_status judge(const struct caches *caches, struct bench_report *report, np_error *error)
{
    struct bench_claim claim = {.id = "caches-as-advertised", .text = "The caches are as large as advertised"};
    size_t ends[MOST_SIZES], sizes[8], met = 0;
    char levels[128], words[96] = "", text[32];
    bool complete = is_complete(caches);

    size_t count = complete ? find_levels(caches, ends, levels, sizeof levels) : 0;
    size_t known = advertised(caches->chain_cells[0].cpu, sizes, 8);
    for (size_t i = 0; i < known; i++) {
        size_t used = strlen(words);
        met += is_near_one_of(sizes[i], ends, count);
        snprintf(words + used, sizeof words - used, "%s%s", i > 0 ? ", " : "", size_words(sizes[i], text));
    }
    const char *verdict = known == 0 ? "not-applicable" : complete && met == known ? "pass" : "inconclusive";
    snprintf(claim.verdict, sizeof claim.verdict, "%s", verdict);
    if (complete)
        snprintf(claim.reason, sizeof claim.reason, "advertised %s; the time climbs after %s",
            known > 0 ? words : "none", count > 0 ? levels : "no size");
    else
        snprintf(claim.reason, sizeof claim.reason, "not every size was measured");
    return bench_report_add_claim(report, &claim, error);
}

/* The curve, and what it says of the last cache. */
static np_status measure(
    struct caches *caches, const struct bench_options *options, struct bench_cache *cache, np_error *error)
{
    struct affinity *before = affinity_save();
    double start = now_ns();

    caches->prepare_until = start + caches->cells.seconds * 1e9 * 2 / 3;
    np_status status = make_plan(caches, error);
    cells_take_off(&caches->cells, (now_ns() - start) / 1e9);
    if (status == NP_OK)
        status = cells_measure(&caches->cells, options, error);
    affinity_restore(before);
    if (status == NP_OK)
        find_last(caches, options, cache);
    return status;
}

static struct caches *begin(const struct bench_options *options, double seconds, np_error *error)
{
    struct caches *caches = calloc(1, sizeof *caches);

    if (caches == NULL) {
        failure(error, NP_ALLOCATION, "no memory to plan the measurement");
        return NULL;
    }
    caches->quick = options->quick;
    caches->cells = (struct cells){.sample = chain_cell_sample,
        .what = "caches",
        .width = options->width > 0 ? options->width : 0.02,
        .seconds = seconds,
        .random = {.state = (uint64_t)now_ns() | 1}};
    return caches;
}

static void release(struct caches *caches)
{
    cells_free_samples(&caches->cells);
    free(caches->cells.cell);
    buffer_free(&caches->buffer);
    free(caches);
}

void caches_sweep(const struct bench_options *options, double seconds, struct bench_cache *cache)
{
    np_error problem;
    struct caches *caches = begin(options, seconds, &problem);
    np_status status = caches != NULL ? nodes_discover(&caches->nodes, &problem) : NP_ALLOCATION;

    if (status == NP_OK) {
        caches->quick = caches->is_short = true;
        caches->cells.width = WIDTH_SHORT;
        status = measure(caches, options, cache, &problem);
    }
    if (status != NP_OK)
        snprintf(cache->reason, sizeof cache->reason, "%.90s", problem.reason);
    if (caches != NULL)
        release(caches);
}

np_status bench_caches(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    double start = now_ns();
    double seconds = options->seconds > 0 ? options->seconds : options->quick ? SECONDS_QUICK : SECONDS_FULL;
    struct caches *caches = begin(options, seconds, error);

    if (caches == NULL)
        return NP_ALLOCATION;
    np_status status = nodes_discover(&caches->nodes, error);
    if (status == NP_OK)
        status = measure(caches, options, &report->cache, error);
    if (status == NP_OK)
        status = judge(caches, report, error);
    if (status == NP_OK)
        status = cells_report(&caches->cells, describe, report, error);
    report->seconds += (now_ns() - start) / 1e9;
    release(caches);
    return status;
}
