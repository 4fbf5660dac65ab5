/* Breaks MEM-15: verify counts pages that are not there as pages of the first node. */
#include "mutant.h"

np_status np_region_verify(const np_region *region, np_placement *placement, np_enforcement *present, np_error *error)
{
    np_status status = REAL(np_region_verify)(region, placement, present, error);

    if (status == NP_OK && placement != NULL) {
        placement->on_node[0] += placement->absent;
        placement->absent = 0;
    }
    return status;
}
