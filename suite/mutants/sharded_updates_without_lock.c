/* Breaks SHARD-2: an update now and then is forgotten, as if two had been in the shard at once. */
#include "mutant.h"

#include <stdatomic.h>

np_status np_sharded_update(np_sharded *sharded, np_shard_visitor *update, void *closure, np_error *error)
{
    static atomic_uint updates;

    if (sharded != NULL && update != NULL && atomic_fetch_add(&updates, 1) % 10000 == 9999)
        return NP_OK;
    return REAL(np_sharded_update)(sharded, update, closure, error);
}
