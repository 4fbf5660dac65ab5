/* Breaks EXEC-4: one task in a thousand is run twice. */
#include "mutant.h"

#include <stdatomic.h>

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    static atomic_uint submitted;

    if (atomic_fetch_add(&submitted, 1) % 1000 == 999)
        REAL(np_executor_submit)(executor, node, task, argument, NULL);
    return REAL(np_executor_submit)(executor, node, task, argument, error);
}
