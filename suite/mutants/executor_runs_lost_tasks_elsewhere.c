/* Breaks EXEC-12 [needs two nodes with CPUs]: a task whose node is lost is run by whoever submits it. */
#include "mutant.h"

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_error own;
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, &own);

    if (status == NP_HARD_MODE_UNAVAILABLE) {
        task(argument);
        return NP_OK;
    }
    if (status != NP_OK && error != NULL)
        *error = own;
    return status;
}
