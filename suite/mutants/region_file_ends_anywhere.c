/* Breaks MEM-17: a range past the end of the file is an error of the system, found by accident. */
#include "mutant.h"

np_status np_region_map_file(int file, np_sharing sharing, uint64_t offset, size_t bytes,
    const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_map_file)(file, sharing, offset, bytes, options, region, error);

    if (status != NP_INVALID_ARGUMENT || error == NULL || strstr(error->reason, "past its end") == NULL)
        return status;
    error->code = NP_SYSTEM;
    return NP_SYSTEM;
}
