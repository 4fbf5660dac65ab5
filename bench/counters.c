/*
 * Counters: one list, four sources, all through PAPI.
 *
 * 1. the processor's own events of local and remote memory (counter_names.c);
 * 2. the kernel's events of this process;
 * 3. the kernel's numastat, vmstat and getrusage, published as software-defined events (published.c);
 * 4. in an emulated machine with --count, the access counter's loads and stores by pair of nodes, published the same way.
 *
 * Each is tried for itself first, in an event set of its own: what cannot be added or started is kept in the list with
 * the cause (counter_cause.c), and never shows as 0. What counts then joins the one event set of its component, since a
 * thread can run one set a component (PAPI 7.0). A counter that finds no room there is said not to count: nothing is
 * multiplexed.
 */
#include "counters.h"

#include "counter_cause.h"
#include "counter_names.h"
#include "counters_control.h"
#include "failure.h"
#include "nodes.h"
#include "published.h"

#include <math.h>
#include <papi.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The event set of a component of PAPI: the processor's events and the kernel's are one, software-defined ones another. */
struct group {
    int component;
    int set;
    bool running;
};
#define GROUPS_MAX   4
#define COUNTERS_MAX 2048

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

/* PAPI is set up once in a process: it cannot be told twice. */
static void set_up(void)
{
    if (PAPI_library_init(PAPI_VER_CURRENT) == PAPI_VER_CURRENT)
        published_register();
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

/* Count in threads that are started from here on, too. Components that count for the whole process know no such wish. */
static void include_threads(const struct group *group)
{
    PAPI_option_t option = {.inherit = {.eventset = group->set, .inherit = PAPI_INHERIT_ALL}};

    if (PAPI_assign_eventset_component(group->set, group->component) == PAPI_OK)
        PAPI_set_opt(PAPI_INHERIT, &option);
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
    include_threads(group);
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
        counter_cause(counter->reason, sizeof counter->reason, name, step, result);
}

static void try_published(const char *name, const char *source, const char *unit, const char *why_not, void *closure)
{
    struct counters *counters = closure;

    if (counters->count == counters->capacity)
        return;
    if (why_not[0] == '\0')
        try_counter(counters, name, source, unit);
    else
        snprintf(add(counters, name, source, unit)->reason, sizeof counters->list->reason, "%s", why_not);
}

/*
 * Events of a socket's memory controllers and links, each once for each node, through a CPU of it. Those of other
 * processors are not listed one by one: there are hundreds.
 */
static void try_sockets(struct counters *counters)
{
    static const char source[] = "memory controllers and links, whole machine";
    int index = PAPI_is_initialized() == PAPI_NOT_INITED ? -1 : PAPI_get_component_index("perf_event_uncore");
    const PAPI_component_info_t *component = index < 0 ? NULL : PAPI_get_component_info(index);
    bool is_on = component != NULL && component->disabled == 0;
    struct nodes *nodes = is_on ? malloc(sizeof *nodes) : NULL;
    size_t before = counters->count;
    char name[96];
    int code;

    bool known = nodes != NULL && nodes_discover(nodes, NULL) == NP_OK;
    for (size_t i = 0; known && i < socket_counter_count; i++) {
        bool is_here = PAPI_event_name_to_code(socket_counters[i].name, &code) == PAPI_OK;
        for (size_t node = 0; is_here && node < nodes->count && counters->count < counters->capacity / 2; node++) {
            snprintf(name, sizeof name, "%s:cpu=%d", socket_counters[i].name, nodes->node[node].cpu);
            if (nodes->node[node].cpu >= 0)
                try_counter(counters, name, source, socket_counters[i].unit);
        }
    }
    free(nodes);
    if (counters->count > before)
        return;
    struct bench_counter *none = add(counters, "memory controllers and links by node", source, "lines");
    snprintf(none->reason, sizeof none->reason, "%.200s",
        is_on               ? "this processor has none of the events that are known here"
        : component != NULL ? component->disabled_reason
                            : "PAPI was built without perf_event_uncore");
}

static void start_groups(struct counters *counters)
{
    for (int i = 0; i < counters->group_count; i++)
        counters->groups[i].running = PAPI_start(counters->groups[i].set) == PAPI_OK;
    for (size_t i = 0; i < counters->count; i++) {
        if (counters->group[i] < 0)
            continue;
        counters->list[i].counted = counters->groups[counters->group[i]].running;
        if (!counters->list[i].counted)
            snprintf(counters->list[i].reason, sizeof counters->list->reason,
                "each can be started, and not all together; nothing is multiplexed");
    }
}

static bool make(struct counters *counters)
{
    counters->capacity = COUNTERS_MAX;
    counters->list = calloc(counters->capacity, sizeof *counters->list);
    counters->group = calloc(counters->capacity, sizeof *counters->group);
    counters->position = calloc(counters->capacity, sizeof *counters->position);
    return counters->list != NULL && counters->group != NULL && counters->position != NULL;
}

struct counters *counters_start(np_error *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct counters *counters = calloc(1, sizeof *counters);

    pthread_once(&once, set_up);
    if (counters == NULL || !make(counters)) {
        failure(error, NP_ALLOCATION, "no memory for the list of counters");
        counters_stop(counters, "", NULL, NULL);
        return NULL;
    }
    for (size_t i = 0; i < processor_counter_count; i++)
        try_counter(counters, processor_counters[i].name, "processor", processor_counters[i].unit);
    for (size_t i = 0; i < process_counter_count; i++)
        try_counter(
            counters, process_counters[i].name, "kernel, this thread and those it starts", process_counters[i].unit);
    try_sockets(counters);
    published_visit(try_published, counters);
    start_groups(counters);
    counters_control(counters);
    return counters;
}

/* What the counters of one group have counted since they were started; false when they cannot be read. */
static bool read_group(const struct counters *counters, int index, double *values)
{
    const struct group *group = &counters->groups[index];
    long long *raw = calloc(counters->capacity, sizeof *raw);
    bool known = raw != NULL && group->running && PAPI_read(group->set, raw) == PAPI_OK;

    for (size_t i = 0; known && i < counters->count; i++)
        if (counters->group[i] == index)
            values[i] = (double)raw[counters->position[i]];
    free(raw);
    return known;
}

void counters_read(struct counters *counters, double *values)
{
    for (size_t i = 0; i < counters->count; i++)
        values[i] = NAN;
    for (int group = 0; group < counters->group_count; group++)
        read_group(counters, group, values);
    for (size_t i = 0; i < counters->count; i++)
        if (!counters->list[i].counted)
            values[i] = NAN;
}

size_t counters_count(const struct counters *counters)
{
    return counters->count;
}

const struct bench_counter *counters_at(const struct counters *counters, size_t index)
{
    return &counters->list[index];
}

size_t counters_find(const struct counters *counters, const char *name)
{
    size_t i = 0;

    while (i < counters->count && !(counters->list[i].counted && strcmp(counters->list[i].name, name) == 0))
        i++;
    return i;
}

void counters_disbelieve(struct counters *counters, size_t index, const char *reason)
{
    counters->list[index].counted = false;
    snprintf(counters->list[index].reason, sizeof counters->list->reason, "%s", reason);
}

np_status counters_report(const struct counters *counters, const double *values, const char *during,
    struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; status == NP_OK && i < counters->count; i++) {
        struct bench_counter counter = counters->list[i];
        if (!counter.counted || isnan(values[i]))
            continue;
        counter.value = values[i];
        snprintf(counter.during, sizeof counter.during, "%s", during);
        status = bench_report_add_counters(report, &counter, 1, error);
    }
    return status;
}

np_status counters_report_absent(const struct counters *counters, struct bench_report *report, np_error *error)
{
    np_status status = NP_OK;

    for (size_t i = 0; status == NP_OK && i < counters->count; i++)
        if (!counters->list[i].counted)
            status = bench_report_add_counters(report, &counters->list[i], 1, error);
    return status;
}

static void end(struct counters *counters)
{
    long long *values = calloc(counters->capacity, sizeof *values);

    for (int i = 0; i < counters->group_count; i++) {
        if (counters->groups[i].running && values != NULL)
            PAPI_stop(counters->groups[i].set, values);
        end_set(&counters->groups[i].set);
    }
    free(values);
    free(counters->list);
    free(counters->group);
    free(counters->position);
    free(counters);
}

/* Those that do not count are listed too, with the cause and without a value. */
static np_status report_all(struct counters *counters, const char *during, struct bench_report *report, np_error *error)
{
    double *values = calloc(counters->count, sizeof *values);
    np_status status = NP_OK;

    if (values == NULL)
        return failure(error, NP_ALLOCATION, "no memory to read %zu counters", counters->count);
    counters_read(counters, values);
    status = counters_report_absent(counters, report, error);
    if (status == NP_OK)
        status = counters_report(counters, values, during, report, error);
    free(values);
    return status;
}

np_status counters_stop(struct counters *counters, const char *during, struct bench_report *report, np_error *error)
{
    if (counters == NULL)
        return NP_OK;
    np_status status = report == NULL ? NP_OK : report_all(counters, during, report, error);
    end(counters);
    return status;
}

np_status bench_counters(struct bench_report *report, np_error *error)
{
    struct counters *counters = counters_start(error);

    return counters != NULL ? counters_stop(counters, "", report, error) : NP_ALLOCATION;
}
