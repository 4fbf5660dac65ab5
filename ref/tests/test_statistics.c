/*
 * What counts mean: totals, ratios, judgements and recommendations, of snapshots written by hand; and the counts of an
 * executor, read directly and through PAPI.
 */
#include "executor_lab.h"
#include "unit.h"
#include <math.h>
#include <numaproof/statistics.h>
#include <papi.h>
#include <stdlib.h>
#include <string.h>

#define LIST 8

/* Recommendations of a snapshot, and how many. */
static np_recommendation list[LIST];

static size_t recommend(const np_node_statistics *nodes, size_t count)
{
    size_t total = 99;
    memset(list, 0, sizeof list);
    EXPECT_NUMBER(np_statistics_recommend(nodes, count, list, LIST, &total, NULL), NP_OK);
    return total;
}

static void judgements(void)
{
    EXPECT_NUMBER(np_locality_of_ratio(1), NP_LOCALITY_EXCELLENT);
    EXPECT_NUMBER(np_locality_of_ratio(0.90), NP_LOCALITY_EXCELLENT);
    EXPECT_NUMBER(np_locality_of_ratio(0.8999), NP_LOCALITY_GOOD);
    EXPECT_NUMBER(np_locality_of_ratio(0.70), NP_LOCALITY_GOOD);
    EXPECT_NUMBER(np_locality_of_ratio(0.6999), NP_LOCALITY_FAIR);
    EXPECT_NUMBER(np_locality_of_ratio(0.50), NP_LOCALITY_FAIR);
    EXPECT_NUMBER(np_locality_of_ratio(0.4999), NP_LOCALITY_POOR);
    EXPECT_NUMBER(np_locality_of_ratio(0), NP_LOCALITY_POOR);
    EXPECT_NUMBER(np_locality_of_ratio(NAN), NP_LOCALITY_POOR);
    EXPECT(np_locality_is_acceptable(NP_LOCALITY_EXCELLENT) && np_locality_is_acceptable(NP_LOCALITY_GOOD));
    EXPECT(!np_locality_is_acceptable(NP_LOCALITY_FAIR) && !np_locality_is_acceptable(NP_LOCALITY_POOR));
    EXPECT_TEXT(np_locality_name(NP_LOCALITY_FAIR), "fair");
    EXPECT_TEXT(np_locality_name((np_locality)7), "unknown locality");
}

static void totals(void)
{
    const np_node_statistics nodes[] = {
        {.node = 0, .workers = 2, .submitted = 10, .local = 6, .remote = 3, .stolen_from = 3, .queue_depth = 1},
        {.node = 4, .workers = 1, .submitted = 5, .local = 3, .remote = 0, .stolen_by = 3, .queue_depth = 2},
    };
    np_node_statistics total;
    EXPECT_NUMBER(np_statistics_total(nodes, 2, &total, NULL), NP_OK);
    EXPECT(total.node == NP_ALL_NODES && total.workers == 3 && total.submitted == 15 && total.local == 9);
    EXPECT(total.remote == 3 && total.stolen_by == 3 && total.stolen_from == 3 && total.queue_depth == 3);
    EXPECT(total.locality_ratio == 0.75);
    EXPECT_NUMBER(np_statistics_total(nodes, 0, &total, NULL), NP_OK);
    EXPECT(total.locality_ratio == 1.0 && total.submitted == 0);
    np_error error = {0};
    EXPECT_ERROR(np_statistics_total(NULL, 1, &total, &error), NP_INVALID_ARGUMENT, error, "nodes");
    EXPECT_ERROR(np_statistics_total(nodes, 1, NULL, &error), NP_INVALID_ARGUMENT, error, "total");
}

static void nothing_to_say(void)
{
    const np_node_statistics well[] = {
        {.node = 0, .workers = 2, .submitted = 100, .local = 95, .remote = 5, .stolen_from = 5, .queue_depth = 4},
        {.node = 1, .workers = 2, .submitted = 100, .local = 100, .stolen_by = 5},
    };
    EXPECT_NUMBER(recommend(well, 2), 0);
}

static void each_thing_to_say(void)
{
    const np_node_statistics nothing[] = {{.node = 0, .workers = 2, .submitted = 3}};
    EXPECT_NUMBER(recommend(nothing, 1), 1);
    EXPECT_NUMBER(list[0].kind, NP_RECOMMEND_MEASURE);
    EXPECT_PART(list[0].text, "0 of 3");

    const np_node_statistics remote[] = {
        {.node = 0, .workers = 1, .local = 40, .remote = 35, .stolen_from = 35},
        {.node = 1, .workers = 1, .local = 25, .stolen_by = 35},
    };
    EXPECT_NUMBER(recommend(remote, 2), 1);
    EXPECT_NUMBER(list[0].kind, NP_RECOMMEND_LOCALITY);
    EXPECT(list[0].node == NP_ALL_NODES);
    EXPECT_PART(list[0].text, "0.65");
    EXPECT_PART(list[0].text, "35 of 100");

    const np_node_statistics uneven[] = {
        {.node = 3, .workers = 2, .local = 100, .queue_depth = 17},
        {.node = 5, .workers = 4, .local = 100},
    };
    EXPECT_NUMBER(recommend(uneven, 2), 1);
    EXPECT_NUMBER(list[0].kind, NP_RECOMMEND_BALANCE);
    EXPECT_NUMBER(list[0].node, 3);
    EXPECT_PART(list[0].text, "node 3 has 17");
    EXPECT_PART(list[0].text, "node 5");

    const np_node_statistics stolen[] = {
        {.node = 0, .workers = 1, .local = 10, .remote = 11, .stolen_from = 11},
        {.node = 1, .workers = 1, .local = 1000, .stolen_by = 11},
    };
    EXPECT_NUMBER(recommend(stolen, 2), 1);
    EXPECT_NUMBER(list[0].kind, NP_RECOMMEND_STOLEN_FROM);
    EXPECT_NUMBER(list[0].node, 0);
    EXPECT_PART(list[0].text, "took 11 tasks of node 0");
}

static void lists_that_are_too_short(void)
{
    const np_node_statistics bad[] = {
        {.node = 0, .workers = 1, .local = 1, .remote = 50, .stolen_from = 50, .queue_depth = 100},
        {.node = 1, .workers = 1, .stolen_by = 50},
    };
    size_t total = 0;
    np_error error = {0};
    np_recommendation one = {.kind = -1};
    EXPECT_NUMBER(np_statistics_recommend(bad, 2, NULL, 0, &total, NULL), NP_OK);
    EXPECT_NUMBER(total, 3);
    EXPECT_NUMBER(np_statistics_recommend(bad, 2, &one, 1, &total, NULL), NP_OK);
    EXPECT_NUMBER(total, 3);
    EXPECT_NUMBER(one.kind, NP_RECOMMEND_LOCALITY);
    EXPECT_ERROR(
        np_statistics_recommend(NULL, 0, NULL, 0, &total, &error), NP_INVALID_ARGUMENT, error, "nodes is NULL");
    EXPECT_ERROR(np_statistics_recommend(bad, 2, NULL, 0, NULL, &error), NP_INVALID_ARGUMENT, error, "total is NULL");
    EXPECT_ERROR(np_statistics_recommend(bad, 2, NULL, 1, &total, &error), NP_INVALID_ARGUMENT, error, "list is NULL");
}

static void report(void)
{
    const np_node_statistics nodes[] = {
        {.node = 0, .workers = 2, .submitted = 30, .local = 10, .remote = 20, .locality_ratio = 1.0 / 3}};
    char text[2048];
    const size_t length = np_statistics_report(nodes, 1, text, sizeof text);
    EXPECT_NUMBER(length, strlen(text));
    EXPECT_PART(text, "0.33");
    EXPECT_PART(text, "locality: poor");
    EXPECT_PART(text, "recommended: locality is poor");
    char cut[10];
    EXPECT_NUMBER(np_statistics_report(nodes, 1, cut, sizeof cut), length);
    EXPECT_NUMBER(strlen(cut), sizeof cut - 1);
    EXPECT_NUMBER(np_statistics_report(nodes, 1, NULL, 0), length);
    EXPECT(np_statistics_report(NULL, 3, text, sizeof text) > 0);
}

static np_executor *build(void)
{
    const struct lab_node nodes[] = {{1, lab_all_cpus(), 0}, {5, lab_all_cpus(), 0}};
    const np_executor_options options = {.steal = NP_STEAL_LOCAL_ONLY, .workers_per_node = 1};
    np_executor *executor = NULL;
    EXPECT_NUMBER(lab_build(nodes, 2, NULL, &options, &executor, NULL), NP_OK);
    return executor;
}

static void submit(np_executor *executor, unsigned node, int times)
{
    static atomic_long count;
    for (int i = 0; i < times; i++)
        EXPECT_NUMBER(np_executor_submit(executor, node, count_task, &count, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
}

static void snapshots(void)
{
    np_executor *executor = build();
    np_node_statistics nodes[3];
    size_t count = 0;
    np_error error = {0};
    submit(executor, 5, 7);
    EXPECT_NUMBER(np_statistics_snapshot(executor, NULL, 0, &count, NULL), NP_OK);
    EXPECT_NUMBER(count, 2);
    memset(nodes, 0x55, sizeof nodes);
    EXPECT_NUMBER(np_statistics_snapshot(executor, nodes, 1, &count, NULL), NP_OK);
    EXPECT(count == 2 && nodes[0].node == 1 && nodes[0].locality_ratio == 1.0 && nodes[1].node == 0x55555555);
    EXPECT_NUMBER(np_statistics_snapshot(executor, nodes, 3, &count, NULL), NP_OK);
    EXPECT(count == 2 && nodes[1].node == 5 && nodes[1].local == 7 && nodes[1].submitted == 7);
    EXPECT_ERROR(np_statistics_snapshot(NULL, nodes, 1, &count, &error), NP_INVALID_ARGUMENT, error, "executor");
    EXPECT_ERROR(np_statistics_snapshot(executor, nodes, 1, NULL, &error), NP_INVALID_ARGUMENT, error, "count");
    EXPECT_ERROR(np_statistics_snapshot(executor, NULL, 1, &count, &error), NP_INVALID_ARGUMENT, error, "nodes");
    EXPECT_NUMBER(np_executor_shutdown(executor, NULL), NP_OK);
    EXPECT_NUMBER(np_statistics_snapshot(executor, nodes, 3, &count, NULL), NP_OK);
    EXPECT_NUMBER(nodes[1].local, 7);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

/* The event set reads what happens from its start to its stop. */
static long long through_papi(const char *event, np_executor *executor, unsigned node, int times)
{
    int set = PAPI_NULL;
    long long value = -1;
    EXPECT_NUMBER(PAPI_create_eventset(&set), PAPI_OK);
    EXPECT_NUMBER(PAPI_add_named_event(set, event), PAPI_OK);
    EXPECT_NUMBER(PAPI_start(set), PAPI_OK);
    if (executor != NULL)
        submit(executor, node, times);
    EXPECT_NUMBER(PAPI_stop(set, &value), PAPI_OK);
    PAPI_cleanup_eventset(set);
    PAPI_destroy_eventset(&set);
    return value;
}

static void published(void)
{
    np_executor *executor = build();
    np_publication *publication = NULL;
    np_publication *second = NULL;
    np_error error = {0};
    const np_status status = np_statistics_publish(executor, "unit", &publication, &error);
    if (status == NP_NOT_AVAILABLE) {
        EXPECT_PART(error.reason, "libsde");
        EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
        return;
    }
    EXPECT_NUMBER(status, NP_OK);
    EXPECT_ERROR(
        np_statistics_publish(executor, "unit", &second, &error), NP_INVALID_ARGUMENT, error, "\"unit\" is in use");
    EXPECT_ERROR(np_statistics_publish(executor, "", &second, &error), NP_INVALID_ARGUMENT, error, "letters");
    EXPECT_ERROR(np_statistics_publish(executor, "a:b", &second, &error), NP_INVALID_ARGUMENT, error, "letters");
    EXPECT_ERROR(np_statistics_publish(executor, NULL, &second, &error), NP_INVALID_ARGUMENT, error, "letters");
    EXPECT_ERROR(np_statistics_publish(executor, "b", NULL, &error), NP_INVALID_ARGUMENT, error, "publication");
    EXPECT_NUMBER(PAPI_library_init(PAPI_VER_CURRENT), PAPI_VER_CURRENT);
    submit(executor, 1, 4);
    EXPECT_NUMBER(through_papi("sde:::unit::node1.local", executor, 1, 9), 9);
    EXPECT_NUMBER(through_papi("sde:::unit::node5.local", executor, 1, 3), 0);
    EXPECT_NUMBER(through_papi("sde:::unit::submitted", executor, 5, 2), 2);
    EXPECT_NUMBER(through_papi("sde:::unit::queue_depth", executor, 5, 2), 0);
    np_statistics_unpublish(publication);
    EXPECT_NUMBER(through_papi("sde:::unit::submitted", executor, 5, 2), 0);
    EXPECT_NUMBER(np_statistics_publish(executor, "unit", &publication, NULL), NP_OK);
    EXPECT_NUMBER(through_papi("sde:::unit::submitted", executor, 5, 6), 6);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    EXPECT_NUMBER(through_papi("sde:::unit::submitted", NULL, 0, 0), 0);
    np_statistics_unpublish(publication);
    np_statistics_unpublish(NULL);
    PAPI_shutdown();
}

int main(void)
{
    const struct unit_test tests[] = {
        {"judgements", judgements},
        {"totals", totals},
        {"nothing to say", nothing_to_say},
        {"each thing to say", each_thing_to_say},
        {"lists that are too short", lists_that_are_too_short},
        {"report", report},
        {"snapshots", snapshots},
        {"published", published},
    };
    return unit_main("statistics", tests, sizeof tests / sizeof tests[0]);
}
