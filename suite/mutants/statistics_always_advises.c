/* Breaks STAT-3: there is always something to recommend. */
#include "mutant.h"

#include <stdio.h>

np_status np_statistics_recommend(const np_node_statistics *nodes, size_t count, np_recommendation *list,
    size_t capacity, size_t *total, np_error *error)
{
    np_status status = REAL(np_statistics_recommend)(nodes, count, list, capacity, total, error);

    if (status == NP_OK && *total == 0) {
        *total = 1;
        if (capacity > 0)
            snprintf(list[0].text, sizeof list[0].text, "locality could be better");
    }
    return status;
}
