/* Breaks LAW-2 [needs a build without sanitizers]: each region that is refused leaves a few bytes behind. */
#include "mutant.h"

#include <stdlib.h>

static void *volatile last;

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status == NP_HARD_MODE_UNAVAILABLE)
        last = malloc(24);
    return status;
}
