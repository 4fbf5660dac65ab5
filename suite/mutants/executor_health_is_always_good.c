/* Breaks EXEC-12 [needs two nodes with CPUs]: health says that all is well, whatever happened to the workers. */
#include "mutant.h"

np_status np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error)
{
    np_error own;
    np_status status = REAL(np_executor_health)(executor, lost, present, &own);

    if (status == NP_HARD_MODE_UNAVAILABLE) {
        if (lost != NULL)
            memset(lost, 0, sizeof *lost);
        if (present != NULL)
            *present = (np_enforcement){.level = NP_LEVEL_STRICT};
        return NP_OK;
    }
    if (status != NP_OK && error != NULL)
        *error = own;
    return status;
}
