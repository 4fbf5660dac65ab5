/* Breaks MEM-10: strict preferred without prefault is made, as if the kernel had to keep it. */
#include "mutant.h"

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options other;

    if (options == NULL || options->mode != NP_STRICT || options->policy.kind != NP_POLICY_PREFERRED ||
        options->prefault != NP_PREFAULT_NONE)
        return REAL(np_region_create)(bytes, options, region, error);
    other = *options;
    other.policy.kind = NP_POLICY_BIND;
    return REAL(np_region_create)(bytes, &other, region, error);
}
