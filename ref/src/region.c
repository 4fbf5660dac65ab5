/*
 * The life of a region: made, asked, released.
 *
 * A region is one mapping and one record. It is made in the order that keeps the process whole (LAW-2): first all that can
 * be checked without changing anything, then the mapping, then its policy and its pages; whatever fails after the mapping
 * is undone by unmapping it, which is nearly all that there is to undo, since neither the thread's policy nor its affinity is
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
np_status region_fail_mapping(const np_region *region, int problem, np_error *error)
{
    if (region->file.descriptor >= 0 && problem != ENOMEM && problem != EAGAIN)
        return fail(error, NP_INVALID_ARGUMENT, problem, REGION_OPERATION,
            "the file descriptor %d cannot be mapped for reading and writing: %s", region->file.descriptor,
            strerrordesc_np(problem));
    if (region_is_huge(region))
        return region_fail_huge(region, problem, error);
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

int region_reserve(np_region *region)
{
    const bool huge = region->options.huge_pages == NP_HUGE_PAGES_TRANSPARENT_ON;
    const struct memory_mapping mapping = {
        .bytes = region->mapped_bytes,
        .huge_bytes = region->file.descriptor < 0 && region_is_huge(region) ? region->page_bytes : 0,
        .alignment = huge && region->mapped_bytes >= TRANSPARENT_HUGE_BYTES ? TRANSPARENT_HUGE_BYTES : 0,
        .file = region->file.descriptor,
        .shared = region->file.shared,
        .offset = region->file.offset,
    };
    void *address = NULL;
    const int problem = memory_reserve(&mapping, &address);
    if (problem != 0)
        return problem;
    region->address = address;
    if (region->file.shared)
        memory_get_policy(address, &region->former);
    return 0;
}

int region_open(np_region *region)
{
    /* A kernel without transparent huge pages says EINVAL, and has already what "off" asks for. */
    if (region->options.huge_pages == NP_HUGE_PAGES_TRANSPARENT_ON)
        memory_advise_huge(region->address, region->mapped_bytes, true);
    else if (region->options.huge_pages == NP_HUGE_PAGES_TRANSPARENT_OFF)
        memory_advise_huge(region->address, region->mapped_bytes, false);
    return memory_open(region->address, region->mapped_bytes);
}

void region_unmap(np_region *region)
{
    if (region->address != NULL)
        memory_unmap(region->address, region->mapped_bytes);
    region->address = NULL;
}

/* The policy of a shared file in memory is the file's own, and outlives the mapping: put back what stood there (LAW-2). */
static void undo(np_region *region)
{
    if (region->address != NULL && region->file.shared && region->file.in_memory)
        memory_set_policy(region->address, region->mapped_bytes, &region->former);
    region_unmap(region);
    free(region);
}

int region_prefer(np_region *region, const np_nodeset *nodes)
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
            region->standing.policy = candidate;
        if (problem != EINVAL)
            return problem;
    }
    return problem;
}

bool region_is_forbidden(int system_errno)
{
    return system_errno == EPERM || system_errno == EACCES || system_errno == ENOSYS;
}

np_status region_make(np_region *made, np_region **region, np_error *error)
{
    const np_status status =
        made->options.mode == NP_STRICT ? region_place_strictly(made, error) : region_place_softly(made, error);
    if (status == NP_OK)
        *region = made;
    else
        undo(made);
    return status;
}

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    if (region == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "no place for the region was given (NULL)");
    np_region *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, NP_ALLOCATION, ENOMEM, REGION_OPERATION, "no memory for the region's own record");
    const np_status status = region_request(made, bytes, options, error);
    if (status == NP_OK)
        return region_make(made, region, error);
    free(made);
    return status;
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
    region_unmap(region);
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
