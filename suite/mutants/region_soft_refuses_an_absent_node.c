/* Breaks MEM-8: a soft region bound to an absent node is refused. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    if (options != NULL && options->mode == NP_SOFT && options->policy.kind == NP_POLICY_BIND &&
        np_nodeset_next(&options->policy.nodes, 511) >= 0) {
        np_region_options strictly = *options;
        strictly.mode = NP_STRICT;
        return REAL(np_region_create)(bytes, &strictly, region, error);
    }
    return REAL(np_region_create)(bytes, options, region, error);
}
