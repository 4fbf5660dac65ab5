/* Breaks EXEC-6 [needs two nodes with CPUs]: submitting without a node goes to the first node. */
#include "mutant.h"

np_status np_executor_submit_local(np_executor *executor, np_task *task, void *argument, np_error *error)
{
    np_node_statistics first;
    size_t count = 0;

    if (REAL(np_statistics_snapshot)(executor, &first, 1, &count, NULL) != NP_OK)
        return REAL(np_executor_submit_local)(executor, task, argument, error);
    return REAL(np_executor_submit)(executor, first.node, task, argument, error);
}
