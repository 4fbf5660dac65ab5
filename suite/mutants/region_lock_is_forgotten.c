/* Breaks MEM-14 [needs CAP_IPC_LOCK or hard mode, and no sanitizer]: nothing is ever locked. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options other;

    if (options == NULL)
        return REAL(np_region_create)(bytes, options, region, error);
    other = *options;
    other.lock = 0;
    return REAL(np_region_create)(bytes, &other, region, error);
}
