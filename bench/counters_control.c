/*
 * The positive control: before a 0 of remote accesses is believed, deliberate remote traffic must show.
 *
 * PAPI lists events that cannot be counted, and in a virtual machine one may count and stay 0 for ever; a benchmark that took it
 * at its word would certify perfect locality. So a chain through memory far larger than the caches is followed once on the
 * thread's own node and once on another, and an event of local or remote memory must have seen at least half of the loads
 * that were its own, and less of the others than of them. Where there is no second node, remote traffic cannot be made, and
 * the remote event is not believed.
 *
 * Nothing is done where no such event counts at all, as in most virtual machines. The access counter of emulated machines has
 * a proof of its own (qemu/plugin). Untested on hardware, but for control_believes().
 */
#include "counters_control.h"

#include "chase.h"
#include "nodes.h"
#include "placement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB            ((size_t)1 << 20)
#define CACHES_LARGE   4
#define SMALLEST       (64 * MIB)
#define CONTROL_LOADS  200000
#define SHARE_EXPECTED 0.5

bool control_believes(enum counter_place place, double loads, double local, double remote, char *why, size_t size)
{
    double own = place == COUNTER_LOCAL ? local : remote, others = place == COUNTER_LOCAL ? remote : local;
    const char *word = place == COUNTER_LOCAL ? "local" : "remote";

    why[0] = '\0';
    if (place == COUNTER_ANYWHERE)
        return true;
    if (isnan(own))
        snprintf(why, size, "counts, and is not believed: no deliberate %s traffic can be made on this machine", word);
    else if (own < SHARE_EXPECTED * loads)
        snprintf(why, size, "counts, and is not believed: of %.0f deliberate %s loads it saw %.0f", loads, word, own);
    else if (!isnan(others) && others >= own)
        snprintf(why, size, "counts, and is not believed: it saw %.0f of %.0f %s loads, and %.0f of as many others",
            own, loads, word, others);
    return why[0] == '\0';
}

static size_t index_of(const struct counters *counters, const struct counter_name *name)
{
    return name->place == COUNTER_ANYWHERE ? counters_count(counters) : counters_find(counters, name->name);
}

/* What each counter saw while @cpu read memory of @node: false when that could not be done. */
static bool read_memory(struct counters *counters, const struct nodes *nodes, unsigned node, double *seen)
{
    struct buffer buffer = {.start = NULL};
    struct random random = {.state = 1};
    size_t bytes = CACHES_LARGE * (size_t)nodes->largest_cache_bytes;
    double *before = calloc(counters_count(counters), sizeof *before);

    bytes = (bytes < SMALLEST ? SMALLEST : bytes) & ~(2 * MIB - 1);
    bool done = before != NULL && buffer_make(&buffer, bytes, node, NULL) == NP_OK;
    if (done && (done = chase_make(buffer.start, bytes, &random))) {
        counters_read(counters, before);
        chase_run(buffer.start, CONTROL_LOADS);
        counters_read(counters, seen);
        for (size_t i = 0; i < counters_count(counters); i++)
            seen[i] -= before[i];
    }
    buffer_free(&buffer);
    free(before);
    return done;
}

/* What the control found, kept for the process: the traffic is made once. */
static char found[64][256];

static void make_traffic(struct counters *counters, const struct nodes *nodes)
{
    size_t count = counters_count(counters), home = 0;
    double *local = malloc(count * sizeof *local), *remote = malloc(count * sizeof *remote);
    struct affinity *affinity = affinity_save();

    while (home < nodes->count && (nodes->node[home].cpu < 0 || !nodes->node[home].has_memory))
        home++;
    for (size_t i = 0; local != NULL && remote != NULL && i < count; i++)
        local[i] = remote[i] = NAN;
    bool ready = local != NULL && remote != NULL && home < nodes->count && thread_move((unsigned)nodes->node[home].cpu);
    if (ready)
        read_memory(counters, nodes, nodes->node[home].id, local);
    for (size_t i = 0; ready && i < nodes->count; i++)
        if (i != home && nodes->node[i].has_memory && read_memory(counters, nodes, nodes->node[i].id, remote))
            break;
    for (size_t i = 0; i < processor_counter_count && i < sizeof found / sizeof found[0]; i++) {
        size_t index = index_of(counters, &processor_counters[i]);
        if (index < count && !ready)
            snprintf(found[i], sizeof found[i], "counts, and is not believed: no deliberate traffic could be made");
        else if (index < count)
            control_believes(
                processor_counters[i].place, CONTROL_LOADS, local[index], remote[index], found[i], sizeof found[i]);
    }
    affinity_restore(affinity);
    free(local);
    free(remote);
}

void counters_control(struct counters *counters)
{
    static bool is_done;
    bool any = false;

    for (size_t i = 0; i < processor_counter_count; i++)
        any = any || index_of(counters, &processor_counters[i]) < counters_count(counters);
    struct nodes *nodes = any && !is_done ? malloc(sizeof *nodes) : NULL;
    if (nodes != NULL && nodes_discover(nodes, NULL) == NP_OK) {
        make_traffic(counters, nodes);
        is_done = true;
    }
    free(nodes);
    for (size_t i = 0; any && i < processor_counter_count && i < sizeof found / sizeof found[0]; i++) {
        size_t index = index_of(counters, &processor_counters[i]);
        if (index < counters_count(counters) && (!is_done || found[i][0] != '\0'))
            counters_disbelieve(counters, index, is_done ? found[i] : "counts, and could not be put to the proof");
    }
}
