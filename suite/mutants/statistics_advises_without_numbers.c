/* Breaks STAT-3: recommendations do not say which numbers they rest on. */
#include "mutant.h"

#include <ctype.h>

np_status np_statistics_recommend(const np_node_statistics *nodes, size_t count, np_recommendation *list,
    size_t capacity, size_t *total, np_error *error)
{
    np_status status = REAL(np_statistics_recommend)(nodes, count, list, capacity, total, error);

    for (size_t i = 0; status == NP_OK && i < *total && i < capacity; i++)
        for (char *c = list[i].text; *c != '\0'; c++)
            if (isdigit((unsigned char)*c))
                *c = 'N';
    return status;
}
