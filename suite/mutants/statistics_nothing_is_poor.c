/* Breaks STAT-1: where nothing ran the locality ratio is 0. */
#include "mutant.h"

np_status np_statistics_snapshot(
    const np_executor *executor, np_node_statistics *nodes, size_t capacity, size_t *count, np_error *error)
{
    np_status status = REAL(np_statistics_snapshot)(executor, nodes, capacity, count, error);

    for (size_t i = 0; status == NP_OK && i < *count && i < capacity; i++)
        if (nodes[i].local + nodes[i].remote == 0)
            nodes[i].locality_ratio = 0;
    return status;
}
