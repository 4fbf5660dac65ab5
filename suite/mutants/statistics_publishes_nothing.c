/* Breaks STAT-4 [needs PAPI]: publishing succeeds, and no event can be found. */
#include "mutant.h"

np_status np_statistics_publish(
    const np_executor *executor, const char *name, np_publication **publication, np_error *error)
{
    (void)name;
    (void)error;
    *publication = (np_publication *)(uintptr_t)executor;
    return NP_OK;
}

void np_statistics_unpublish(np_publication *publication)
{
    (void)publication;
}
