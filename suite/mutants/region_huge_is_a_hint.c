/* Breaks MEM-11: strict with huge pages that are not to be had is made of ordinary pages. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);
    np_region_options other;

    if (status != NP_HARD_MODE_UNAVAILABLE || options->huge_pages < NP_HUGE_PAGES_2MIB)
        return status;
    other = *options;
    other.huge_pages = NP_HUGE_PAGES_NONE;
    return REAL(np_region_create)(bytes, &other, region, error);
}
