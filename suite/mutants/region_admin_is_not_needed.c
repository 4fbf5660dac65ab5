/* Breaks MEM-6: a strict region without CAP_SYS_ADMIN is made all the same. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status != NP_HARD_MODE_UNAVAILABLE || error == NULL || strstr(error->reason, "CAP_SYS_ADMIN") == NULL)
        return status;
    np_region_options softly = *options;
    softly.mode = NP_SOFT;
    return REAL(np_region_create)(bytes, &softly, region, error);
}
