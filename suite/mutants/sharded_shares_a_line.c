/* Breaks SHARD-1: shards begin in the middle of a cache line, whose other half is somebody else's. */
#include "mutant.h"

np_status np_sharded_create(
    const np_topology *topology, size_t bytes, np_mode mode, np_sharded **sharded, np_error *error)
{
    return REAL(np_sharded_create)(topology, bytes > 0 ? bytes + 32 : 0, mode, sharded, error);
}

np_status np_sharded_at(const np_sharded *sharded, unsigned node, void **shard, np_error *error)
{
    np_status status = REAL(np_sharded_at)(sharded, node, shard, error);

    if (status == NP_OK)
        *shard = (char *)*shard + 32;
    return status;
}
