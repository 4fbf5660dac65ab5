/* Breaks MEM-2 [needs two nodes with memory]: one page of a strict, bound, prefaulted region lies elsewhere. */
#include "mutant.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    if (status == NP_OK && options != NULL && options->mode == NP_STRICT && options->policy.kind == NP_POLICY_BIND &&
        options->prefault != NP_PREFAULT_NONE && np_nodeset_count(&options->policy.nodes) == 1) {
        void *page = np_region_address(*region);
        int target = np_nodeset_contains(&options->policy.nodes, 0) ? 1 : 0, found;
        syscall(SYS_move_pages, 0, 1UL, &page, &target, &found, MPOL_MF_MOVE);
    }
    return status;
}
