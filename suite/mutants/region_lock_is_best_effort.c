/* Breaks MEM-14 [needs hard mode, and no sanitizer]: a strict region that cannot be locked is made without. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);
    np_region_options other;

    if (status != NP_HARD_MODE_UNAVAILABLE || options->lock == 0)
        return status;
    other = *options;
    other.lock = 0;
    return REAL(np_region_create)(bytes, &other, region, error);
}
