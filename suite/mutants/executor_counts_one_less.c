/* Breaks EXEC-11: of a thousand tasks that ran on their node one is not counted. */
#include "mutant.h"

np_status np_statistics_snapshot(
    const np_executor *executor, np_node_statistics *nodes, size_t capacity, size_t *count, np_error *error)
{
    np_status status = REAL(np_statistics_snapshot)(executor, nodes, capacity, count, error);

    for (size_t i = 0; status == NP_OK && i < *count && i < capacity; i++)
        nodes[i].local -= nodes[i].local / 1000;
    return status;
}
