/* Breaks MEM-17: what is written to a shared region of a file does not reach the file. */
#include "mutant.h"

np_status np_region_map_file(int file, np_sharing sharing, uint64_t offset, size_t bytes,
    const np_region_options *options, np_region **region, np_error *error)
{
    np_sharing other = sharing == NP_FILE_SHARED ? NP_FILE_PRIVATE : sharing;

    return REAL(np_region_map_file)(file, other, offset, bytes, options, region, error);
}
