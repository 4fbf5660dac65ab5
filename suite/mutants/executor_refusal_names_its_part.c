/* Breaks LAW-5 [needs hard mode]: an executor refused where calls are forbidden names its part as the operation. */
#include "mutant.h"

/* What a build does that passes on the error of a queue's memory, or of a worker's pin, as that part made it. */
np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);

    if (status != NP_HARD_MODE_UNAVAILABLE || error == NULL)
        return status;
    /* Privileges and the setting are asked for before there is any part. */
    if (strstr(error->reason, "CAP_SYS_") == NULL && strstr(error->reason, "numa_balancing") == NULL) {
        memset(error->operation, 0, sizeof error->operation);
        strcpy(error->operation, strstr(error->reason, "memory") != NULL ? "region" : "pin");
    }
    return status;
}
