/* Breaks EXEC-3: a soft executor reports strict, whatever it got. */
#include "mutant.h"

np_status np_executor_enforcement(const np_executor *executor, np_enforcement *enforcement, np_error *error)
{
    np_status status = REAL(np_executor_enforcement)(executor, enforcement, error);

    if (status == NP_OK)
        *enforcement = (np_enforcement){.level = NP_LEVEL_STRICT};
    return status;
}
