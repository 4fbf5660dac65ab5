/*
 * Counters: one list, four sources, all through PAPI.
 *
 * 1. the processor's own events of local and remote memory (counter_names.c);
 * 2. the kernel's events of this process;
 * 3. the kernel's numastat of each node, published here as software-defined events;
 * 4. in an emulated machine with --count, the access counter's loads and stores by pair of nodes, published the same way.
 *
 * Each is tried for itself first, in an event set of its own: what cannot be added or started is kept in the list with
 * PAPI's words for the cause, and never shows as 0. What counts then joins the one event set of its component, since a
 * thread can run one set a component (PAPI 7.0). A counter that finds no room there is said not to count: nothing is
 * multiplexed.
 *
 * A software-defined event is a function that PAPI calls when it reads (libsde, part of PAPI): with it, a tool that knows
 * nothing of us can read the same numbers.
 */
#include "counters.h"

#include "access.h"
#include "counter_names.h"
#include "failure.h"

#include <papi.h>
#include <pthread.h>
#include <sde_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY "numaproof"

/* Counter sets: of the kernel's nodes and of the access counter's pairs. */
#define NODES_MAX 64
static const char *const numastat_rows[] = {"numa_hit", "numa_miss", "local_node", "other_node"};
enum { NUMASTAT_ROWS = sizeof numastat_rows / sizeof numastat_rows[0] };

/* What a software-defined event reads: given to its function by PAPI. */
struct numastat_event {
    unsigned node;
    const char *row;
};
struct access_event {
    unsigned initiator, target;
    bool stores;
};

static struct numastat_event numastat_events[NODES_MAX][NUMASTAT_ROWS];
static struct access_event access_events[ACCESS_NODES_MAX][ACCESS_NODES_MAX][2];
static papi_handle_t library;

/* The event set of a component of PAPI: the processor's events and the kernel's are one, software-defined ones another. */
struct group {
    int component;
    int set;
    bool running;
};
#define GROUPS_MAX 4

/*
 * PAPI 7.0 never frees five names for each event that it looked up in vain, not even in PAPI_shutdown(): 64 bytes or so of
 * its own, which the leak check would blame us for.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpapi.so";
}
const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif
#endif

struct counters {
    struct bench_counter *list;
    int *group;    /* Of each counter: its group, -1 where it does not count. */
    int *position; /* And its place in the group's event set. */
    size_t count, capacity;
    struct group groups[GROUPS_MAX];
    int group_count;
};

/* A row of a node's numastat: -1 where there is none. */
static long long read_numastat(const struct numastat_event *event)
{
    char path[64], name[32];
    long long value;
    FILE *file;

    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/numastat", event->node);
    file = fopen(path, "re");
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

static long long numastat_value(void *event)
{
    return read_numastat(event);
}

static long long access_value(void *closure)
{
    const struct access_event *event = closure;

    return (long long)(event->stores ? access_stores(ACCESS_DATA, event->initiator, event->target)
                                     : access_loads(ACCESS_DATA, event->initiator, event->target));
}

static void publish(const char *name, papi_sde_fptr_t function, void *event)
{
    papi_sde_register_counter_cb(library, name, PAPI_SDE_RO | PAPI_SDE_DELTA, PAPI_SDE_long_long, function, event);
}

static void publish_numastat(void)
{
    char name[96];

    for (unsigned node = 0; node < NODES_MAX; node++) {
        for (size_t row = 0; row < NUMASTAT_ROWS; row++) {
            struct numastat_event *event = &numastat_events[node][row];
            *event = (struct numastat_event){.node = node, .row = numastat_rows[row]};
            snprintf(name, sizeof name, "node%u_%s", node, numastat_rows[row]);
            if (read_numastat(event) >= 0)
                publish(name, numastat_value, event);
        }
    }
}

static void publish_accesses(void)
{
    char name[96];

    for (unsigned initiator = 0; initiator < access_node_count(); initiator++) {
        for (unsigned target = 0; target < access_node_count(); target++) {
            for (int stores = 0; stores < 2; stores++) {
                struct access_event *event = &access_events[initiator][target][stores];
                *event = (struct access_event){.initiator = initiator, .target = target, .stores = stores != 0};
                snprintf(name, sizeof name, "%s_node%u_to_node%u", stores ? "stores" : "loads", initiator, target);
                publish(name, access_value, event);
            }
        }
    }
}

/* PAPI is set up once in a process: it cannot be told twice. */
static void set_up(void)
{
    char why[256];

    if (PAPI_library_init(PAPI_VER_CURRENT) != PAPI_VER_CURRENT)
        return;
    library = papi_sde_init(LIBRARY);
    publish_numastat();
    if (access_find(why, sizeof why))
        publish_accesses();
}

static struct bench_counter *add(struct counters *counters, const char *name, const char *source, const char *unit)
{
    struct bench_counter *counter = &counters->list[counters->count];

    counters->group[counters->count++] = -1;
    *counter = (struct bench_counter){.counted = false};
    snprintf(counter->name, sizeof counter->name, "%s", name);
    snprintf(counter->source, sizeof counter->source, "%s", source);
    snprintf(counter->unit, sizeof counter->unit, "%s", unit);
    return counter;
}

static void end_set(int *set)
{
    if (*set == PAPI_NULL)
        return;
    PAPI_cleanup_eventset(*set);
    PAPI_destroy_eventset(set);
}

/* Add, start and stop it alone: PAPI_OK, or why not, with the step that failed. */
static int try_alone(const char *name, const char **step)
{
    int set = PAPI_NULL;
    long long value;

    *step = "PAPI";
    int result = PAPI_is_initialized() == PAPI_NOT_INITED ? PAPI_ENOINIT : PAPI_create_eventset(&set);
    if (result == PAPI_OK) {
        *step = "adding it";
        result = PAPI_add_named_event(set, name);
    }
    if (result == PAPI_OK) {
        *step = "starting it";
        result = PAPI_start(set);
    }
    if (result == PAPI_OK)
        PAPI_stop(set, &value);
    end_set(&set);
    return result;
}

/* The group of @name's component, made where there is none yet; -1 when there cannot be one. */
static int find_group(struct counters *counters, const char *name)
{
    int code, component;

    if (PAPI_event_name_to_code(name, &code) != PAPI_OK || (component = PAPI_get_event_component(code)) < 0)
        return -1;
    for (int i = 0; i < counters->group_count; i++)
        if (counters->groups[i].component == component)
            return i;
    struct group *group = &counters->groups[counters->group_count];
    *group = (struct group){.component = component, .set = PAPI_NULL};
    if (counters->group_count == GROUPS_MAX || PAPI_create_eventset(&group->set) != PAPI_OK)
        return -1;
    return counters->group_count++;
}

/* Put a counter on the list, and into its component's event set if it counts. */
static void try_counter(struct counters *counters, const char *name, const char *source, const char *unit)
{
    struct bench_counter *counter = add(counters, name, source, unit);
    size_t index = counters->count - 1;
    const char *step;
    int result = try_alone(name, &step);

    if (result == PAPI_OK) {
        int group = find_group(counters, name);
        step = "counting it beside the others";
        result = group < 0 ? PAPI_ECMP : PAPI_add_named_event(counters->groups[group].set, name);
        counters->group[index] = result == PAPI_OK ? group : -1;
        if (result == PAPI_OK)
            counters->position[index] = PAPI_num_events(counters->groups[group].set) - 1;
    }
    if (result != PAPI_OK)
        snprintf(counter->reason, sizeof counter->reason, "%s: %s", step, PAPI_strerror(result));
}

static void try_numastat(struct counters *counters)
{
    char name[96];
    size_t before = counters->count;

    for (unsigned node = 0; node < NODES_MAX; node++) {
        for (size_t row = 0; row < NUMASTAT_ROWS; row++) {
            if (numastat_events[node][row].row == NULL || read_numastat(&numastat_events[node][row]) < 0)
                continue;
            snprintf(name, sizeof name, "sde:::" LIBRARY "::node%u_%s", node, numastat_rows[row]);
            try_counter(counters, name, "kernel, whole machine (numastat)", "pages");
        }
    }
    if (counters->count == before)
        snprintf(add(counters, "numastat", "kernel, whole machine (numastat)", "pages")->reason, 256,
            "the kernel has no /sys/devices/system/node/node*/numastat");
}

static void try_accesses(struct counters *counters)
{
    static const char source[] = "access counter of the emulated machine";
    char name[96], why[256];

    if (!access_find(why, sizeof why)) {
        snprintf(add(counters, "accesses by pair of nodes", source, "accesses")->reason, 256, "%.250s", why);
        return;
    }
    for (unsigned initiator = 0; initiator < access_node_count(); initiator++) {
        for (unsigned target = 0; target < access_node_count(); target++) {
            snprintf(name, sizeof name, "sde:::" LIBRARY "::loads_node%u_to_node%u", initiator, target);
            try_counter(counters, name, source, "loads");
            snprintf(name, sizeof name, "sde:::" LIBRARY "::stores_node%u_to_node%u", initiator, target);
            try_counter(counters, name, source, "stores");
        }
    }
}

static void start_groups(struct counters *counters)
{
    for (int i = 0; i < counters->group_count; i++)
        counters->groups[i].running = PAPI_start(counters->groups[i].set) == PAPI_OK;
}

struct counters *counters_start(np_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct counters *counters = calloc(1, sizeof *counters);

    pthread_once(&once, set_up);
    if (counters != NULL) {
        counters->capacity = processor_counter_count + process_counter_count + (size_t)NODES_MAX * NUMASTAT_ROWS +
                             (size_t)2 * ACCESS_NODES_MAX * ACCESS_NODES_MAX + 2;
        counters->list = calloc(counters->capacity, sizeof *counters->list);
        counters->group = calloc(counters->capacity, sizeof *counters->group);
        counters->position = calloc(counters->capacity, sizeof *counters->position);
    }
    if (counters == NULL || counters->list == NULL || counters->group == NULL || counters->position == NULL) {
        failure(error, NP_ALLOCATION, "no memory for the list of counters");
        counters_stop(counters, "", NULL, NULL);
        return NULL;
    }
    for (size_t i = 0; i < processor_counter_count; i++)
        try_counter(counters, processor_counters[i].name, "processor", processor_counters[i].unit);
    for (size_t i = 0; i < process_counter_count; i++)
        try_counter(counters, process_counters[i].name, "kernel, this thread", process_counters[i].unit);
    try_numastat(counters);
    try_accesses(counters);
    start_groups(counters);
    return counters;
}

/* The counters of one group, from what its event set holds at the end. */
static void read_group(struct counters *counters, int index)
{
    struct group *group = &counters->groups[index];
    long long *values = calloc(counters->capacity, sizeof *values);
    bool known = values != NULL && group->running && PAPI_stop(group->set, values) == PAPI_OK;

    for (size_t i = 0; i < counters->count; i++) {
        struct bench_counter *counter = &counters->list[i];
        if (counters->group[i] != index)
            continue;
        counter->counted = known;
        if (known)
            counter->value = (double)values[counters->position[i]];
        else
            snprintf(counter->reason, sizeof counter->reason, "starting or reading it together with the others failed");
    }
    free(values);
    end_set(&group->set);
}

np_status counters_stop(struct counters *counters, const char *during, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    if (counters == NULL)
        return NP_OK;
    for (int i = 0; i < counters->group_count; i++)
        read_group(counters, i);
    for (size_t i = 0; i < counters->count; i++)
        if (counters->list[i].counted)
            snprintf(counters->list[i].during, sizeof counters->list[i].during, "%s", during);
    if (report != NULL)
        status = bench_report_add_counters(report, counters->list, counters->count, error);
    free(counters->list);
    free(counters->group);
    free(counters->position);
    free(counters);
    return status;
}

np_status bench_counters(struct bench_report *report, np_error *error)
{
    struct counters *counters = counters_start(error);

    return counters != NULL ? counters_stop(counters, "", report, error) : NP_ALLOCATION;
}
