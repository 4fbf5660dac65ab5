/* Breaks EXEC-2: a strict build that is refused becomes a soft one, and nobody is told. */
#include "mutant.h"

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);

    if (status != NP_HARD_MODE_UNAVAILABLE)
        return status;
    np_executor_options soft = *options;
    soft.mode = NP_SOFT;
    return REAL(np_executor_create)(topology, &soft, executor, error);
}
