/* Breaks EXEC-8 [needs hard mode]: once it has been shut down a strict executor says that its workers are missing. */
#include "mutant.h"

/* What a submit does that looks at the worker it would wake, and finds that this has ended. */
np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    np_enforcement level = {0};
    np_status status = REAL(np_executor_submit)(executor, node, task, argument, error);

    if (status != NP_SHUT_DOWN || np_executor_enforcement(executor, &level, NULL) != NP_OK ||
        level.level != NP_LEVEL_STRICT)
        return status;
    if (error != NULL)
        error->code = NP_HARD_MODE_UNAVAILABLE;
    return NP_HARD_MODE_UNAVAILABLE;
}
