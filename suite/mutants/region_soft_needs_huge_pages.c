/* Breaks MEM-11: soft is refused where there are no huge pages. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);
    np_enforcement enforcement;

    if (status != NP_OK || options == NULL || options->huge_pages < NP_HUGE_PAGES_2MIB ||
        np_region_enforcement(*region, &enforcement, NULL) != NP_OK || strstr(enforcement.reason, "huge") == NULL)
        return status;
    np_region_release(*region);
    *region = NULL;
    if (error != NULL)
        *error = (np_error){.code = NP_ALLOCATION, .operation = "region", .reason = "no huge pages"};
    return NP_ALLOCATION;
}
