/* Breaks EXEC-8: a task submitted after shutdown is accepted, and lost. */
#include "mutant.h"

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_error own;
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, &own);

    if (status == NP_SHUT_DOWN)
        return NP_OK;
    if (status != NP_OK && error != NULL)
        *error = own;
    return status;
}
