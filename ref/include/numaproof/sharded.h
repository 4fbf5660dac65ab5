/**
 * @file
 * Data with a part on each node, and counters that no two CPUs fight over.
 *
 * Sharded data is one block of bytes a node, in that node's memory and on cache lines of its own (SHARD-1). A thread
 * works on the shard of the node it runs on, and whoever wants the whole visits all of them (SHARD-2).
 *
 * A counter goes further: it has a cell for each CPU, in the memory of the CPU's node, so that two threads of one node do
 * not pass a cache line to and fro either (SHARD-3).
 *
 * Any thread may use both, but for destroying them. Fork: the child has its own copy of the data, as it was at that moment,
 * and may use and destroy it. Fork while another thread is in an update or a visit, and the child's copy of that shard
 * stays locked for ever.
 */
#ifndef NUMAPROOF_SHARDED_H
#define NUMAPROOF_SHARDED_H

#include <numaproof/error.h>
#include <numaproof/topology.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A block of bytes on each node. */
typedef struct np_sharded np_sharded;

/** A sum kept in parts. */
typedef struct np_counter np_counter;

/** Called with the shard of @p node and the caller's @p closure. */
typedef void np_shard_visitor(unsigned node, void *shard, void *closure);

/**
 * Make a shard of @p bytes zeroed bytes on each node of @p topology, aligned to 128 bytes (SHARD-1).
 *
 * Strict: on return every page of every shard lies on its node, and NP_HARD_MODE_UNAVAILABLE for what refuses a strict
 * region (a node without memory among them). Soft: goes on, and says in its enforcement what is elsewhere.
 *
 * The caller owns *@p sharded and destroys it; it is written on NP_OK only. @p topology may be destroyed at once. Any
 * thread. NP_INVALID_ARGUMENT: NULL, no bytes, an unknown mode, a topology that is not this machine. NP_ALLOCATION.
 */
np_status np_sharded_create(
    const np_topology *topology, size_t bytes, np_mode mode, np_sharded **sharded, np_error *error);

/** Free it. NULL does nothing. No other thread may be using it. */
void np_sharded_destroy(np_sharded *sharded);

/**
 * The shard of the CPU that the caller runs on (SHARD-2). NULL for NULL.
 *
 * Nothing locks it: other threads of the node have the same one, and the caller may be moved the moment after. Use
 * atomics in it, or np_sharded_update(). A CPU that the topology does not know gets the first node's. No system call.
 */
void *np_sharded_local(const np_sharded *sharded);

/** The shard of @p node, unlocked. NP_INVALID_ARGUMENT for NULL and for an unknown node. */
np_status np_sharded_at(const np_sharded *sharded, unsigned node, void **shard, np_error *error);

/**
 * Call @p update with the local shard, alone on that shard: no other update and no visit is in it meanwhile.
 * NP_INVALID_ARGUMENT: NULL, or called from within an update or a visit of the same shard. Any thread.
 */
np_status np_sharded_update(np_sharded *sharded, np_shard_visitor *update, void *closure, np_error *error);

/**
 * Call @p visit with each shard in the order of node ids, alone on it. It sees every update that had ended before, and
 * every plain write of threads that the caller has synchronised with (SHARD-2). Errors as np_sharded_update().
 */
np_status np_sharded_visit(np_sharded *sharded, np_shard_visitor *visit, void *closure, np_error *error);

/** What the shards got when they were made (LAW-4). NP_INVALID_ARGUMENT for NULL. */
np_status np_sharded_enforcement(const np_sharded *sharded, np_enforcement *enforcement, np_error *error);

/**
 * Make a counter of 0 (SHARD-3). Mode, ownership and errors as np_sharded_create(); strict means that the cells of each
 * node lie on it.
 */
np_status np_counter_create(const np_topology *topology, np_mode mode, np_counter **counter, np_error *error);

/** Free it. NULL does nothing. No other thread may be using it. */
void np_counter_destroy(np_counter *counter);

/**
 * Add @p amount to the cell of the CPU that the caller runs on: one addition, which needs not be atomic where the kernel
 * has restartable sequences (x86-64), and no system call.
 * Nothing is lost, however many threads there are (SHARD-3). Wraps as two's complement does. NULL does nothing.
 */
void np_counter_add(np_counter *counter, int64_t amount);

/** Take @p amount away, as np_counter_add() adds it (SHARD-3). */
void np_counter_subtract(np_counter *counter, int64_t amount);

/** The sum of all cells (SHARD-3): exact when no one adds meanwhile, else of some moments meanwhile. 0 for NULL. */
int64_t np_counter_sum(const np_counter *counter);

/** What was added from the CPUs of @p node (SHARD-3). NP_INVALID_ARGUMENT for NULL and for an unknown node. */
np_status np_counter_of_node(const np_counter *counter, unsigned node, int64_t *sum, np_error *error);

/**
 * Start again from 0, and return the sum of before (SHARD-3): an addition made meanwhile is either in the
 * result or in the counter, never lost and never in both. 0 for NULL.
 */
int64_t np_counter_reset(np_counter *counter);

/** What the cells got when they were made (LAW-4). NP_INVALID_ARGUMENT for NULL. */
np_status np_counter_enforcement(const np_counter *counter, np_enforcement *enforcement, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
