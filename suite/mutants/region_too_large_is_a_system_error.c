/* Breaks MEM-16: more than the address space is an unforeseen error of the system. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status != NP_ALLOCATION)
        return status;
    if (error != NULL)
        error->code = NP_SYSTEM;
    return NP_SYSTEM;
}
