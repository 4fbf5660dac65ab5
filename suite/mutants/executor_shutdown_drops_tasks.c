/* Breaks EXEC-8: shutdown drops what has not been begun. */
#include "mutant.h"

#include <stdatomic.h>
#include <stdlib.h>

static atomic_bool ending;

struct wrapped {
    np_task *task;
    void *argument;
};

static void run_unless_ending(void *closure)
{
    struct wrapped wrapped = *(struct wrapped *)closure;

    free(closure);
    if (!atomic_load(&ending))
        wrapped.task(wrapped.argument);
}

np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    struct wrapped *wrapped = malloc(sizeof *wrapped);

    *wrapped = (struct wrapped){task, argument};
    np_status status =
        REAL(np_executor_submit)(executor, node, task != NULL ? run_unless_ending : NULL, wrapped, error);
    if (status != NP_OK)
        free(wrapped);
    return status;
}

np_status np_executor_shutdown(np_executor *executor, np_error *error)
{
    atomic_store(&ending, true);
    np_status status = REAL(np_executor_shutdown)(executor, error);
    atomic_store(&ending, false);
    return status;
}
