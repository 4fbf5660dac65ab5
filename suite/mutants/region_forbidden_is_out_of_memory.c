/* Breaks MEM-7: a forbidden policy call is reported as want of memory. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status != NP_HARD_MODE_UNAVAILABLE || error == NULL || strstr(error->reason, "mbind") == NULL)
        return status;
    error->code = NP_ALLOCATION;
    return NP_ALLOCATION;
}
