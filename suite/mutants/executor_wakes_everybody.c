/* Breaks EXEC-10: a submit wakes every worker. */
#include "mutant.h"

#include <pthread.h>

static void nothing(void *argument)
{
    (void)argument;
}

/* As many tasks as there are workers; those that are added do nothing but wake. */
np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_node_statistics all[NP_NODE_MAX];
    size_t count = 0;

    np_status status = REAL(np_executor_submit)(executor, node, task, argument, error);
    if (status != NP_OK || REAL(np_statistics_snapshot)(executor, all, NP_NODE_MAX, &count, NULL) != NP_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        for (unsigned w = 0; w < 20 * all[i].workers; w++)
            REAL(np_executor_submit)(executor, all[i].node, nothing, NULL, NULL);
    return status;
}
