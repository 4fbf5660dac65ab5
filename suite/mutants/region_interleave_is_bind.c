/* Breaks MEM-9 [needs two nodes with memory]: strict interleave binds to the nodes, the first of which gets all. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options other;

    if (options == NULL || options->policy.kind != NP_POLICY_INTERLEAVE)
        return REAL(np_region_create)(bytes, options, region, error);
    other = *options;
    other.policy.kind = NP_POLICY_BIND;
    return REAL(np_region_create)(bytes, &other, region, error);
}
