/*
 * The share of accesses that went to another node's memory, from whatever counts here.
 *
 * In an emulated machine with the access counter it is exact, of the workload's own memory, and known by pair of nodes. On
 * hardware it is what the processor's own events say of the whole process, where they were proved to count
 * (counters_control.c). Where neither counts it is unknown, which is not 0.
 */
#include "modes_internal.h"

#include "counter_names.h"
#include "published.h"

#include <math.h>
#include <string.h>

void modes_share_find(struct modes_share *share, struct counters *counters)
{
    char name[PUBLISHED_NAME];

    *share = (struct modes_share){.counters = counters, .count = counters_count(counters)};
    share->is_exact = access_node_count() > 0;
    for (unsigned i = 0; i < access_node_count() * PUBLISHED_ACCESSES; i++) {
        published_access_name(name, (enum published_access)(i % PUBLISHED_ACCESSES), i / PUBLISHED_ACCESSES);
        share->is_exact = share->is_exact && counters_find(counters, name) < share->count;
    }
    share->is_known = share->is_exact;
    bool has[2] = {false, false};
    for (size_t i = 0; i < processor_counter_count; i++)
        if (processor_counters[i].place != COUNTER_ANYWHERE &&
            counters_find(counters, processor_counters[i].name) < share->count)
            has[processor_counters[i].place == COUNTER_REMOTE] = true;
    share->is_known = share->is_known || (has[0] && has[1]);
}

/* How much an event has counted; 0 for one that does not count, which is not asked for otherwise. */
static double counted(const struct modes_share *share, const char *name, const double *before, const double *after)
{
    size_t index = counters_find(share->counters, name);

    return index < share->count ? after[index] - before[index] : 0;
}

static void read_nodes(
    const struct modes_share *share, const double *before, const double *after, struct modes_accesses *accesses)
{
    char name[PUBLISHED_NAME];

    for (unsigned node = 0; node < access_node_count(); node++) {
        double of[PUBLISHED_ACCESSES];
        for (int what = 0; what < PUBLISHED_ACCESSES; what++) {
            published_access_name(name, (enum published_access)what, node);
            of[what] = counted(share, name, before, after);
        }
        accesses->by_initiator[node] = of[PUBLISHED_DATA_LOCAL] + of[PUBLISHED_DATA_REMOTE];
        accesses->data += accesses->by_initiator[node];
        accesses->remote_data += of[PUBLISHED_DATA_REMOTE];
        accesses->queue += of[PUBLISHED_QUEUE_LOCAL] + of[PUBLISHED_QUEUE_REMOTE];
        accesses->remote_queue += of[PUBLISHED_QUEUE_REMOTE];
    }
}

static void read_processor(
    const struct modes_share *share, const double *before, const double *after, struct modes_accesses *accesses)
{
    for (size_t i = 0; i < processor_counter_count; i++) {
        if (processor_counters[i].place == COUNTER_ANYWHERE)
            continue;
        double value = counted(share, processor_counters[i].name, before, after);
        accesses->data += value;
        accesses->remote_data += processor_counters[i].place == COUNTER_REMOTE ? value : 0;
    }
}

bool modes_share_read(
    const struct modes_share *share, const double *before, const double *after, struct modes_accesses *accesses)
{
    *accesses = (struct modes_accesses){0};
    if (share->is_exact)
        read_nodes(share, before, after, accesses);
    else if (share->is_known)
        read_processor(share, before, after, accesses);
    return share->is_known;
}
