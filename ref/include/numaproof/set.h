/**
 * @file
 * Sets of CPUs and sets of nodes.
 *
 * Two types and not one, so that the compiler tells a CPU from a node. Both are plain values of fixed size: no
 * allocation, nothing to destroy, and large enough for any Linux machine (SET-5): NR_CPUS is 8192 at most, and node
 * ids end at 1023. Every function is safe from any thread on sets that no other thread changes meanwhile. A forked child
 * has its own copies.
 *
 * Source of the list syntax: Documentation/admin-guide/kernel-parameters.rst, "cpu lists", and lib/bitmap-str.c.
 */
#ifndef NUMAPROOF_SET_H
#define NUMAPROOF_SET_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** How many CPU ids there are: 0 to NP_CPU_MAX - 1. */
#define NP_CPU_MAX 8192
/** How many node ids there are: 0 to NP_NODE_MAX - 1. */
#define NP_NODE_MAX 1024

/** The ids 0 to 8191 (NP_CPU_MAX of them) as bits; id i is bit i % 64 of word i / 64. A plain value: copy it, zero it. */
typedef struct np_cpuset {
    uint64_t words[NP_CPU_MAX / 64]; /**< 64 ids each. */
} np_cpuset;

/**
 * Read a list in the kernel's syntax into @p set: "0-3,8-11", "1,3,5", strides "0-15:2/4" (of every 4 ids the first 2),
 * blanks around items and a final newline allowed, "" the empty set (SET-1).
 *
 * NP_INVALID_ARGUMENT, and @p set untouched, for anything else: a range that runs backwards, a bare sign, an empty item,
 * a number that overflows, an id past NP_CPU_MAX - 1, trailing garbage, NULL (SET-2). The reason quotes the item.
 */
np_status np_cpuset_parse(const char *list, np_cpuset *set, np_error *error);

/**
 * Write @p set to @p buffer as the kernel prints it, the shortest list of numbers and ranges. As snprintf: at most
 * @p size bytes with the NUL, and the return value is the length that it would have had (SET-3). @p buffer may be NULL
 * where @p size is 0. A NULL set reads as the empty one.
 */
size_t np_cpuset_format(const np_cpuset *set, char *buffer, size_t size);

/** Make @p set empty. NULL does nothing. */
void np_cpuset_clear(np_cpuset *set);

/** Put @p id in; it may be in already. NP_INVALID_ARGUMENT for NULL or an id past the maximum (SET-4, SET-5). */
np_status np_cpuset_add(np_cpuset *set, unsigned id, np_error *error);

/** Take @p id out; it may be out already. Errors as above (SET-4). */
np_status np_cpuset_remove(np_cpuset *set, unsigned id, np_error *error);

/** Whether @p id is in @p set. False for NULL and for an id past the maximum (SET-4). */
bool np_cpuset_contains(const np_cpuset *set, unsigned id);

/** How many ids @p set has. 0 for NULL (SET-4). */
unsigned np_cpuset_count(const np_cpuset *set);

/** The lowest id of @p set, -1 if it is empty or NULL (SET-4). */
int np_cpuset_first(const np_cpuset *set);

/** The lowest id of @p set above @p after, -1 if none (SET-4): for (int i = first(s); i >= 0; i = next(s, i)). */
int np_cpuset_next(const np_cpuset *set, int after);

/** Ids in @p a or @p b (SET-4). @p result may be either of them. NP_INVALID_ARGUMENT for NULL: @p result untouched. */
np_status np_cpuset_union(const np_cpuset *a, const np_cpuset *b, np_cpuset *result, np_error *error);

/** Ids in @p a and @p b. Otherwise as the union (SET-4). */
np_status np_cpuset_intersection(const np_cpuset *a, const np_cpuset *b, np_cpuset *result, np_error *error);

/** Ids in @p a and not in @p b. Otherwise as the union (SET-4). */
np_status np_cpuset_difference(const np_cpuset *a, const np_cpuset *b, np_cpuset *result, np_error *error);

/** Whether both have the same ids. NULL reads as the empty set (SET-4). */
bool np_cpuset_equal(const np_cpuset *a, const np_cpuset *b);

/** Whether every id of @p a is in @p b. NULL reads as the empty set (SET-4). */
bool np_cpuset_subset(const np_cpuset *a, const np_cpuset *b);

/** The ids 0 to 1023 (NP_NODE_MAX of them) as bits; id i is bit i % 64 of word i / 64. A plain value: copy it, zero it. */
typedef struct np_nodeset {
    uint64_t words[NP_NODE_MAX / 64]; /**< 64 ids each. */
} np_nodeset;

/**
 * Read a list in the kernel's syntax into @p set: "0-3,8-11", "1,3,5", strides "0-15:2/4" (of every 4 ids the first 2),
 * blanks around items and a final newline allowed, "" the empty set (SET-1).
 *
 * NP_INVALID_ARGUMENT, and @p set untouched, for anything else: a range that runs backwards, a bare sign, an empty item,
 * a number that overflows, an id past NP_NODE_MAX - 1, trailing garbage, NULL (SET-2). The reason quotes the item.
 */
np_status np_nodeset_parse(const char *list, np_nodeset *set, np_error *error);

/**
 * Write @p set to @p buffer as the kernel prints it, the shortest list of numbers and ranges. As snprintf: at most
 * @p size bytes with the NUL, and the return value is the length that it would have had (SET-3). @p buffer may be NULL
 * where @p size is 0. A NULL set reads as the empty one.
 */
size_t np_nodeset_format(const np_nodeset *set, char *buffer, size_t size);

/** Make @p set empty. NULL does nothing. */
void np_nodeset_clear(np_nodeset *set);

/** Put @p id in; it may be in already. NP_INVALID_ARGUMENT for NULL or an id past the maximum (SET-4, SET-5). */
np_status np_nodeset_add(np_nodeset *set, unsigned id, np_error *error);

/** Take @p id out; it may be out already. Errors as above (SET-4). */
np_status np_nodeset_remove(np_nodeset *set, unsigned id, np_error *error);

/** Whether @p id is in @p set. False for NULL and for an id past the maximum (SET-4). */
bool np_nodeset_contains(const np_nodeset *set, unsigned id);

/** How many ids @p set has. 0 for NULL (SET-4). */
unsigned np_nodeset_count(const np_nodeset *set);

/** The lowest id of @p set, -1 if it is empty or NULL (SET-4). */
int np_nodeset_first(const np_nodeset *set);

/** The lowest id of @p set above @p after, -1 if none (SET-4): for (int i = first(s); i >= 0; i = next(s, i)). */
int np_nodeset_next(const np_nodeset *set, int after);

/** Ids in @p a or @p b (SET-4). @p result may be either of them. NP_INVALID_ARGUMENT for NULL: @p result untouched. */
np_status np_nodeset_union(const np_nodeset *a, const np_nodeset *b, np_nodeset *result, np_error *error);

/** Ids in @p a and @p b. Otherwise as the union (SET-4). */
np_status np_nodeset_intersection(const np_nodeset *a, const np_nodeset *b, np_nodeset *result, np_error *error);

/** Ids in @p a and not in @p b. Otherwise as the union (SET-4). */
np_status np_nodeset_difference(const np_nodeset *a, const np_nodeset *b, np_nodeset *result, np_error *error);

/** Whether both have the same ids. NULL reads as the empty set (SET-4). */
bool np_nodeset_equal(const np_nodeset *a, const np_nodeset *b);

/** Whether every id of @p a is in @p b. NULL reads as the empty set (SET-4). */
bool np_nodeset_subset(const np_nodeset *a, const np_nodeset *b);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
