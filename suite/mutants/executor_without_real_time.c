/* Breaks EXEC-15: the real-time priority that was asked for is forgotten. */
#include "mutant.h"

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_executor_options changed = {0};

    if (options != NULL)
        changed = *options;
    if (changed.real_time_priority > 0 && changed.real_time_priority < 100)
        changed.real_time_priority = 0;
    return REAL(np_executor_create)(topology, &changed, executor, error);
}
