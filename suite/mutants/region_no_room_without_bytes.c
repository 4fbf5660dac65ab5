/* Breaks MEM-5 [needs two nodes with memory]: the refusal for want of room names no bytes. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status == NP_HARD_MODE_UNAVAILABLE && error != NULL && strstr(error->reason, "bytes") != NULL)
        strcpy(error->reason, "there is no room on the node");
    return status;
}
