/* Breaks MEM-17 [needs two nodes with memory]: a strict region of a file is of the node of whoever maps it. */
#include "mutant.h"

np_status np_region_map_file(int file, np_sharing sharing, uint64_t offset, size_t bytes,
    const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options other;

    if (options == NULL || options->policy.kind != NP_POLICY_BIND || options->mode != NP_STRICT ||
        options->prefault == NP_PREFAULT_NONE)
        return REAL(np_region_map_file)(file, sharing, offset, bytes, options, region, error);
    other = *options;
    memset(&other.policy.nodes, 0, sizeof other.policy.nodes);
    np_nodeset_add(&other.policy.nodes, 0, NULL);
    return REAL(np_region_map_file)(file, sharing, offset, bytes, &other, region, error);
}
