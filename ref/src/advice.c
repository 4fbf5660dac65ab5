/*
 * What the counts of an executor mean: a judgement of the locality, and what to do about it.
 *
 * Everything here is a function of a snapshot, and nothing else is looked at, so that a snapshot that was written down can
 * be judged later. Advice is given only with the numbers it rests on, and where there is none to give, there is none.
 */
#include "error_internal.h"
#include "text.h"
#include <assert.h>
#include <numaproof/statistics.h>
#include <stdarg.h>
#include <stdio.h>

static_assert(sizeof(np_recommendation) == 256, "a recommendation is pinned");

/* Tasks waiting for each worker from which on a node is overloaded. */
#define OVERLOAD 8

np_locality np_locality_of_ratio(double ratio)
{
    if (ratio >= 0.90)
        return NP_LOCALITY_EXCELLENT;
    if (ratio >= 0.70)
        return NP_LOCALITY_GOOD;
    return ratio >= 0.50 ? NP_LOCALITY_FAIR : NP_LOCALITY_POOR;
}

bool np_locality_is_acceptable(np_locality locality)
{
    return locality == NP_LOCALITY_EXCELLENT || locality == NP_LOCALITY_GOOD;
}

const char *np_locality_name(np_locality locality)
{
    switch (locality) {
    case NP_LOCALITY_POOR:
        return "poor";
    case NP_LOCALITY_FAIR:
        return "fair";
    case NP_LOCALITY_GOOD:
        return "good";
    case NP_LOCALITY_EXCELLENT:
        return "excellent";
    }
    return "unknown locality";
}

/* Where recommendations go: into a list, those past its capacity being only counted, or into a text. */
struct advice {
    np_recommendation *list;
    size_t capacity;
    size_t total;
    struct text *text;
};

__attribute__((format(printf, 4, 5))) static void recommend(
    struct advice *advice, np_recommendation_kind kind, uint32_t node, const char *format, ...)
{
    np_recommendation entry = {.kind = (int32_t)kind, .node = node};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(entry.text, sizeof entry.text, format, arguments);
    va_end(arguments);
    if (advice->text != NULL)
        text_add(advice->text, "recommended: %s\n", entry.text);
    if (advice->total < advice->capacity)
        advice->list[advice->total] = entry;
    advice->total++;
}

static void on_locality(struct advice *advice, const np_node_statistics *total)
{
    const np_locality locality = np_locality_of_ratio(total->locality_ratio);
    if (!np_locality_is_acceptable(locality))
        recommend(advice, NP_RECOMMEND_LOCALITY, NP_ALL_NODES,
            "locality is %s, %.2f: %llu of %llu tasks ran away from their node; submit to the nodes more evenly, or "
            "forbid stealing (NP_STEAL_LOCAL_ONLY)",
            np_locality_name(locality), total->locality_ratio, (unsigned long long)total->remote,
            (unsigned long long)(total->local + total->remote));
}

static bool is_overloaded(const np_node_statistics *node)
{
    return node->queue_depth > (uint64_t)OVERLOAD * node->workers;
}

static void on_balance(struct advice *advice, const np_node_statistics *nodes, size_t count)
{
    size_t idle = 0;
    while (idle < count && (nodes[idle].workers == 0 || nodes[idle].queue_depth > 0))
        idle++;
    for (size_t i = 0; i < count && idle < count; i++)
        if (is_overloaded(&nodes[i]))
            recommend(advice, NP_RECOMMEND_BALANCE, nodes[i].node,
                "node %u has %llu tasks waiting for %u workers while node %u has none for its %u; spread the work, or "
                "let "
                "idle workers steal (NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE)",
                nodes[i].node, (unsigned long long)nodes[i].queue_depth, nodes[i].workers, nodes[idle].node,
                nodes[idle].workers);
}

static void on_stealing(struct advice *advice, const np_node_statistics *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (nodes[i].stolen_from > nodes[i].local)
            recommend(advice, NP_RECOMMEND_STOLEN_FROM, nodes[i].node,
                "other nodes took %llu tasks of node %u, and its own %u workers ran %llu; submit less to it, or give "
                "it "
                "more workers",
                (unsigned long long)nodes[i].stolen_from, nodes[i].node, nodes[i].workers,
                (unsigned long long)nodes[i].local);
}

static void advise(struct advice *advice, const np_node_statistics *nodes, size_t count)
{
    np_node_statistics total = {0};
    np_statistics_total(nodes, count, &total, NULL);
    if (total.local + total.remote == 0)
        recommend(advice, NP_RECOMMEND_MEASURE, NP_ALL_NODES,
            "0 of %llu submitted tasks have run: there is nothing to judge; look again under load",
            (unsigned long long)total.submitted);
    else
        on_locality(advice, &total);
    on_balance(advice, nodes, count);
    on_stealing(advice, nodes, count);
}

np_status np_statistics_recommend(const np_node_statistics *nodes, size_t count, np_recommendation *list,
    size_t capacity, size_t *total, np_error *error)
{
    if (nodes == NULL || total == NULL || (list == NULL && capacity > 0))
        return fail(error, NP_INVALID_ARGUMENT, 0, "recommendations", "%s is NULL",
            nodes == NULL   ? "nodes"
            : total == NULL ? "total"
                            : "list");
    struct advice advice = {.list = list, .capacity = capacity};
    advise(&advice, nodes, count);
    *total = advice.total;
    return NP_OK;
}

static void add_row(struct text *text, const char *name, const np_node_statistics *row)
{
    text_add(text, "%-8s %7u %12llu %12llu %12llu %12llu %12llu %8llu %8.2f\n", name, row->workers,
        (unsigned long long)row->submitted, (unsigned long long)row->local, (unsigned long long)row->remote,
        (unsigned long long)row->stolen_by, (unsigned long long)row->stolen_from, (unsigned long long)row->queue_depth,
        row->locality_ratio);
}

size_t np_statistics_report(const np_node_statistics *nodes, size_t count, char *buffer, size_t size)
{
    static const np_node_statistics none = {0};
    const np_node_statistics *rows = nodes != NULL ? nodes : &none;
    const size_t row_count = nodes != NULL ? count : 0;
    struct text text = text_into(buffer, size);
    text_add(&text, "%-8s %7s %12s %12s %12s %12s %12s %8s %8s\n", "node", "workers", "submitted", "local", "remote",
        "stolen by", "stolen from", "waiting", "locality");
    for (size_t i = 0; i < row_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%u", rows[i].node);
        add_row(&text, name, &rows[i]);
    }
    np_node_statistics total = {0};
    np_statistics_total(rows, row_count, &total, NULL);
    add_row(&text, "all", &total);
    text_add(&text, "locality: %s\n", np_locality_name(np_locality_of_ratio(total.locality_ratio)));
    struct advice advice = {.text = &text};
    advise(&advice, rows, row_count);
    return text.length;
}
