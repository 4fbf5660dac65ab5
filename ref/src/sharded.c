/*
 * Sharded data: a block on each node, and a lock for each.
 *
 * The locks lie with the shards, on their node and on lines of their own, so that updates on different nodes share
 * nothing. They check for errors: one who visits from within a visit is told so, and does not wait for himself.
 */
#include "error_internal.h"
#include "linux_thread.h"
#include "spread.h"
#include <numaproof/sharded.h>
#include <pthread.h>
#include <stdlib.h>

#define OPERATION "sharded data"

struct np_sharded {
    struct spread spread;
    size_t bytes;
};

/* A block is the lock, and then the shard. */
static pthread_mutex_t *lock_of(const np_sharded *sharded, unsigned position)
{
    _Static_assert(sizeof(pthread_mutex_t) <= APART, "a lock fits in front of its shard");
    return sharded->spread.blocks[position];
}

static void *shard_of(const np_sharded *sharded, unsigned position)
{
    return (char *)sharded->spread.blocks[position] + APART;
}

static void init_locks(np_sharded *sharded)
{
    pthread_mutexattr_t checked;
    pthread_mutexattr_init(&checked);
    pthread_mutexattr_settype(&checked, PTHREAD_MUTEX_ERRORCHECK);
    for (unsigned i = 0; i < sharded->spread.map.node_count; i++)
        pthread_mutex_init(lock_of(sharded, i), &checked);
    pthread_mutexattr_destroy(&checked);
}

np_status np_sharded_create(
    const np_topology *topology, size_t bytes, np_mode mode, np_sharded **sharded, np_error *error)
{
    if (sharded == NULL || bytes == 0)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, sharded == NULL ? "sharded is NULL" : "shards of 0 bytes");
    if (bytes > SIZE_MAX - APART)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "%zu bytes are more than any address space has", bytes);
    np_sharded *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "no memory for the record of the shards");
    const struct spread_size size = {.fixed = bytes + APART};
    const np_status status = spread_init(&made->spread, topology, mode, size, OPERATION, error);
    if (status != NP_OK) {
        free(made);
        return status;
    }
    made->bytes = bytes;
    init_locks(made);
    *sharded = made;
    return NP_OK;
}

void np_sharded_destroy(np_sharded *sharded)
{
    if (sharded == NULL)
        return;
    spread_end(&sharded->spread);
    free(sharded);
}

static unsigned local_position(const np_sharded *sharded)
{
    const unsigned position = node_map_of_cpu(&sharded->spread.map, linux_cpu_now());
    return position == NO_POSITION ? 0 : position;
}

void *np_sharded_local(const np_sharded *sharded)
{
    return sharded != NULL ? shard_of(sharded, local_position(sharded)) : NULL;
}

np_status np_sharded_at(const np_sharded *sharded, unsigned node, void **shard, np_error *error)
{
    if (sharded == NULL || shard == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", sharded == NULL ? "sharded" : "shard");
    const unsigned position = node_map_of_node(&sharded->spread.map, node);
    if (position == NO_POSITION)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, "there is no shard for node %u: the topology lacks it", node);
    *shard = shard_of(sharded, position);
    return NP_OK;
}

static np_status call(np_sharded *sharded, unsigned position, np_shard_visitor *visitor, void *closure, np_error *error)
{
    if (pthread_mutex_lock(lock_of(sharded, position)) != 0)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION,
            "the shard of node %u is being updated or visited by the calling thread itself",
            sharded->spread.map.ids[position]);
    visitor(sharded->spread.map.ids[position], shard_of(sharded, position), closure);
    pthread_mutex_unlock(lock_of(sharded, position));
    return NP_OK;
}

static np_status check_visitor(const np_sharded *sharded, np_shard_visitor *visitor, np_error *error)
{
    if (sharded != NULL && visitor != NULL)
        return NP_OK;
    return fail(
        error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", sharded == NULL ? "sharded" : "the function to call");
}

np_status np_sharded_update(np_sharded *sharded, np_shard_visitor *update, void *closure, np_error *error)
{
    const np_status status = check_visitor(sharded, update, error);
    return status == NP_OK ? call(sharded, local_position(sharded), update, closure, error) : status;
}

np_status np_sharded_visit(np_sharded *sharded, np_shard_visitor *visit, void *closure, np_error *error)
{
    np_status status = check_visitor(sharded, visit, error);
    const unsigned count = status == NP_OK ? sharded->spread.map.node_count : 0;
    for (unsigned i = 0; i < count && status == NP_OK; i++)
        status = call(sharded, i, visit, closure, error);
    return status;
}

np_status np_sharded_enforcement(const np_sharded *sharded, np_enforcement *enforcement, np_error *error)
{
    if (sharded == NULL || enforcement == NULL)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", sharded == NULL ? "sharded" : "enforcement");
    *enforcement = sharded->spread.enforcement;
    return NP_OK;
}
