/*
 * What counts mean: ratios, judgements, recommendations, of snapshots made by hand; and the counts through PAPI (STAT-1
 * to 4).
 */
#include "executor_case.h"

#include <dlfcn.h>
#include <math.h>
#include <papi.h>

enum { LIST = 8 };

CASE(statistics_ratio, "the locality ratio is local / (local + remote), and 1 when nothing ran", CLAUSES("STAT-1"),
    NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    const np_node_statistics nodes[] = {
        {.node = 0, .submitted = 8, .local = 5, .remote = 3},
        {.node = 1, .submitted = 1, .local = 1, .stolen_by = 3},
    };
    np_node_statistics total;
    atomic_ulong count = 0;

    EXPECT(counts_of(executor, first_run_node(), error).locality_ratio == 1.0);
    EXPECT(counts_of_all(executor, error).locality_ratio == 1.0);
    submitted_times(executor, first_run_node(), count_task, &count, 10, error);
    finished(executor, error);
    np_node_statistics counts = counts_of(executor, first_run_node(), error);
    EXPECT_INT(counts.local, ==, 10);
    EXPECT(counts.locality_ratio == 1.0);
    EXPECT_INT(counts.queue_depth, ==, 0);
    EXPECT_OK(api->statistics_total(nodes, 2, &total, error));
    EXPECT(total.locality_ratio == 6.0 / 9.0);
    EXPECT_INT(total.submitted, ==, 9);
    EXPECT_INT(total.stolen_by, ==, 3);
    EXPECT_INT(total.node, ==, NP_ALL_NODES);
    executor_ended(executor, error);
}

CASE(statistics_queue_depth, "tasks that wait are the queue's depth", CLAUSES("STAT-1"), NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    struct gate gate;
    atomic_ulong count = 0;

    gate_made(&gate);
    submitted(executor, first_run_node(), gate_task, &gate, error);
    gate_await(&gate, 1);
    submitted_times(executor, first_run_node(), count_task, &count, 17, error);
    np_node_statistics counts = counts_of(executor, first_run_node(), error);
    /* The gate's task has begun, and may be counted a moment later. The case's time limit judges. */
    while (counts.local == 0) {
        sched_yield();
        counts = counts_of(executor, first_run_node(), error);
    }
    EXPECT_INT(counts.queue_depth, ==, 17);
    EXPECT_INT(counts.submitted, ==, 18);
    EXPECT_INT(counts.local, ==, 1);
    gate_opened(&gate, 1);
    executor_ended(executor, error);
}

CASE(statistics_judgements,
    "locality is excellent from 0.90, good from 0.70, fair from 0.50, poor below; two are enough", CLAUSES("STAT-2"),
    NEEDS_NOTHING)
{
    static const struct {
        double ratio;
        np_locality locality;
        bool acceptable;
    } rows[] = {
        {1.0, NP_LOCALITY_EXCELLENT, true},
        {0.90, NP_LOCALITY_EXCELLENT, true},
        {0.8999999, NP_LOCALITY_GOOD, true},
        {0.70, NP_LOCALITY_GOOD, true},
        {0.6999999, NP_LOCALITY_FAIR, false},
        {0.50, NP_LOCALITY_FAIR, false},
        {0.4999999, NP_LOCALITY_POOR, false},
        {0.0, NP_LOCALITY_POOR, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        EXPECT_WITH("ratio %f", rows[i].ratio);
        EXPECT_INT(api->locality_of_ratio(rows[i].ratio), ==, rows[i].locality);
        EXPECT_INT(api->locality_is_acceptable(rows[i].locality), ==, rows[i].acceptable);
    }
    EXPECT_INT(api->locality_of_ratio(NAN), ==, NP_LOCALITY_POOR);
    EXPECT_STRING(api->locality_name(NP_LOCALITY_EXCELLENT), "excellent");
    EXPECT_STRING(api->locality_name(NP_LOCALITY_POOR), "poor");
}

/* The recommendations of a snapshot of two nodes: exactly one, of this kind and for this node, that names the numbers. */
static void expect_one(const np_node_statistics nodes[2], np_recommendation_kind kind, uint32_t node, unsigned number,
    unsigned other, np_error *error)
{
    np_recommendation list[LIST];
    size_t total = 99;

    EXPECT_OK(api->statistics_recommend(nodes, 2, list, LIST, &total, error));
    EXPECT_INT(total, ==, 1);
    EXPECT_INT(list[0].kind, ==, kind);
    EXPECT_INT(list[0].node, ==, node);
    EXPECT_NAMES_NUMBER(list[0].text, number);
    EXPECT_NAMES_NUMBER(list[0].text, other);
}

CASE(statistics_recommendations, "recommendations follow from the numbers, name them, and are absent without a cause",
    CLAUSES("STAT-3"), NEEDS_NOTHING)
{
    const np_node_statistics well[2] = {
        {.node = 0, .workers = 2, .submitted = 97, .local = 91, .remote = 6, .stolen_from = 6, .queue_depth = 3},
        {.node = 3, .workers = 2, .submitted = 100, .local = 100, .stolen_by = 6}};
    const np_node_statistics nothing[2] = {{.node = 0, .workers = 2, .submitted = 37}, {.node = 3, .workers = 2}};
    const np_node_statistics remote[2] = {{.node = 0, .workers = 1, .local = 47, .remote = 38, .stolen_from = 38},
        {.node = 3, .workers = 1, .local = 15, .stolen_by = 38}};
    const np_node_statistics uneven[2] = {
        {.node = 0, .workers = 4, .local = 500}, {.node = 3, .workers = 2, .local = 500, .queue_depth = 777}};
    const np_node_statistics stolen[2] = {{.node = 0, .workers = 1, .local = 1000, .stolen_by = 59},
        {.node = 3, .workers = 1, .local = 58, .remote = 59, .stolen_from = 59}};
    np_recommendation list[LIST];
    size_t total = 99;

    EXPECT_OK(api->statistics_recommend(well, 2, list, LIST, &total, error));
    EXPECT_INT(total, ==, 0);
    expect_one(nothing, NP_RECOMMEND_MEASURE, NP_ALL_NODES, 0, 37, error);
    expect_one(remote, NP_RECOMMEND_LOCALITY, NP_ALL_NODES, 38, 100, error);
    expect_one(uneven, NP_RECOMMEND_BALANCE, 3, 777, 3, error);
    expect_one(stolen, NP_RECOMMEND_STOLEN_FROM, 3, 59, 58, error);
}

CASE(statistics_wrong_arguments, "wrong arguments are said to be wrong", CLAUSES("LAW-6"), NEEDS_NOTHING)
{
    np_node_statistics nodes[1] = {{0}}, total;
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    size_t count = 0;

    EXPECT_INVALID(api->statistics_snapshot(NULL, nodes, 1, &count, error));
    EXPECT_INVALID(api->statistics_snapshot(executor, nodes, 1, NULL, error));
    EXPECT_INVALID(api->statistics_snapshot(executor, NULL, 1, &count, error));
    EXPECT_OK(api->statistics_snapshot(executor, NULL, 0, &count, error));
    EXPECT_INT(count, >=, 1);
    EXPECT_INVALID(api->statistics_total(NULL, 1, &total, error));
    EXPECT_INVALID(api->statistics_recommend(nodes, 1, NULL, 0, NULL, error));
    EXPECT_INVALID(api->statistics_recommend(NULL, 1, NULL, 0, &count, error));
    executor_ended(executor, error);
}

CASE(statistics_report_for_people,
    "the report has a line a node, the judgement and the recommendations, cut as snprintf", CLAUSES("STAT-3", "STAT-2"),
    NEEDS_NOTHING)
{
    const np_node_statistics nodes[] = {{.node = 0, .workers = 2, .submitted = 300, .local = 100, .remote = 200}};
    char text[4096], cut[32];

    size_t length = api->statistics_report(nodes, 1, text, sizeof text);
    EXPECT_INT(length, ==, strlen(text));
    EXPECT_CONTAINS(text, "poor");
    EXPECT_NAMES_NUMBER(text, 300);
    EXPECT_NAMES_NUMBER(text, 200);
    EXPECT_INT(api->statistics_report(nodes, 1, cut, sizeof cut), ==, length);
    EXPECT_INT(strlen(cut), ==, sizeof cut - 1);
    EXPECT_INT(api->statistics_report(nodes, 1, NULL, 0), ==, length);
}

/* PAPI, found where the process can load it: it looks for what the implementation registered in this same process. */
static struct {
    __typeof__(PAPI_library_init) *library_init;
    __typeof__(PAPI_create_eventset) *create_eventset;
    __typeof__(PAPI_add_named_event) *add_named_event;
    __typeof__(PAPI_start) *start;
    __typeof__(PAPI_stop) *stop;
} papi;

/*
 * PAPI looks for libsde among the symbols that the whole process sees, where a program that is linked with an
 * implementation has it. The runner opens implementations for itself alone, and so has to show it.
 */
static void show_libsde(void)
{
    static const char *const names[] = {"libsde.so.1", "libsde.so.1.0", "libsde.so"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (dlopen(names[i], RTLD_NOW | RTLD_GLOBAL) != NULL)
            return;
}

static void load_papi(void)
{
    static const char *const names[] = {"libpapi.so.7.1", "libpapi.so.7.0", "libpapi.so.7", "libpapi.so"};
    void *library = NULL;

    show_libsde();
    for (size_t i = 0; i < sizeof names / sizeof names[0] && library == NULL; i++)
        library = dlopen(names[i], RTLD_NOW);
    if (library == NULL)
        case_skipped("needs PAPI's library: %s", dlerror());
    const struct {
        const char *name;
        void *place;
    } functions[] = {{"PAPI_library_init", &papi.library_init}, {"PAPI_create_eventset", &papi.create_eventset},
        {"PAPI_add_named_event", &papi.add_named_event}, {"PAPI_start", &papi.start}, {"PAPI_stop", &papi.stop}};
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        void *function = dlsym(library, functions[i].name);
        if (function == NULL)
            case_skipped("needs PAPI's %s", functions[i].name);
        memcpy(functions[i].place, &function, sizeof function);
    }
    if (papi.library_init(PAPI_VER_CURRENT) != PAPI_VER_CURRENT)
        case_skipped("needs PAPI as it was built against");
}

CASE(statistics_through_papi, "the counts can be read as PAPI's software-defined events", CLAUSES("STAT-4"),
    NEEDS_NOTHING)
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    np_executor *executor = executor_made(&options, error);
    np_publication *publication = NULL;
    atomic_ulong count = 0;
    char name[64];
    int set = PAPI_NULL;
    long long values[3] = {-1, -1, -1};

    load_papi();
    expect_prepare(error);
    np_status status = api->statistics_publish(executor, "numaproof-suite", &publication, error);
    if (status == NP_NOT_AVAILABLE)
        case_skipped("needs an implementation built with libsde: %s", error->reason);
    EXPECT_INT(status, ==, NP_OK);
    EXPECT_INT(papi.create_eventset(&set), ==, PAPI_OK);
    snprintf(name, sizeof name, "sde:::numaproof-suite::node%u.local", first_run_node());
    EXPECT_INT(papi.add_named_event(set, name), ==, PAPI_OK);
    EXPECT_INT(papi.add_named_event(set, "sde:::numaproof-suite::submitted"), ==, PAPI_OK);
    EXPECT_INT(papi.add_named_event(set, "sde:::numaproof-suite::remote"), ==, PAPI_OK);
    EXPECT_INT(papi.start(set), ==, PAPI_OK);
    submitted_times(executor, first_run_node(), count_task, &count, 23, error);
    finished(executor, error);
    EXPECT_INT(papi.stop(set, values), ==, PAPI_OK);
    EXPECT_INT(values[0], ==, 23);
    EXPECT_INT(values[1], ==, 23);
    EXPECT_INT(values[2], ==, 0);
    api->statistics_unpublish(publication);
    api->statistics_unpublish(NULL);
    executor_ended(executor, error);
}

CASE_LIST(statistics_cases, &statistics_ratio, &statistics_queue_depth, &statistics_judgements,
    &statistics_recommendations, &statistics_wrong_arguments, &statistics_report_for_people, &statistics_through_papi);
