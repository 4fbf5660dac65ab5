/*
 * Placing a region strictly: the guarantee, or a refusal.
 *
 * Linux makes this harder than it looks. A touch of a page whose policy is MPOL_BIND, when its nodes are full, is not an
 * error: the kernel kills a process ("constraint MEMORY_POLICY"), most likely this one, and MADV_POPULATE_WRITE is no
 * different. So a strict region is never filled while it is bound. It is placed softly, under a policy that would rather
 * go elsewhere than die; then it is *sealed*: bound with MPOL_MF_STRICT, which fails, in one walk of the page tables, if
 * any page went elsewhere. Pages that did are moved in where that is possible: a node is rarely filled to its last
 * page, and the kernel makes room for a page that it moves by dropping page cache, and never by killing. What is still
 * outside then is a refusal with the bytes (MEM-5). Whoever else may be filling the node at the same time, this ends in a
 * region that is where it should be, or in an error.
 *
 * Preferred and local are sealed as bind is, and loosened afterwards: what they promise is where the pages are (MEM-10).
 */
#include "error_internal.h"
#include "hard_mode.h"
#include "linux.h"
#include "region_internal.h"
#include <errno.h>
#include <numaif.h>
#include <string.h>

/* Each finds the kernel at moving a page with a chance of one in hundreds, even while all memory is compacted. */
#define SEAL_ATTEMPTS 20

/* The policies that promise a node only once the pages exist. */
static np_status refuse_without_prefault(const np_region *region, np_error *error)
{
    static const char *const names[] = {
        [NP_POLICY_LOCAL] = "local", [NP_POLICY_PREFERRED] = "preferred", [NP_POLICY_INTERLEAVE] = "interleave"};
    if (region->options.policy.kind == NP_POLICY_BIND || region_prefaults(region))
        return NP_OK;
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
        "policy %s without prefault lets the kernel put each page anywhere when it is touched: ask for prefault, or for"
        " bind",
        names[region->options.policy.kind]);
}

/* Local is the node of the calling thread, and stays it only while the thread cannot leave it. */
static np_status find_local_home(np_region *region, np_error *error)
{
    unsigned node = 0;
    int problem = memory_current_node(&node);
    if (problem != 0)
        return region_refuse_call("getcpu(2)", problem, error);
    np_cpuset affinity, cpus;
    problem = linux_get_affinity(0, &affinity);
    if (problem != 0)
        return region_refuse_call("sched_getaffinity(2)", problem, error);
    problem = linux_node_cpus(node, &cpus);
    if (problem != 0)
        return region_refuse_call("reading the node's list of CPUs in sysfs", problem, error);
    if (!np_cpuset_subset(&affinity, &cpus))
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
            "policy local, and the calling thread may run on CPUs %s, which are not all of one node: pin it within a"
            " node first (it is on node %u now, which has %s)",
            cpus_in_words(&affinity).text, node, cpus_in_words(&cpus).text);
    np_nodeset_clear(&region->home);
    return np_nodeset_add(&region->home, node, error);
}

static np_status require_usable_nodes(const np_region *region, np_error *error)
{
    np_nodeset allowed;
    const int problem = memory_allowed_nodes(&allowed);
    if (problem != 0)
        return region_refuse_call("get_mempolicy(2)", problem, error);
    if (np_nodeset_subset(&region->home, &allowed))
        return NP_OK;
    return fail(
        error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION, "%s", region_explain_nodes(&region->home, &allowed).text);
}

/* What can only be said of a shared file once it is mapped: how much of it is in memory, and so is not to come. */
static np_status require_of_file(const np_region *region, np_error *error)
{
    if (!region->file.shared)
        return NP_OK;
    if (!region_prefaults(region) && region_bytes_to_come(region, 0) < region->mapped_bytes)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
            "the file has pages in memory already, which lie where they lie until they are looked at: ask for "
            "prefault");
    struct memory_policy own;
    if (region_prefaults(region) && region_is_in_page_cache(region) && region_is_endangered(region, &own))
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
            "%zu bytes asked of the page cache, which would be read under the calling thread's own policy, bound to %s"
            " without room for them",
            region->bytes, region_name_nodes(&own.nodes).text);
    return region_require_room(region, error);
}

static np_status set_policy(np_region *region, np_error *error)
{
    const bool interleave = region->options.policy.kind == NP_POLICY_INTERLEAVE;
    region->standing.policy = (struct memory_policy){.mode = MPOL_INTERLEAVE, .nodes = region->home};
    const int problem = interleave ? memory_set_policy(region->address, region->mapped_bytes, &region->standing.policy)
                                   : region_prefer(region, &region->home);
    /*
     * Huge and small pages mixed would not come out even, and later the kernel may make one huge page of many small
     * ones (khugepaged), on one node. A kernel that has no huge pages says EINVAL.
     */
    if (interleave && region->unit_bytes < TRANSPARENT_HUGE_BYTES)
        memory_advise_huge(region->address, region->mapped_bytes, false);
    return problem == 0 ? NP_OK : region_refuse_call("mbind(2)", problem, error);
}

static np_status place(np_region *region, np_error *error)
{
    int problem = region_reserve(region);
    if (problem != 0)
        return region_fail_mapping(region, problem, error);
    np_status status = region_require_of_mapping(region, error);
    if (status == NP_OK)
        status = require_of_file(region, error);
    if (status == NP_OK)
        status = set_policy(region, error);
    if (status != NP_OK)
        return status;
    problem = region_open(region);
    if (problem != 0)
        return region_fail_mapping(region, problem, error);
    status = region_lock(region, error);
    return status == NP_OK && region_prefaults(region) ? region_prefault(region, error) : status;
}

/* Set a policy that all pages obey, with those outside moved in where @movable. EIO: some lie outside. */
static int set_obeyed(const np_region *region, const struct memory_policy *policy, bool movable)
{
    const int problem = memory_check_policy(region->address, region->mapped_bytes, policy);
    return problem == EIO && movable ? memory_enforce_policy(region->address, region->mapped_bytes, policy) : problem;
}

static bool none_is_outside(const np_region *region)
{
    np_placement placement;
    return region_count(region, &placement) == 0 && placement.outside == 0;
}

/*
 * The same, and EIO is believed only where a page is seen outside: mbind says it also of a page that the kernel is just
 * moving for reasons of its own (since Linux 6.7; before, only of a transparent huge page). The count waits for the end
 * of that.
 */
static int set_obeyed_in_the_end(const np_region *region, const struct memory_policy *policy, bool movable)
{
    int problem = set_obeyed(region, policy, movable);
    for (int attempt = 1; problem == EIO && attempt < SEAL_ATTEMPTS && none_is_outside(region); attempt++)
        problem = set_obeyed(region, policy, movable);
    return problem;
}

static np_status seal(np_region *region, np_error *error)
{
    const struct memory_policy bound = {.mode = MPOL_BIND, .nodes = region->home};
    int problem = set_obeyed_in_the_end(region, &bound, !region_is_huge(region));
    if (problem == EIO || problem == ENOMEM)
        return region_refuse_strays(region, error);
    region->standing.policy = bound;
    if (problem == 0 && region->options.policy.kind != NP_POLICY_BIND) {
        region->standing.policy.mode = MPOL_PREFERRED;
        problem = set_obeyed_in_the_end(region, &region->standing.policy, false);
        if (problem == EIO)
            return region_refuse_strays(region, error);
    }
    return problem == 0 ? NP_OK : region_refuse_call("mbind(2)", problem, error);
}

bool region_shares_are_even(const np_region *region, const np_placement *placement)
{
    uint64_t least = UINT64_MAX, most = 0;
    for (int node = np_nodeset_first(&region->home); node >= 0; node = np_nodeset_next(&region->home, node)) {
        const uint64_t share = placement->on_node[node];
        least = share < least ? share : least;
        most = share > most ? share : most;
    }
    return (most - least) * placement->page_bytes <= region->unit_bytes;
}

static np_status require_even_shares(np_region *region, np_error *error)
{
    np_placement placement;
    const int problem = region_count(region, &placement);
    if (problem != 0)
        return region_refuse_call("move_pages(2)", problem, error);
    if (placement.outside > 0)
        return region_refuse_strays(region, error);
    if (placement.absent == 0 && region_shares_are_even(region, &placement))
        return NP_OK;
    return region_refuse_uneven(region, error);
}

/* The guarantee read back through the calls that anybody can check it with: what is strict can be verified again (LAW-9). */
static np_status read_back(const np_region *region, np_error *error)
{
    struct memory_policy found;
    int problem = memory_get_policy(region->address, &found);
    if (problem != 0)
        return region_refuse_call("get_mempolicy(2)", problem, error);
    if (!memory_policy_equal(&found, &region->standing.policy))
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
            "the kernel's policy reads back as mode %d on nodes %s instead of mode %d on nodes %s: the cpuset changed"
            " meanwhile",
            found.mode, nodes_in_words(&found.nodes).text, region->standing.policy.mode,
            nodes_in_words(&region->standing.policy.nodes).text);
    int node = 0;
    problem = memory_locate(region->address, region->page_bytes, 1, &node);
    return problem == 0 ? NP_OK : region_refuse_call("move_pages(2)", problem, error);
}

/* All that can be said without changing anything. */
static np_status require_all(np_region *region, np_error *error)
{
    np_status status = hard_mode_require(HARD_REGION_NEEDS, REGION_OPERATION, error);
    if (status == NP_OK)
        status = refuse_without_prefault(region, error);
    if (status == NP_OK && region->options.policy.kind == NP_POLICY_LOCAL)
        status = find_local_home(region, error);
    if (status == NP_OK)
        status = require_usable_nodes(region, error);
    if (status == NP_OK && !region_prefaults(region))
        status = region_refuse_untouched(region, error);
    if (status != NP_OK || region->file.shared)
        return status;
    status = region_require_memory(region, 0, error);
    return status == NP_OK ? region_require_room(region, error) : status;
}

np_status region_place_strictly(np_region *region, np_error *error)
{
    np_status status = require_all(region, error);
    if (status == NP_OK)
        status = place(region, error);
    if (status == NP_OK)
        status = region->options.policy.kind == NP_POLICY_INTERLEAVE ? require_even_shares(region, error)
                                                                     : seal(region, error);
    if (status == NP_OK)
        status = read_back(region, error);
    if (status == NP_OK)
        enforce_strict(&region->enforcement);
    return status;
}
