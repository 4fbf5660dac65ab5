/* Breaks EXEC-4: one task in a thousand is accepted and never run. */
#include "mutant.h"

#include <stdatomic.h>

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    static atomic_uint submitted;

    if (executor != NULL && task != NULL && atomic_fetch_add(&submitted, 1) % 1000 == 999)
        return NP_OK;
    return REAL(np_executor_submit)(executor, node, task, argument, error);
}
