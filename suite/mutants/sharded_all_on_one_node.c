/* Breaks SHARD-1 [needs two nodes with memory]: every node's shard is the first node's. */
#include "mutant.h"

np_status np_sharded_at(const np_sharded *sharded, unsigned node, void **shard, np_error *error)
{
    np_status status = REAL(np_sharded_at)(sharded, node, shard, error);

    for (unsigned first = 0; status == NP_OK && first < node; first++)
        if (REAL(np_sharded_at)(sharded, first, shard, NULL) == NP_OK)
            break;
    return status;
}
