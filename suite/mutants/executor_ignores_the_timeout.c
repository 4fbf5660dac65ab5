/* Breaks EXEC-9: shutdown with a timeout waits until all is done. */
#include "mutant.h"

np_status np_executor_shutdown_timeout(
    np_executor *executor, uint64_t timeout_ns, uint64_t *not_started, np_error *error)
{
    (void)timeout_ns;
    return REAL(np_executor_shutdown_timeout)(executor, NP_NO_TIMEOUT, not_started, error);
}
