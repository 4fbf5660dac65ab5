/* Breaks MEM-1: a prefaulted region is zeroed but for its last byte. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status == NP_OK && options != NULL && options->prefault != NP_PREFAULT_NONE)
        ((char *)np_region_address(*region))[bytes - 1] = 1;
    return status;
}
