/* Breaks EXEC-3: a soft build fails where workers cannot be pinned. */
#include "mutant.h"

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);
    np_enforcement got;

    if (status != NP_OK || REAL(np_executor_enforcement)(*executor, &got, NULL) != NP_OK || got.level != NP_LEVEL_NONE)
        return status;
    REAL(np_executor_destroy)(*executor, NULL);
    if (error != NULL) {
        memset(error, 0, sizeof *error);
        error->code = NP_SYSTEM;
        strcpy(error->operation, "executor");
        memcpy(error->reason, got.reason, sizeof error->reason - 1);
    }
    return NP_SYSTEM;
}
