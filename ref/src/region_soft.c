/*
 * Placing a region softly: something usable, and the truth about it.
 *
 * A soft bind is not the kernel's MPOL_BIND, which kills where it finds no room, but the policy that fills the nodes and
 * then goes elsewhere. Nothing that the machine lacks makes a soft region fail (LAW-3): nodes that cannot be used are
 * left out and named, a forbidden mbind leaves the region without a policy, and says so. What does make it fail is
 * memory that is not there at all (MEM-16).
 */
#include "error_internal.h"
#include "region_internal.h"
#include "text.h"
#include <errno.h>
#include <numaif.h>
#include <string.h>

/* The errno with which the kernel would not take the policy, 0 where it did; region->standing says what stands. */
static int set_policy(np_region *region)
{
    np_nodeset usable = region->home, allowed;
    if (memory_allowed_nodes(&allowed) == 0)
        np_nodeset_intersection(&usable, &allowed, &usable, NULL);
    const int kind = region->options.policy.kind;
    if (kind != NP_POLICY_LOCAL && np_nodeset_count(&usable) == 0)
        return EINVAL;
    if (kind == NP_POLICY_BIND || kind == NP_POLICY_PREFERRED)
        return region_prefer(region, &usable);
    struct memory_policy policy = {.mode = MPOL_LOCAL};
    if (kind == NP_POLICY_INTERLEAVE)
        policy = (struct memory_policy){.mode = MPOL_INTERLEAVE, .nodes = usable};
    const int problem = memory_set_policy(region->address, region->mapped_bytes, &policy);
    if (problem == 0)
        region->standing.policy = policy;
    return problem;
}

static void describe_policy(struct text *why, const np_region *region, const struct memory_policy *found)
{
    np_nodeset allowed, missing;
    text_add(why, "soft mode: %s", region->lacks);
    if (memory_allowed_nodes(&allowed) == 0 && !np_nodeset_subset(&region->options.policy.nodes, &allowed)) {
        np_nodeset_difference(&region->options.policy.nodes, &allowed, &missing, NULL);
        text_add(why, "%s; ", region_explain_nodes(&missing, &allowed).text);
    }
    if (region->policy_errno != 0 && region->policy_errno != EINVAL)
        text_add(why, "%smbind(2) failed (%s); ",
            region_is_forbidden(region->policy_errno) ? "permission denied: " : "",
            strerrordesc_np(region->policy_errno));
    if (found->mode == MPOL_DEFAULT)
        text_add(why, "no policy stands on the range");
    else if (!memory_policy_equal(found, &region->standing.policy))
        text_add(why, "the policy of the range, or of a part of it, was changed");
    else if (found->mode == MPOL_LOCAL)
        text_add(
            why, "pages are taken from the node of whoever touches them first, and elsewhere where it has no room");
    else
        text_add(
            why, "pages are taken from %s, and elsewhere where it has no room", region_name_nodes(&found->nodes).text);
}

void region_describe_soft(const np_region *region, const struct memory_policy *found, const np_placement *placement,
    np_enforcement *enforcement)
{
    char reason[sizeof enforcement->reason];
    struct text why = text_into(reason, sizeof reason);
    describe_policy(&why, region, found);
    if (placement != NULL && placement->outside > 0)
        text_add(&why, "; %llu of %llu pages lie outside %s (%s)", (unsigned long long)placement->outside,
            (unsigned long long)placement->pages, region_name_nodes(&region->home).text,
            region_name_strays(region, placement).text);
    else if (placement != NULL && placement->absent == 0 && np_nodeset_count(&region->home) > 0)
        text_add(&why, "; all %llu pages lie on %s", (unsigned long long)placement->pages,
            region_name_nodes(&region->home).text);
    enforce(enforcement, found->mode == MPOL_DEFAULT ? NP_LEVEL_NONE : NP_LEVEL_BEST_EFFORT, "%s", reason);
}

/*
 * Whether all pages lie at home, as one walk of the page tables tells; where it does not say so they are counted, page by
 * page. @placement has the counts then, or else only the sums. False where nothing is known.
 */
static bool look(const np_region *region, np_placement *placement)
{
    const struct memory_policy *standing = &region->standing.policy;
    const bool walk_tells = standing->mode != MPOL_DEFAULT && standing->mode != MPOL_LOCAL &&
                            np_nodeset_subset(&standing->nodes, &region->home);
    if (walk_tells && memory_check_policy(region->address, region->mapped_bytes, standing) == 0) {
        memset(placement, 0, sizeof *placement);
        placement->page_bytes = region->page_bytes;
        placement->pages = region_pages(region);
        return true;
    }
    return region_count(region, placement) == 0;
}

/* Local means the node that the maker is on as it begins; it may be moved while it touches, and then the count tells. */
static void find_home(np_region *region)
{
    unsigned node = 0;
    if (region->options.policy.kind == NP_POLICY_LOCAL && region_prefaults(region) && memory_current_node(&node) == 0)
        np_nodeset_add(&region->home, node, NULL);
}

static np_status place(np_region *region, np_error *error)
{
    np_status status = region->file.shared ? NP_OK : region_require_memory(region, 0, error);
    if (status != NP_OK)
        return status;
    int problem = region_reserve(region);
    if (problem != 0)
        return region_fail_mapping(region, problem, error);
    status = region_require_of_mapping(region, error);
    if (status != NP_OK)
        return status;
    region->policy_errno = set_policy(region);
    problem = region_open(region);
    if (problem != 0)
        return region_fail_mapping(region, problem, error);
    status = region_lock(region, error);
    if (status != NP_OK || !region_prefaults(region))
        return status;
    struct memory_policy own;
    if (!region_is_endangered(region, &own))
        return region_prefault(region, error);
    text_add(&region->lacking, "not made present, as the calling thread is bound to %s, without room; ",
        region_name_nodes(&own.nodes).text);
    return NP_OK;
}

np_status region_place_softly(np_region *region, np_error *error)
{
    find_home(region);
    const bool replaceable = region_is_huge(region) && region->file.descriptor < 0;
    np_status status = place(region, replaceable ? NULL : error);
    if (status != NP_OK && replaceable) {
        region_use_ordinary_pages(region);
        status = place(region, error);
    }
    if (status != NP_OK)
        return status;
    /* What a file had elsewhere can only be moved, and stays where it is where others map it too. */
    if (region->file.shared && region_prefaults(region) && region->standing.policy.mode != MPOL_DEFAULT)
        memory_enforce_policy(region->address, region->mapped_bytes, &region->standing.policy);
    np_placement placement;
    const bool known = region_prefaults(region) && look(region, &placement);
    region_describe_soft(region, &region->standing.policy, known ? &placement : NULL, &region->enforcement);
    return NP_OK;
}
