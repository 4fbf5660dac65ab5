/* Breaks EXEC-7: a node that is not there is taken for the first one. */
#include "mutant.h"

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_error own;
    np_node_statistics first;
    size_t count = 0;
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, &own);

    if (status == NP_INVALID_ARGUMENT && executor != NULL && task != NULL &&
        REAL(np_statistics_snapshot)(executor, &first, 1, &count, NULL) == NP_OK)
        return REAL(np_executor_submit)(executor, first.node, task, argument, error);
    if (status != NP_OK && error != NULL)
        *error = own;
    return status;
}
