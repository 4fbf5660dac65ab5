/* Breaks EXEC-9: shutdown that ran out of time says that every task was started. */
#include "mutant.h"

np_status np_executor_shutdown_timeout(
    np_executor *executor, uint64_t timeout_ns, uint64_t *not_started, np_error *error)
{
    np_status status = REAL(np_executor_shutdown_timeout)(executor, timeout_ns, not_started, error);

    if (not_started != NULL)
        *not_started = 0;
    return status;
}
