/*
 * The life of a region: made, asked, released.
 *
 * A region is one mapping and one record. It is made in the order that keeps the process whole (LAW-2): first all that can
 * be checked without changing anything, then the mapping, then its policy and its pages; whatever fails after the mapping
 * is undone by unmapping it, which is all that there is to undo, since neither the thread's policy nor its affinity is
 * ever touched (MEM-13).
 */
#include "error_internal.h"
#include "region_internal.h"
#include <assert.h>
#include <errno.h>
#include <numaif.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static_assert(sizeof(np_policy) == 136, "the policy is pinned");
static_assert(sizeof(np_region_options) == 160, "the options are pinned");

/* The kernel has no address space, or no right to it, for the region: what it could have, as far as it says. */
static np_status fail_mapping(const np_region *region, int problem, np_error *error)
{
    struct rlimit space = {.rlim_cur = RLIM_INFINITY};
    getrlimit(RLIMIT_AS, &space);
    if (problem == EAGAIN)
        return fail(error, NP_ALLOCATION, problem, REGION_OPERATION,
            "%zu bytes asked, and this process locks all that it maps (mlockall) within RLIMIT_MEMLOCK, which has no "
            "room",
            region->bytes);
    if (space.rlim_cur != RLIM_INFINITY)
        return fail(error, NP_ALLOCATION, problem, REGION_OPERATION,
            "%zu bytes asked, and the kernel does not map them: %s; the process's address space is limited to %llu "
            "bytes"
            " (RLIMIT_AS)",
            region->bytes, strerrordesc_np(problem), (unsigned long long)space.rlim_cur);
    return fail(error, NP_ALLOCATION, problem, REGION_OPERATION,
        "%zu bytes asked, and the kernel does not map them: %s; no such address space, or more than memory and"
        " vm.overcommit_memory allow",
        region->bytes, strerrordesc_np(problem));
}

np_status region_reserve(np_region *region, np_error *error)
{
    void *address = NULL;
    const int problem = memory_reserve(region->mapped_bytes, &address);
    if (problem != 0)
        return fail_mapping(region, problem, error);
    region->address = address;
    return NP_OK;
}

np_status region_open(np_region *region, np_error *error)
{
    const int problem = memory_open(region->address, region->mapped_bytes);
    return problem == 0 ? NP_OK : fail_mapping(region, problem, error);
}

int region_prefer(np_region *region, const np_nodeset *nodes, struct memory_policy *policy)
{
    /*
     * MPOL_PREFERRED_MANY is Linux 5.15. What comes nearest before it: for one node MPOL_PREFERRED; for several,
     * interleaving, which also starts on the nodes and goes elsewhere where one is full.
     */
    const int modes[] = {MPOL_PREFERRED_MANY, np_nodeset_count(nodes) == 1 ? MPOL_PREFERRED : MPOL_INTERLEAVE};
    int problem = 0;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        const struct memory_policy candidate = {.mode = modes[i], .nodes = *nodes};
        problem = memory_set_policy(region->address, region->mapped_bytes, &candidate);
        if (problem == 0)
            *policy = candidate;
        if (problem != EINVAL)
            return problem;
    }
    return problem;
}

bool region_is_forbidden(int system_errno)
{
    return system_errno == EPERM || system_errno == EACCES || system_errno == ENOSYS;
}

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    if (region == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "no place for the region was given (NULL)");
    np_region *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, NP_ALLOCATION, ENOMEM, REGION_OPERATION, "no memory for the region's own record");
    np_status status = region_request(made, bytes, options, error);
    if (status == NP_OK)
        status =
            made->options.mode == NP_STRICT ? region_place_strictly(made, error) : region_place_softly(made, error);
    if (status != NP_OK) {
        np_region_release(made);
        return status;
    }
    *region = made;
    return NP_OK;
}

np_status np_region_allocate(size_t bytes, const np_policy *policy, np_region **region, np_error *error)
{
    if (policy == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "no policy was given (NULL)");
    np_region_options options;
    np_region_options_init(&options);
    options.policy = *policy;
    return np_region_create(bytes, &options, region, error);
}

void np_region_release(np_region *region)
{
    if (region == NULL)
        return;
    if (region->address != NULL)
        memory_unmap(region->address, region->mapped_bytes);
    free(region);
}

void *np_region_address(const np_region *region)
{
    return region != NULL ? region->address : NULL;
}

size_t np_region_bytes(const np_region *region)
{
    return region != NULL ? region->bytes : 0;
}

np_status np_region_enforcement(const np_region *region, np_enforcement *enforcement, np_error *error)
{
    if (region == NULL || enforcement == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "no region, or no place for its level (NULL)");
    *enforcement = region->enforcement;
    return NP_OK;
}
