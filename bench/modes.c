/*
 * Hard against soft mode: the same workloads under both, run by run, quiet and disturbed.
 *
 * The two modes take turns, soft, strict, strict, soft, each run made anew, so that drift falls on both alike and the pairs can be
 * compared. What else the machine did meanwhile is told with the figures. Arrivals come at the same rate for all runs of a
 * workload. What strict refuses is a row of the table with its reason: that is what hard mode is for.
 *
 * Disturbances that change more than CPU time are made in emulated machines, or where the caller allows it.
 */
#include "bench/bench.h"

#include "failure.h"
#include "modes_internal.h"
#include "nodes.h"
#include "placement.h"
#include "sizes.h"
#include "statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB           ((size_t)1 << 20)
#define SCENARIOS_MAX 64
#define SECONDS_QUICK 11
#define SECONDS_FULL  180
#define MEMORY_SHARE  0.15      /* Of the time, for policies and pressure. */
#define LEAST_BYTES   (6 * MIB) /* Sizes are whole huge pages, and the pools of packets take 4.5 MiB. */

/* The data of a site. */
static const struct size_rule sizes_full = {
    .caches = 2, .smallest = 16 * MIB, .largest = 128 * MIB, .together = 1, .share = 8};
static const struct size_rule sizes_quick = {
    .caches = 2, .smallest = 16 * MIB, .largest = 16 * MIB, .together = 1, .share = 8};
/* Emulated caches are small, and everything takes its time. */
static const struct size_rule sizes_emulated = {
    .caches = 2, .smallest = 8 * MIB, .largest = 8 * MIB, .together = 1, .share = 8};

/* Nodes with CPUs and memory, the last first: node 0 has the kernel's own memory, and is the worst to disturb. */
static void choose_sites(struct modes *modes, const struct nodes *nodes)
{
    struct workload_setting *setting = &modes->setting;

    for (size_t i = nodes->count; i > 0 && setting->node_count < WORKLOAD_SITES_MAX; i--)
        if (nodes->node[i - 1].cpu >= 0 && nodes->node[i - 1].has_memory)
            setting->nodes[setting->node_count++] = nodes->node[i - 1].id;
}

/* A worker for each CPU but one, which is the lane's, where there are several. */
static np_status choose_workers(struct modes *modes, np_error *error)
{
    struct workload_setting *setting = &modes->setting;
    unsigned fewest = NP_CPU_MAX;
    np_cpuset usable, cpus;

    np_status status = np_topology_usable_cpus(modes->topology, &usable, error);
    for (size_t i = 0; status == NP_OK && i < setting->node_count; i++) {
        status = np_topology_cpus_of_node(modes->topology, setting->nodes[i], &cpus, error);
        if (status == NP_OK)
            status = np_cpuset_intersection(&cpus, &usable, &cpus, error);
        unsigned count = np_cpuset_count(&cpus);
        fewest = count < fewest ? count : fewest;
        if (i == 0)
            modes->home_cpus = cpus;
    }
    setting->workers_per_node = fewest > 1 ? fewest - 1 : 1;
    return status;
}

static size_t count_memory_nodes(const struct nodes *nodes)
{
    size_t count = 0;

    for (size_t i = 0; i < nodes->count; i++)
        count += nodes->node[i].has_memory;
    return count;
}

static np_status prepare(
    struct modes *modes, struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct nodes *nodes = malloc(sizeof *nodes);
    char why[256];

    modes->options = options;
    if (nodes == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe the machine in");
    np_status status = nodes_discover(nodes, error);
    if (status == NP_OK)
        status = np_topology_discover(&modes->topology, error);
    if (status == NP_OK) {
        bool emulated = access_find(why, sizeof why);
        choose_sites(modes, nodes);
        modes->delayed = access_is_delayed();
        modes->memory_nodes = count_memory_nodes(nodes);
        modes->virtual_machine = nodes->virtual_machine || emulated;
        modes->setting.topology = modes->topology;
        sizes_find(options->emulated ? &sizes_emulated
                   : options->quick  ? &sizes_quick
                                     : &sizes_full,
            nodes, options->quick ? SECONDS_QUICK : SECONDS_FULL, options, report, &modes->sizing);
        modes->setting.bytes = modes->sizing.bytes;
        modes->may_change_machine = options->may_change_machine;
        modes->effort = options->quick ? (struct modes_effort){.saturate_seconds = 0.015,
                                             .serve_seconds = 0.03,
                                             .serve_longest = modes->delayed ? 0.5 : 0.2,
                                             .pairs_min = 6,
                                             .pairs_max = 12}
                                       : (struct modes_effort){.saturate_seconds = 0.05,
                                             .serve_seconds = 0.1,
                                             .serve_longest = modes->delayed ? 2 : 1,
                                             .pairs_min = 10,
                                             .pairs_max = 60};
        modes->effort.width = options->width > 0 ? options->width : 0.05;
        modes->start = modes_now();
        modes->seconds = options->seconds;
    }
    free(nodes);
    if (status == NP_OK && modes->setting.node_count == 0)
        return failure(error, NP_SYSTEM, "no node has both CPUs and memory that this process may use");
    if (status == NP_OK && modes->setting.bytes < LEAST_BYTES)
        return failure(error, NP_ALLOCATION, "there is a node with less than %zu MiB of memory free",
            sizes_full.share * LEAST_BYTES / MIB);
    return status == NP_OK ? choose_workers(modes, error) : status;
}

/* Why a disturbance is not made here; "" if it is. */
static const char *obstacle(const struct modes *modes, enum disturbance_kind kind)
{
    if (disturbance_changes_machine(kind) && !modes->may_change_machine)
        return "it changes the machine, which --allow-system-changes allows";
    return disturbance_obstacle(kind, modes->memory_nodes);
}

static bool is_wanted(const struct modes *modes, const struct workload *workload)
{
    return modes->options->workload == NULL || strcmp(modes->options->workload, workload->name) == 0;
}

static void add_scenario(struct modes_result *results, size_t *count, const struct workload *workload,
    enum disturbance_kind disturbance, np_steal steal)
{
    struct modes_scenario *scenario = &results[(*count)++].scenario;

    *scenario = (struct modes_scenario){.workload = workload, .disturbance = disturbance, .steal = steal};
    snprintf(scenario->name, sizeof scenario->name, "%s, %s%s", workload->name, disturbance_name(disturbance),
        steal == NP_STEAL_LOCAL_ONLY ? "" : ", stealing");
}

/* Stealing matters where there are several nodes to steal between, and a node that is slower than the others. */
static size_t plan(const struct modes *modes, struct modes_result *results)
{
    static const enum disturbance_kind kinds[] = {
        DISTURBANCE_NONE, DISTURBANCE_HOG, DISTURBANCE_FULL, DISTURBANCE_BALANCING};
    size_t count = 0;

    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        for (size_t i = 0; obstacle(modes, kinds[kind])[0] == '\0' && i < workload_count; i++) {
            if (!is_wanted(modes, workloads[i]))
                continue;
            add_scenario(results, &count, workloads[i], kinds[kind], NP_STEAL_LOCAL_ONLY);
            if (workloads[i]->by_executor && modes->setting.node_count > 1 && kinds[kind] <= DISTURBANCE_HOG)
                add_scenario(results, &count, workloads[i], kinds[kind], NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
        }
    }
    return count;
}

static size_t index_of(const struct workload *workload)
{
    size_t i = 0;

    while (i < workload_count && workloads[i] != workload)
        i++;
    return i;
}

static bool is_narrow(const struct modes *modes, const struct modes_side *side)
{
    struct summary summary;

    return side->count == 0 || (statistics_summarize(side->samples[MODES_P99], side->count, &summary) &&
                                   statistics_converged(&summary, modes->effort.width));
}

static void tell(const struct modes *modes, const char *what)
{
    double elapsed = modes_now() - modes->start, left = modes->seconds - elapsed;

    if (modes->options->progress != NULL)
        modes->options->progress(what, elapsed < modes->seconds ? elapsed / modes->seconds : 1, left > 0 ? left : 0,
            modes->options->closure);
}

/* A refusal keeps its own reason. */
static void fail_both(struct modes_result *result, const np_error *problem)
{
    for (int mode = 0; mode < 2; mode++) {
        struct modes_side *side = &result->sides[mode];
        side->failed++;
        if (side->count > 0 || side->refused == 0)
            snprintf(side->reason, sizeof side->reason, "%.250s", problem->reason);
    }
}

/*
 * A run in each mode, each begun while the machine is disturbed as it should be: otherwise @is_disturbed is cleared. One without
 * the other is of no use: the time is not looked at in between.
 */
static np_status run_pair(struct modes *modes, struct modes_result *result, const struct disturbance *disturbance,
    const np_mode turns[2], bool *is_disturbed, np_error *error)
{
    size_t workload = index_of(result->scenario.workload);
    np_status status = NP_OK;
    np_error problem;

    for (size_t turn = 0; turn < 2 && status == NP_OK; turn++) {
        *is_disturbed = disturbance_settle(disturbance, &problem) == NP_OK;
        if (!*is_disturbed) {
            fail_both(result, &problem);
            break;
        }
        status = modes_run(modes, &result->scenario, workload, turns[turn], &result->sides[turns[turn]], error);
    }
    return status;
}

/*
 * Whether it is time for the next scenario after so many pairs, which took @took seconds: both modes are known well enough, or
 * what comes next would end farther beyond @until than now falls short of it, or beyond all the time there is. After an even
 * number two pairs come next: one more, and soft mode would have had the earlier turn more often. In an emulated machine, which
 * is over its time in any case, they are begun until then: there six runs for an interval take long, and four are none.
 */
static bool is_enough(
    const struct modes *modes, const struct modes_result *result, size_t pairs, double took, double until)
{
    double now = modes_now(), next = (pairs == 1 ? 1 : 2) * took / (double)pairs;
    bool emulated = modes->options->emulated;

    if (pairs % 2 == 1 && (pairs > 1 || emulated))
        return modes_is_over(modes);
    return now + (emulated ? 0 : next / 2) >= until || (!emulated && now + next > modes->end) ||
           (pairs >= modes->effort.pairs_min && is_narrow(modes, &result->sides[NP_SOFT]) &&
               is_narrow(modes, &result->sides[NP_STRICT]));
}

/*
 * Soft, strict, strict, soft, and so on; one pair at least, in an emulated machine two, and none when all the time is over. It
 * also ends when the machine is not disturbed any more.
 */
static np_status run_pairs(struct modes *modes, struct modes_result *result, const struct disturbance *disturbance,
    double until, np_error *error)
{
    static const np_mode turns[] = {NP_SOFT, NP_STRICT, NP_STRICT, NP_SOFT};
    double begun = modes_now();
    np_status status = NP_OK;
    bool is_disturbed = true, enough = modes_is_over(modes);

    for (size_t pairs = 0; status == NP_OK && !enough && pairs < modes->effort.pairs_max;) {
        status = run_pair(modes, result, disturbance, &turns[pairs % 2 * 2], &is_disturbed, error);
        pairs++;
        tell(modes, result->scenario.name);
        enough = !is_disturbed || is_enough(modes, result, pairs, modes_now() - begun, until);
    }
    return status;
}

/*
 * What a full node has left: a quarter of what the workload wants of it. The first run gets that; what it gives back may lie in
 * the list of a CPU that the next run's memory is not made on, which then gets none.
 */
static uint64_t leave_bytes(const struct modes *modes)
{
    return modes->setting.bytes / 4;
}

static np_status report_counts(
    const struct modes *modes, struct modes_result *result, struct bench_report *report, np_error *error)
{
    static const char *const names[] = {[NP_SOFT] = "soft", [NP_STRICT] = "strict"};
    char during[96];
    np_status status = NP_OK;

    for (int mode = 0; status == NP_OK && mode < 2; mode++) {
        snprintf(during, sizeof during, "modes %s, %s", result->scenario.name, names[mode]);
        if (result->sides[mode].count > 0)
            status = counters_report(modes->share.counters, result->sides[mode].counted, during, report, error);
    }
    return status;
}

/* The machine and we, of whom those who disturb are a part here. */
static void look(const struct disturbance *disturbance, struct noise_mark *mark)
{
    noise_look(mark);
    mark->used_seconds += disturbance_used_seconds(disturbance);
}

static np_status begin_to_disturb(
    const struct modes *modes, enum disturbance_kind kind, struct disturbance *disturbance, np_error *error)
{
    return disturbance_begin(disturbance, kind, &modes->home_cpus, modes->setting.nodes[0], leave_bytes(modes), error);
}

/*
 * A node that does not get full, since others give memory back for a while as fast as it is taken, is filled anew, once. If it
 * does not get full then either, its first run finds that out and says so.
 */
static np_status disturb(
    const struct modes *modes, enum disturbance_kind kind, struct disturbance *disturbance, np_error *error)
{
    np_status status = begin_to_disturb(modes, kind, disturbance, error);

    if (status != NP_OK || kind != DISTURBANCE_FULL || disturbance_settle(disturbance, error) == NP_OK)
        return status;
    disturbance_end(disturbance, NULL);
    return begin_to_disturb(modes, kind, disturbance, error);
}

static np_status run_scenario(
    struct modes *modes, struct modes_result *result, double until, struct bench_report *report, np_error *error)
{
    struct disturbance disturbance;
    struct noise_mark before, after;
    np_error problem = {0};

    for (int mode = 0; mode < 2; mode++) {
        result->sides[mode].counted = calloc(modes->share.count, sizeof(double));
        if (result->sides[mode].counted == NULL)
            return failure(error, NP_ALLOCATION, "no memory for what %zu counters count", modes->share.count);
    }
    for (int mode = 0; mode < 2; mode++)
        snprintf(result->sides[mode].reason, sizeof result->sides[mode].reason, MODES_NO_TIME, modes->seconds);
    if (modes_is_over(modes) || modes->gap_ns[index_of(result->scenario.workload)] <= 0)
        return NP_OK;
    np_status status = disturb(modes, result->scenario.disturbance, &disturbance, &problem);
    if (status != NP_OK) {
        fail_both(result, &problem);
        return NP_OK;
    }
    look(&disturbance, &before);
    status = run_pairs(modes, result, &disturbance, until, error);
    look(&disturbance, &after);
    noise_causes(&before, &after, result->noise, sizeof result->noise);
    np_status ended = disturbance_end(&disturbance, status == NP_OK ? error : NULL);
    status = status == NP_OK ? ended : status;
    return status == NP_OK ? report_counts(modes, result, report, error) : status;
}

/* Each scenario has its part of the time that is left. */
static np_status run_all(
    struct modes *modes, struct modes_result *results, size_t count, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    modes->end = modes->start + (modes->options->workload == NULL ? 1 - MEMORY_SHARE : 1) * modes->seconds;

    for (size_t i = 0; status == NP_OK && i < workload_count && !modes_is_over(modes); i++)
        if (is_wanted(modes, workloads[i]))
            status = modes_calibrate(modes, i, report, error);
    for (size_t i = 0; status == NP_OK && i < count; i++) {
        double now = modes_now(), left = modes->end - now;
        status = run_scenario(modes, &results[i], now + left / (double)(count - i), report, error);
    }
    return status;
}

/* What is not compared here, each with the reason. */
static np_status claim_left_out(const struct modes *modes, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (int kind = 0; status == NP_OK && kind < DISTURBANCE_KINDS; kind++) {
        const char *why = obstacle(modes, (enum disturbance_kind)kind);
        char id[64], text[128];
        snprintf(id, sizeof id, "modes-%s", disturbance_name((enum disturbance_kind)kind));
        snprintf(text, sizeof text, "Hard against soft under the disturbance \"%s\"",
            disturbance_name((enum disturbance_kind)kind));
        if (why[0] != '\0')
            status = modes_claim(report, id, text, "not-applicable", error, "%s", why);
    }
    if (status == NP_OK && !modes->share.is_known)
        status = modes_claim(report, "modes-remote-share", "Remote share of hard and soft mode, by counters",
            "not-applicable", error, "nothing counts local and remote accesses here; the counters say why");
    return status;
}

static void release(struct modes *modes, struct modes_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int mode = 0; mode < 2; mode++) {
            for (int figure = 0; figure < MODES_FIGURES; figure++)
                free(results[i].sides[mode].samples[figure]);
            free(results[i].sides[mode].counted);
        }
    }
    free(results);
    np_topology_destroy(modes->topology);
    free(modes->before);
    free(modes->after);
    free(modes);
}

/* What policies cost, what is spilled under pressure, how fast balancing mends it: where each can be had. */
static np_status measure_memory(struct modes *modes, struct bench_report *report, np_error *error)
{
    modes->end = modes->start + modes->seconds;
    np_status status = modes_policies(modes, report, error);

    if (status == NP_OK && obstacle(modes, DISTURBANCE_FULL)[0] == '\0')
        status = modes_spill(modes, report, error);
    if (status == NP_OK && obstacle(modes, DISTURBANCE_BALANCING)[0] == '\0' && modes->setting.node_count > 1 &&
        !modes->options->quick)
        status = modes_balancing(modes, report, error);
    return status;
}

static np_status compare(
    struct modes *modes, struct modes_result *results, size_t count, struct bench_report *report, np_error *error)
{
    struct affinity *affinity = affinity_save();
    struct counters *counters = counters_start(error);

    if (counters == NULL) {
        affinity_restore(affinity);
        return NP_ALLOCATION;
    }
    modes_share_find(&modes->share, counters);
    modes->before = calloc(modes->share.count, sizeof *modes->before);
    modes->after = calloc(modes->share.count, sizeof *modes->after);
    np_status status = modes->before != NULL && modes->after != NULL
                           ? run_all(modes, results, count, report, error)
                           : failure(error, NP_ALLOCATION, "no memory to read %zu counters", modes->share.count);
    if (status == NP_OK)
        status = modes_report(modes, results, count, report, error);
    /* One workload alone is wanted for itself. */
    if (status == NP_OK && modes->options->workload == NULL)
        status = measure_memory(modes, report, error);
    if (status == NP_OK)
        status = claim_left_out(modes, report, error);
    if (status == NP_OK)
        status = counters_report_absent(counters, report, error);
    counters_stop(counters, "", NULL, NULL);
    affinity_restore(affinity);
    return status;
}

np_status bench_modes(const struct bench_options *options, struct bench_report *report, np_error *error)
{
    struct modes *modes = calloc(1, sizeof *modes);
    struct modes_result *results = calloc(SCENARIOS_MAX, sizeof *results);
    struct bench_options own = *options; /* With what is left of the time. */
    double start = modes_now();
    size_t count = 0;

    if (modes == NULL || results == NULL) {
        free(modes);
        free(results);
        return failure(error, NP_ALLOCATION, "no memory to plan the measurement");
    }
    np_status status = prepare(modes, &own, report, error);
    if (status == NP_OK) {
        count = plan(modes, results);
        status = compare(modes, results, count, report, error);
    }
    report->seconds += modes_now() - start;
    release(modes, results, count);
    return status;
}
