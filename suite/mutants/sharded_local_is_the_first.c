/* Breaks SHARD-2 [needs two nodes with CPUs]: the local shard is the first node's, wherever the caller is. */
#include "mutant.h"

void *np_sharded_local(const np_sharded *sharded)
{
    void *shard = NULL;

    for (unsigned node = 0; node < NP_NODE_MAX; node++)
        if (REAL(np_sharded_at)(sharded, node, &shard, NULL) == NP_OK)
            return shard;
    return NULL;
}
