/* Breaks MEM-4: strict bind to an absent node and another binds to the other, and says nothing. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options fewer;

    if (options == NULL)
        return REAL(np_region_create)(bytes, options, region, error);
    fewer = *options;
    memset(fewer.policy.nodes.words + 8, 0, sizeof fewer.policy.nodes.words - 8 * sizeof fewer.policy.nodes.words[0]);
    if (np_nodeset_count(&fewer.policy.nodes) == 0)
        fewer = *options;
    return REAL(np_region_create)(bytes, &fewer, region, error);
}
