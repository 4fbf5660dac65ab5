/**
 * @file
 * What an executor did, by node, and what follows from it.
 *
 * A snapshot is plain numbers, taken while the executor runs and without stopping it. The judgements are functions of a
 * snapshot alone, so that they can be made later, elsewhere, or of the difference of two. The same counts can be read by
 * every PAPI tool as software-defined events (STAT-4).
 *
 * Any thread may call any of it. In a forked child there are no counts of the parent's executors: a snapshot is
 * NP_SHUT_DOWN, and published events read 0.
 */
#ifndef NUMAPROOF_STATISTICS_H
#define NUMAPROOF_STATISTICS_H

#include <numaproof/error.h>
#include <numaproof/executor.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * The counts of one node since the executor was built. 80 bytes, pinned.
 *
 * Once all tasks have ended (np_executor_wait()), submitted = local + remote for each node, and the nodes' stolen_from
 * add up to the nodes' stolen_by (EXEC-11). While tasks run, each count is between what it was and what it becomes, and
 * local + remote is never more than submitted.
 */
typedef struct np_node_statistics {
    uint32_t node;      /**< The node's id; NP_ALL_NODES in a total. */
    uint32_t workers;   /**< Workers of this node. */
    uint64_t submitted; /**< Tasks accepted for this node. */
    uint64_t local;     /**< Of these, begun on one of its own CPUs. */
    uint64_t remote;    /**< Of these, begun elsewhere: stolen, of a node without CPUs, or by a worker off its node. */
    uint64_t stolen_by; /**< Tasks of other nodes that this node's workers took. */
    uint64_t stolen_from;  /**< Tasks of this node that other nodes' workers took. */
    uint64_t queue_depth;  /**< Tasks accepted and not yet taken by a worker. */
    double locality_ratio; /**< local / (local + remote), 1 when nothing ran (STAT-1). */
    uint64_t reserved[2];  /**< Always 0. */
} np_node_statistics;

/** The id of no node, in totals and in recommendations that are about all of them. */
#define NP_ALL_NODES UINT32_MAX

/** How good a locality ratio is (STAT-2). */
typedef enum np_locality {
    NP_LOCALITY_POOR = 0,     /**< Below 0.50. */
    NP_LOCALITY_FAIR = 1,     /**< From 0.50. */
    NP_LOCALITY_GOOD = 2,     /**< From 0.70. */
    NP_LOCALITY_EXCELLENT = 3 /**< From 0.90. */
} np_locality;

/** What a recommendation is about (STAT-3). */
typedef enum np_recommendation_kind {
    NP_RECOMMEND_MEASURE = 0,    /**< Nothing ran: there is nothing to judge. */
    NP_RECOMMEND_LOCALITY = 1,   /**< Locality below acceptable. */
    NP_RECOMMEND_BALANCE = 2,    /**< Idle nodes beside an overloaded one. */
    NP_RECOMMEND_STOLEN_FROM = 3 /**< Other nodes took more of a node's tasks than its own workers. */
} np_recommendation_kind;

/** One thing to do about a snapshot. 256 bytes, pinned. */
typedef struct np_recommendation {
    int32_t kind;   /**< An np_recommendation_kind. */
    uint32_t node;  /**< The node it is about, or NP_ALL_NODES. */
    char text[248]; /**< What was seen, with the numbers, and what to do. One line, NUL-terminated. */
} np_recommendation;

/** Counts that PAPI can read. */
typedef struct np_publication np_publication;

/**
 * Take a snapshot (STAT-1), whose counts are exact once all tasks have ended (EXEC-11): fills up to @p capacity of @p
 * nodes, ordered by id, and sets *@p count to how many nodes there are. @p nodes may be NULL where @p capacity is 0.
 *
 * Any thread, and from tasks; after shutdown too. NP_INVALID_ARGUMENT for a NULL executor or count, NP_SHUT_DOWN in a
 * forked child.
 */
np_status np_statistics_snapshot(
    const np_executor *executor, np_node_statistics *nodes, size_t capacity, size_t *count, np_error *error);

/** Add up the @p count entries of @p nodes into @p total. NP_INVALID_ARGUMENT for NULL. */
np_status np_statistics_total(
    const np_node_statistics *nodes, size_t count, np_node_statistics *total, np_error *error);

/** Judge a locality ratio (STAT-2). What is not a number is poor. Any thread. */
np_locality np_locality_of_ratio(double ratio);

/** Whether it is excellent or good (STAT-2). */
bool np_locality_is_acceptable(np_locality locality);

/** "poor", "fair", "good", "excellent"; "unknown locality" for a number that is none. Static storage. */
const char *np_locality_name(np_locality locality);

/**
 * Say what follows from a snapshot (STAT-3): fills up to @p capacity of @p list, most important first, and sets *@p total
 * to how many there are, 0 where there is nothing to say. @p list may be NULL where @p capacity is 0.
 *
 * NP_INVALID_ARGUMENT for NULL. Any thread.
 */
np_status np_statistics_recommend(const np_node_statistics *nodes, size_t count, np_recommendation *list,
    size_t capacity, size_t *total, np_error *error);

/**
 * Write a snapshot for people: a line a node, a total with its judgement, and what is recommended. As snprintf: at most
 * @p size bytes with the NUL; returns the length that it would have had. NULL @p nodes reads as no nodes.
 */
size_t np_statistics_report(const np_node_statistics *nodes, size_t count, char *buffer, size_t size);

/**
 * Make the counts of @p executor readable as PAPI events named "sde:::NAME::nodeID.COUNT" (STAT-4): submitted, local,
 * remote, stolen_by, stolen_from, queue_depth, and the same of all nodes without the "nodeID." part.
 *
 * @p name is 1 to 63 letters, digits, '_' or '-', and not in use by another publication, which is
 * NP_INVALID_ARGUMENT. The publication ends with np_statistics_unpublish(), or with the executor. Any thread.
 * NP_INVALID_ARGUMENT; NP_ALLOCATION; NP_NOT_AVAILABLE: the library was built without libsde.
 * Source: papi_sde_register_counter_cb().
 */
np_status np_statistics_publish(
    const np_executor *executor, const char *name, np_publication **publication, np_error *error);

/**
 * End of the publication: its events read 0 from now on, and its name may be published again. NULL does nothing, and so
 * does a publication that has ended already, whoever has published under its name since.
 *
 * The names stay listed as long as the process lives: libsde 7.0 cannot forget one without reading freed memory.
 */
void np_statistics_unpublish(np_publication *publication);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
