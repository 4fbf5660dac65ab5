/* Breaks MEM-3: strict bind without prefault only prefers the node. */
#include "mutant.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status == NP_OK && options != NULL && options->mode == NP_STRICT && options->policy.kind == NP_POLICY_BIND &&
        options->prefault == NP_PREFAULT_NONE)
        syscall(SYS_mbind, np_region_address(*region), (bytes + 4095) & ~4095UL, MPOL_PREFERRED,
            options->policy.nodes.words, NP_NODE_MAX + 1UL, 0);
    return status;
}
