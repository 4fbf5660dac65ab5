/* Breaks EXEC-14 [needs a gap in the node ids]: a task for the third node goes to node 2, whatever its id. */
#include "mutant.h"

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_node_statistics all[NP_NODE_MAX];
    size_t count = 0;

    REAL(np_statistics_snapshot)(executor, all, NP_NODE_MAX, &count, NULL);
    for (size_t i = 0; i < count; i++)
        if (all[i].node == node)
            return REAL(np_executor_submit)(executor, (unsigned)i, task, argument, error);
    return REAL(np_executor_submit)(executor, node, task, argument, error);
}
