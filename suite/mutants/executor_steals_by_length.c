/* Breaks EXEC-5 [needs three nodes at different distances]: the longest queue is robbed first, however far it is. */
#include "mutant.h"

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_executor_options changed = {0};

    if (options != NULL)
        changed = *options;
    if (changed.steal == NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE)
        changed.steal = NP_STEAL_ANY;
    return REAL(np_executor_create)(topology, &changed, executor, error);
}
