/*
 * How long automatic NUMA balancing takes to bring pages to a thread that has moved.
 *
 * Soft mode with balancing on is the kernel's own answer to locality: let threads go where they will, pages follow. They follow
 * only when the kernel has taken the page tables' entries away, and seen who comes for the pages, twice (numa_hint_faults).
 * Here a thread touches its pages on one node, moves to another, and goes on touching; how long it takes until nine in
 * ten of them are there is measured, by asking for each page.
 */
#include "modes_internal.h"

#include "failure.h"
#include "placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MIB           ((size_t)1 << 20)
#define PAGE          4096
#define REGION_BYTES  (4 * MIB)
#define LONGEST       20.0 /* Seconds. The kernel first looks after one, then every one to sixty (6.1). */
#define BETWEEN_LOOKS 0.05
#define SHARE_WANTED  0.9

static void touch_for(char *start, size_t bytes, double seconds)
{
    double until = modes_now() + seconds;

    while (modes_now() < until)
        for (size_t offset = 0; offset < bytes; offset += PAGE)
            ((volatile char *)start)[offset]++;
}

/* Seconds until the pages are on @node, or -1 when they are not after LONGEST; @share is that of those which are. */
static double wait_for_pages(char *start, unsigned node, double *share)
{
    const struct workload_range there = {.start = start, .bytes = REGION_BYTES, .node = node};
    double begin = modes_now();
    size_t pages, elsewhere;

    while (modes_now() - begin < LONGEST) {
        touch_for(start, REGION_BYTES, BETWEEN_LOOKS);
        workload_count_range(&there, &pages, &elsewhere);
        *share = 1 - (double)elsewhere / (double)pages;
        if (*share >= SHARE_WANTED)
            return modes_now() - begin;
    }
    return -1;
}

static np_status measure(struct modes *modes, struct bench_measurement *measurement, np_error *error)
{
    double share = 0, *sample = malloc(sizeof *sample);
    struct noise_mark before, after;
    np_cpuset there;
    int from = np_cpuset_first(&modes->home_cpus);

    np_status status = np_topology_cpus_of_node(modes->topology, modes->setting.nodes[1], &there, error);
    int to = np_cpuset_first(&there);
    if (status != NP_OK || from < 0 || to < 0 || sample == NULL) {
        free(sample);
        return status != NP_OK ? status : failure(error, NP_SYSTEM, "no two nodes with CPUs to move a thread between");
    }
    thread_move((unsigned)from);
    /* Memory without a policy of its own: the kernel does not balance what mbind(2) was called on (6.1). */
    char *start = mmap(NULL, REGION_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start != MAP_FAILED) {
        madvise(start, REGION_BYTES, MADV_NOHUGEPAGE);
        touch_for(start, REGION_BYTES, BETWEEN_LOOKS);
        thread_move((unsigned)to);
        noise_look(&before);
        double seconds = wait_for_pages(start, modes->setting.nodes[1], &share);
        noise_look(&after);
        noise_causes(&before, &after, measurement->noise, sizeof measurement->noise);
        munmap(start, REGION_BYTES);
        *sample = seconds < 0 ? LONGEST : seconds;
        measurement->state = BENCH_NOT_CONVERGED;
        snprintf(measurement->reason, sizeof measurement->reason,
            seconds < 0 ? "after %.0f s %.1f%% of the pages had followed, and it was given up"
                        : "one move of one thread; in %.1f s %.1f%% of the pages had followed",
            *sample, 100 * share);
        measurement->median = measurement->ci_low = measurement->ci_high = measurement->min = measurement->max =
            measurement->p99 = *sample;
        measurement->n = 1;
        measurement->samples = sample;
        return NP_OK;
    }
    free(sample);
    return failure(error, NP_ALLOCATION, "%zu bytes cannot be mapped", REGION_BYTES);
}

np_status modes_balancing(struct modes *modes, struct bench_report *report, np_error *error)
{
    struct bench_measurement measurement = {
        .initiator = (int)modes->setting.nodes[1], .target = (int)modes->setting.nodes[0], .state = BENCH_NOT_RUN};
    struct disturbance disturbance;

    if (!modes->options->emulated && modes->start + modes->seconds - modes_now() < LONGEST)
        return modes_claim(report, "modes-balancing-convergence", "How fast balancing moves pages after a thread",
            "not-applicable", error, "not run: it may take %.0f s, and so much of the %.0f s was not left", LONGEST,
            modes->seconds);
    struct affinity *affinity = affinity_save();

    snprintf(measurement.name, sizeof measurement.name, "balancing convergence");
    snprintf(measurement.unit, sizeof measurement.unit, "s");
    snprintf(measurement.mode, sizeof measurement.mode, "soft");
    snprintf(measurement.source, sizeof measurement.source, "move_pages(2), page by page");
    snprintf(measurement.detail, sizeof measurement.detail,
        "until 90%% of %zu MiB follow a thread that moved from node %u to node %u", REGION_BYTES / MIB,
        modes->setting.nodes[0], modes->setting.nodes[1]);
    np_status status = disturbance_begin(&disturbance, DISTURBANCE_BALANCING, NULL, modes->setting.nodes[0], 0, error);
    if (status == NP_OK) {
        status = measure(modes, &measurement, error);
        np_status ended = disturbance_end(&disturbance, status == NP_OK ? error : NULL);
        status = status == NP_OK ? ended : status;
    }
    affinity_restore(affinity);
    return status == NP_OK ? bench_report_add_measurement(report, &measurement, error) : status;
}
