/*
 * What policies cost, and what soft mode gives under pressure.
 *
 * A policy is paid for when pages are made: the kernel chooses a node for each. It is measured by making the same region again and
 * again under each policy, in turns. np_region has no weighted interleave, which Linux 6.9 brought; that one is made
 * by mbind(2) itself.
 *
 * Under pressure: a node is filled until it has room for a part of a region, and the region is asked for in both modes. What soft
 * mode spills is counted page by page, next to what hard mode says.
 */
#include "modes_internal.h"

#include "failure.h"
#include "placement.h"
#include "statistics.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB                      ((size_t)1 << 20)
#define PAGE                     4096
#define POLICY_ROUNDS            12
#define MODE_WEIGHTED_INTERLEAVE 6 /* linux/mempolicy.h from 6.9 on */
#define MASK_BITS                1024
#define LONG_BITS                (8 * sizeof(unsigned long))

enum policy {
    POLICY_NONE, /* Plain mmap(2), for comparison. */
    POLICY_LOCAL,
    POLICY_BIND,
    POLICY_PREFERRED,
    POLICY_INTERLEAVE,
    POLICY_WEIGHTED,
    POLICIES
};
static const char *const policy_names[] = {
    "no policy", "local", "bind", "preferred", "interleave", "weighted interleave"};

/* Nanoseconds a page that making the region takes; NAN and @why when it cannot be made. */
static double time_region(const struct modes *modes, enum policy policy, np_mode mode, np_status *status, np_error *why)
{
    np_region_options options;
    np_region *region = NULL;

    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.prefault = NP_PREFAULT_TOUCH;
    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    options.policy.kind = policy == POLICY_BIND         ? NP_POLICY_BIND
                          : policy == POLICY_PREFERRED  ? NP_POLICY_PREFERRED
                          : policy == POLICY_INTERLEAVE ? NP_POLICY_INTERLEAVE
                                                        : NP_POLICY_LOCAL;
    size_t nodes = policy == POLICY_INTERLEAVE ? modes->setting.node_count : policy == POLICY_LOCAL ? 0 : 1;
    for (size_t i = 0; i < nodes; i++)
        np_nodeset_add(&options.policy.nodes, modes->setting.nodes[i], NULL);
    double start = modes_now();
    *status = np_region_create(modes->setting.bytes, &options, &region, why);
    double seconds = modes_now() - start;
    np_region_release(region);
    return *status == NP_OK ? seconds * 1e9 / ((double)modes->setting.bytes / PAGE) : NAN;
}

/* The same by the kernel's calls alone: no policy, or weighted interleave. */
static double time_mapping(const struct modes *modes, enum policy policy, np_status *status, np_error *why)
{
    unsigned long mask[MASK_BITS / LONG_BITS] = {0};
    size_t bytes = modes->setting.bytes;

    for (size_t i = 0; i < modes->setting.node_count; i++)
        mask[modes->setting.nodes[i] / LONG_BITS] |= 1UL << modes->setting.nodes[i] % LONG_BITS;
    double start = modes_now();
    char *start_of = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start_of == MAP_FAILED) {
        *status = failure(why, NP_ALLOCATION, "%zu bytes cannot be mapped: %s", bytes, strerror(errno));
        return NAN;
    }
    madvise(start_of, bytes, MADV_NOHUGEPAGE);
    if (policy == POLICY_WEIGHTED &&
        syscall(SYS_mbind, start_of, bytes, MODE_WEIGHTED_INTERLEAVE, mask, MASK_BITS + 1UL, 0) != 0) {
        *status = failure(why, NP_NOT_AVAILABLE,
            "this kernel has no weighted interleave, which came with 6.9: mbind(2): %s", strerror(errno));
        munmap(start_of, bytes);
        return NAN;
    }
    for (size_t offset = 0; offset < bytes; offset += PAGE)
        ((volatile char *)start_of)[offset] = 1;
    double seconds = modes_now() - start;
    munmap(start_of, bytes);
    *status = NP_OK;
    return seconds * 1e9 / ((double)bytes / PAGE);
}

struct policy_cell {
    double samples[POLICY_ROUNDS];
    size_t count;
    np_status status;
    np_error why;
};

static void sample_policy(const struct modes *modes, enum policy policy, np_mode mode, struct policy_cell *cell)
{
    double value = policy == POLICY_NONE || policy == POLICY_WEIGHTED
                       ? time_mapping(modes, policy, &cell->status, &cell->why)
                       : time_region(modes, policy, mode, &cell->status, &cell->why);

    if (!isnan(value))
        cell->samples[cell->count++] = value;
}

static np_status report_policy(const struct modes *modes, enum policy policy, np_mode mode, struct policy_cell *cell,
    const char *noise, struct bench_report *report, np_error *error)
{
    bool has_mode = policy != POLICY_NONE && policy != POLICY_WEIGHTED;
    struct bench_measurement measurement = {.initiator = -1, .target = -1, .state = BENCH_NOT_RUN};
    struct summary summary;

    snprintf(measurement.name, sizeof measurement.name, "policy cost");
    snprintf(measurement.unit, sizeof measurement.unit, "ns/page");
    snprintf(measurement.variant, sizeof measurement.variant, "%s", policy_names[policy]);
    snprintf(measurement.mode, sizeof measurement.mode, "%s", !has_mode ? "" : mode == NP_SOFT ? "soft" : "strict");
    snprintf(measurement.source, sizeof measurement.source, "clock_gettime(CLOCK_MONOTONIC)");
    snprintf(measurement.detail, sizeof measurement.detail, "making %zu MiB present, 4 KiB pages, by one thread",
        modes->setting.bytes / MIB);
    if (cell->count == 0 && cell->status == NP_NOT_AVAILABLE)
        return modes_claim(report, "policy-weighted-interleave", "Cost of the policy weighted interleave",
            "not-applicable", error, "not run: %.200s", cell->why.reason);
    if (cell->count == 0 && cell->status == NP_OK) {
        snprintf(measurement.reason, sizeof measurement.reason, MODES_NO_TIME, modes->seconds);
        return bench_report_add_measurement(report, &measurement, error);
    }
    if (cell->count == 0) {
        measurement.state = cell->status == NP_HARD_MODE_UNAVAILABLE ? BENCH_REFUSED : BENCH_NOT_RUN;
        snprintf(measurement.reason, sizeof measurement.reason, "%.250s", cell->why.reason);
        return bench_report_add_measurement(report, &measurement, error);
    }
    measurement.samples = malloc(cell->count * sizeof(double));
    if (measurement.samples == NULL || !statistics_summarize(cell->samples, cell->count, &summary)) {
        free(measurement.samples);
        return failure(error, NP_ALLOCATION, "no memory to sum up what policies cost");
    }
    memcpy(measurement.samples, cell->samples, cell->count * sizeof(double));
    modes_set_summary(&measurement, &summary, modes->effort.width, noise);
    return bench_report_add_measurement(report, &measurement, error);
}

np_status modes_policies(struct modes *modes, struct bench_report *report, np_error *error)
{
    struct policy_cell *cells = calloc((size_t)POLICIES * 2, sizeof *cells);
    size_t rounds = modes->options->quick ? STATISTICS_FEWEST : POLICY_ROUNDS;
    struct noise_mark before, after;
    np_status status = NP_OK;
    char noise[NOISE_SIZE];

    if (cells == NULL)
        return failure(error, NP_ALLOCATION, "no memory to measure policies in");
    /* "Local" says something only of a thread that stays on a node. */
    thread_move((unsigned)np_cpuset_first(&modes->home_cpus));
    noise_look(&before);
    for (size_t round = 0; round < rounds && !modes_is_over(modes); round++) {
        /* Each round in the other direction: who comes first falls on all alike. */
        for (int i = 0; i < POLICIES * 2; i++) {
            int turn = round % 2 == 0 ? i : POLICIES * 2 - 1 - i;
            bool has_mode = turn / 2 != POLICY_NONE && turn / 2 != POLICY_WEIGHTED;
            if (has_mode || turn % 2 == 0)
                sample_policy(modes, (enum policy)(turn / 2), (np_mode)(turn % 2), &cells[turn]);
        }
    }
    noise_look(&after);
    noise_causes(&before, &after, noise, sizeof noise);
    for (int turn = 0; status == NP_OK && turn < POLICIES * 2; turn++)
        if (turn % 2 == 0 || (turn / 2 != POLICY_NONE && turn / 2 != POLICY_WEIGHTED))
            status =
                report_policy(modes, (enum policy)(turn / 2), (np_mode)(turn % 2), &cells[turn], noise, report, error);
    free(cells);
    return status;
}

/* What a region of which the node has room for @percent comes to in one mode: a row. */
static np_status report_spill(
    const struct modes *modes, unsigned percent, np_mode mode, struct bench_report *report, np_error *error)
{
    struct bench_measurement measurement = {
        .initiator = -1, .target = (int)modes->setting.nodes[0], .state = BENCH_NOT_RUN};
    struct workload_range range;
    np_region_options options;
    np_region *region = NULL;
    np_error why = {0};
    size_t pages, misplaced;

    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.prefault = NP_PREFAULT_TOUCH;
    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_OFF;
    options.policy.kind = NP_POLICY_BIND;
    np_nodeset_add(&options.policy.nodes, modes->setting.nodes[0], NULL);
    snprintf(measurement.name, sizeof measurement.name, "spill");
    snprintf(measurement.unit, sizeof measurement.unit, "%%");
    snprintf(measurement.variant, sizeof measurement.variant, "room for %u%%", percent);
    snprintf(measurement.mode, sizeof measurement.mode, "%s", mode == NP_SOFT ? "soft" : "strict");
    snprintf(measurement.source, sizeof measurement.source, "move_pages(2), page by page");
    snprintf(measurement.detail, sizeof measurement.detail, "pages elsewhere of a region of %zu MiB bound to node %u",
        modes->setting.bytes / MIB, modes->setting.nodes[0]);
    np_status status = np_region_create(modes->setting.bytes, &options, &region, &why);
    if (status == NP_OK) {
        range = (struct workload_range){
            .start = np_region_address(region), .bytes = np_region_bytes(region), .node = modes->setting.nodes[0]};
        workload_count_range(&range, &pages, &misplaced);
        double share = 100 * (double)misplaced / (double)pages;
        measurement.samples = malloc(sizeof(double));
        if (measurement.samples != NULL) {
            measurement.samples[0] = share;
            measurement.n = 1;
        }
        measurement.median = measurement.ci_low = measurement.ci_high = measurement.min = measurement.max =
            measurement.p99 = share;
        measurement.state = BENCH_CONVERGED; /* A count of pages has no interval. */
        np_region_release(region);
    } else {
        measurement.state = status == NP_HARD_MODE_UNAVAILABLE ? BENCH_REFUSED : BENCH_NOT_RUN;
        snprintf(measurement.reason, sizeof measurement.reason, "%.250s", why.reason);
    }
    return bench_report_add_measurement(report, &measurement, error);
}

/* The node is filled anew for each region: what the one before gave back lies in lists of the CPU, out of sight. */
np_status modes_spill(struct modes *modes, struct bench_report *report, np_error *error)
{
    static const unsigned rooms[] = {150, 75, 50, 25};
    unsigned node = modes->setting.nodes[0];
    np_status status = NP_OK;

    for (size_t i = 0; status == NP_OK && i < sizeof rooms / sizeof rooms[0]; i++) {
        for (int mode = 0; status == NP_OK && mode < 2; mode++) {
            struct disturbance disturbance;
            if (modes_is_over(modes))
                return modes_claim(report, "modes-spill", "What is spilled under memory pressure", "not-applicable",
                    error, "not all of it was measured: " MODES_NO_TIME, modes->seconds);
            uint64_t leave = (uint64_t)modes->setting.bytes * rooms[i] / 100;
            status = disturbance_begin(&disturbance, DISTURBANCE_FULL, NULL, node, leave, error);
            if (status != NP_OK)
                return status;
            status = report_spill(modes, rooms[i], (np_mode)mode, report, error);
            np_status ended = disturbance_end(&disturbance, status == NP_OK ? error : NULL);
            status = status == NP_OK ? ended : status;
        }
    }
    return status;
}
