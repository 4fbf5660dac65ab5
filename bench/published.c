/*
 * What the kernel and the emulated machine count, published as PAPI's software-defined events.
 *
 * Such an event is a function that PAPI calls when it reads (libsde, part of PAPI): with it, a tool that knows nothing of us
 * can read the same numbers. Here are the kernel's counts of this process (getrusage), of each node (numastat), of what it
 * moves between them (vmstat), and in an emulated machine with --count the accesses to the watched memory: by node, local and
 * remote, data and queues apart; and loads and stores of data by pair of nodes.
 */
#include "published.h"

#include "access.h"

#include <papi.h>
#include <sde_lib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#define LIBRARY   "numaproof"
#define PREFIX    "sde:::" LIBRARY "::"
#define NODES_MAX 64
#define TEXT_ROW  32

/* A row "NAME VALUE" of a file: what the function of such an event gets from PAPI. */
struct row_event {
    char path[64];
    const char *row;
};

/* Loads or stores of one pair of nodes. */
struct pair_event {
    unsigned initiator, target;
    bool stores;
};

/* Accesses of one node's CPUs. */
struct node_event {
    unsigned node;
    enum published_access what;
};

static const char *const numastat_rows[] = {"numa_hit", "numa_miss", "local_node", "other_node"};
static const char *const vmstat_rows[] = {"numa_pte_updates", "numa_hint_faults", "numa_hint_faults_local",
    "numa_pages_migrated", "pgmigrate_success", "pgmigrate_fail"};
static const char *const process_rows[] = {
    "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches"};
enum {
    NUMASTAT_ROWS = sizeof numastat_rows / sizeof numastat_rows[0],
    VMSTAT_ROWS = sizeof vmstat_rows / sizeof vmstat_rows[0],
    PROCESS_ROWS = sizeof process_rows / sizeof process_rows[0]
};

static struct row_event numastat_events[NODES_MAX][NUMASTAT_ROWS];
static struct row_event vmstat_events[VMSTAT_ROWS];
static struct pair_event pair_events[ACCESS_NODES_MAX][ACCESS_NODES_MAX][2];
static struct node_event node_events[ACCESS_NODES_MAX][PUBLISHED_ACCESSES];
static papi_handle_t library;

/* -1 where there is no such file or row. */
static long long read_row(const struct row_event *event)
{
    char name[TEXT_ROW];
    long long value;
    FILE *file = event->row == NULL ? NULL : fopen(event->path, "re");

    while (file != NULL && fscanf(file, "%31s %lld", name, &value) == 2) {
        if (strcmp(name, event->row) == 0) {
            fclose(file);
            return value;
        }
    }
    if (file != NULL)
        fclose(file);
    return -1;
}

static long long row_value(void *event)
{
    return read_row(event);
}

static long long process_value(void *row)
{
    struct rusage usage = {0};

    getrusage(RUSAGE_SELF, &usage);
    const long values[] = {usage.ru_minflt, usage.ru_majflt, usage.ru_nvcsw, usage.ru_nivcsw};
    return values[(const char *const *)row - process_rows];
}

static long long pair_value(void *closure)
{
    const struct pair_event *event = closure;

    return (long long)(event->stores ? access_stores(ACCESS_DATA, event->initiator, event->target)
                                     : access_loads(ACCESS_DATA, event->initiator, event->target));
}

static long long node_value(void *closure)
{
    const struct node_event *event = closure;
    bool is_queue = event->what == PUBLISHED_QUEUE_LOCAL || event->what == PUBLISHED_QUEUE_REMOTE;
    bool is_local = event->what == PUBLISHED_DATA_LOCAL || event->what == PUBLISHED_QUEUE_LOCAL;
    enum access_family family = is_queue ? ACCESS_QUEUES : ACCESS_DATA;
    uint64_t sum = 0;

    for (unsigned target = 0; target < access_node_count(); target++)
        if ((target == event->node) == is_local)
            sum += access_loads(family, event->node, target) + access_stores(family, event->node, target);
    return (long long)sum;
}

static void publish(const char *name, papi_sde_fptr_t function, void *event)
{
    papi_sde_register_counter_cb(library, name, PAPI_SDE_RO | PAPI_SDE_DELTA, PAPI_SDE_long_long, function, event);
}

static void publish_row(struct row_event *event, const char *path, const char *row, const char *name)
{
    snprintf(event->path, sizeof event->path, "%s", path);
    event->row = row;
    if (read_row(event) >= 0)
        publish(name, row_value, event);
    else
        event->row = NULL;
}

static void publish_kernel(void)
{
    char path[64], name[PUBLISHED_NAME];

    for (unsigned node = 0; node < NODES_MAX; node++) {
        for (size_t row = 0; row < NUMASTAT_ROWS; row++) {
            snprintf(path, sizeof path, "/sys/devices/system/node/node%u/numastat", node);
            snprintf(name, sizeof name, "node%u_%s", node, numastat_rows[row]);
            publish_row(&numastat_events[node][row], path, numastat_rows[row], name);
        }
    }
    for (size_t row = 0; row < VMSTAT_ROWS; row++)
        publish_row(&vmstat_events[row], "/proc/vmstat", vmstat_rows[row], vmstat_rows[row]);
    for (size_t row = 0; row < PROCESS_ROWS; row++)
        publish(process_rows[row], process_value, (void *)(uintptr_t)&process_rows[row]);
}

void published_access_name(char name[PUBLISHED_NAME], enum published_access what, unsigned node)
{
    static const char *const words[] = {"data_local", "data_remote", "queue_local", "queue_remote"};

    snprintf(name, PUBLISHED_NAME, PREFIX "%s_node%u", words[what], node);
}

static void pair_name(char name[PUBLISHED_NAME], bool stores, unsigned initiator, unsigned target)
{
    snprintf(name, PUBLISHED_NAME, PREFIX "%s_node%u_to_node%u", stores ? "stores" : "loads", initiator, target);
}

static void publish_accesses(void)
{
    char name[PUBLISHED_NAME];

    for (unsigned node = 0; node < access_node_count(); node++) {
        for (int what = 0; what < PUBLISHED_ACCESSES; what++) {
            node_events[node][what] = (struct node_event){.node = node, .what = (enum published_access)what};
            published_access_name(name, (enum published_access)what, node);
            publish(name + strlen(PREFIX), node_value, &node_events[node][what]);
        }
        for (unsigned target = 0; target < access_node_count(); target++) {
            for (int stores = 0; stores < 2; stores++) {
                struct pair_event *event = &pair_events[node][target][stores];
                *event = (struct pair_event){.initiator = node, .target = target, .stores = stores != 0};
                pair_name(name, event->stores, node, target);
                publish(name + strlen(PREFIX), pair_value, event);
            }
        }
    }
}

void published_register(void)
{
    char why[256];

    library = papi_sde_init(LIBRARY);
    publish_kernel();
    if (access_find(why, sizeof why))
        publish_accesses();
}

static void visit_kernel(published_visitor *visit, void *closure)
{
    static const char nodes[] = "kernel, whole machine (numastat)", moves[] = "kernel, whole machine (vmstat)";
    char name[PUBLISHED_NAME];
    size_t found = 0;

    for (size_t row = 0; row < PROCESS_ROWS; row++) {
        snprintf(name, sizeof name, PREFIX "%s", process_rows[row]);
        visit(name, "kernel, this process (getrusage)", row < 2 ? "faults" : "switches", "", closure);
    }
    for (unsigned node = 0; node < NODES_MAX; node++) {
        for (size_t row = 0; row < NUMASTAT_ROWS; row++) {
            if (numastat_events[node][row].row == NULL)
                continue;
            found++;
            snprintf(name, sizeof name, PREFIX "node%u_%s", node, numastat_rows[row]);
            visit(name, nodes, "pages", "", closure);
        }
    }
    if (found == 0)
        visit("numastat", nodes, "pages", "the kernel has no /sys/devices/system/node/node*/numastat", closure);
    for (size_t row = 0; row < VMSTAT_ROWS; row++) {
        snprintf(name, sizeof name, PREFIX "%s", vmstat_rows[row]);
        visit(name, moves, "pages", vmstat_events[row].row != NULL ? "" : "this kernel's /proc/vmstat has no such row",
            closure);
    }
}

static void visit_accesses(published_visitor *visit, void *closure)
{
    static const char source[] = "access counter of the emulated machine";
    unsigned count = access_node_count();
    char name[PUBLISHED_NAME], why[256];

    if (!access_find(why, sizeof why)) {
        visit("accesses by pair of nodes", source, "accesses", why, closure);
        return;
    }
    for (unsigned i = 0; i < count * PUBLISHED_ACCESSES; i++) {
        published_access_name(name, (enum published_access)(i % PUBLISHED_ACCESSES), i / PUBLISHED_ACCESSES);
        visit(name, source, "accesses", "", closure);
    }
    for (unsigned i = 0; i < 2 * count * count; i++) {
        bool stores = i >= count * count;
        pair_name(name, stores, i / count % count, i % count);
        visit(name, source, stores ? "stores" : "loads", "", closure);
    }
}

/*
 * The most wanted first: PAPI 7.0 runs at most 40 software-defined events at a time, which four nodes with the access counter
 * exceed. Those that find no room are said not to count.
 */
void published_visit(published_visitor *visit, void *closure)
{
    visit_accesses(visit, closure);
    visit_kernel(visit, closure);
}
