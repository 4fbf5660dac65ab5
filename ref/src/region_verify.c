/*
 * Looking where the pages of a region are, and what its level is now (MEM-15, LAW-9).
 *
 * Two looks, one cheap and one that counts. The cheap one is the kernel's own walk of the page tables: mbind with
 * MPOL_MF_STRICT and the very policy that stands already changes nothing, and fails if a page lies outside. It goes
 * slice by slice, because the kernel holds the lock of the address space, and with it every page fault of the process,
 * while it walks. The look that counts asks for each page with move_pages, which names the node; it is taken when the
 * caller wants the counts, or the cheap one has found something.
 */
#include "error_internal.h"
#include "linux.h"
#include "region_internal.h"
#include "text.h"
#include <numaif.h>
#include <string.h>

#define SLICE_BYTES ((size_t)64 << 20)

int region_count(const np_region *region, np_placement *placement)
{
    const size_t pages = region->mapped_bytes / region->page_bytes;
    const bool anywhere = np_nodeset_count(&region->home) == 0;
    memset(placement, 0, sizeof *placement);
    placement->page_bytes = region->page_bytes;
    placement->pages = pages;
    for (size_t done = 0; done < pages; done += MEMORY_LOCATE_MAX) {
        int nodes[MEMORY_LOCATE_MAX];
        const size_t count = pages - done < MEMORY_LOCATE_MAX ? pages - done : MEMORY_LOCATE_MAX;
        const int problem =
            memory_locate(region->address + done * region->page_bytes, region->page_bytes, count, nodes);
        if (problem != 0)
            return problem;
        for (size_t i = 0; i < count; i++) {
            if (nodes[i] < 0 || nodes[i] >= NP_NODE_MAX) {
                placement->absent++;
                continue;
            }
            placement->on_node[nodes[i]]++;
            if (!anywhere && !np_nodeset_contains(&region->home, (unsigned)nodes[i]))
                placement->outside++;
        }
    }
    return 0;
}

/* True where every page is present, or comes back where it belongs, and none lies outside, at the price of a walk. */
static bool all_is_well_at_a_glance(const np_region *region)
{
    if (region->standing.mode != MPOL_BIND && region->standing.mode != MPOL_PREFERRED)
        return false;
    for (size_t done = 0; done < region->mapped_bytes; done += SLICE_BYTES) {
        const size_t left = region->mapped_bytes - done;
        if (memory_check_policy(region->address + done, left < SLICE_BYTES ? left : SLICE_BYTES, &region->standing) !=
            0)
            return false;
    }
    bool present = false;
    return region->standing.mode == MPOL_BIND ||
           (memory_all_present(region->address, region->mapped_bytes, &present) == 0 && present);
}

static void describe_policy(struct text *why, const struct memory_policy *found)
{
    if (found->mode == MPOL_DEFAULT)
        text_add(why, "the policy of the range, or of a part of it, is gone");
    else
        text_add(why, "the policy of the range, or of a part of it, was changed (kernel mode %d, nodes %s)",
            found->mode, nodes_in_words(&found->nodes).text);
}

static void describe_pages(struct text *why, const np_region *region, const np_placement *placement)
{
    const char *comma = why->length > 0 ? "; " : "";
    if (placement->outside > 0)
        text_add(why, "%s%llu of %llu pages lie outside %s (%s)", comma, (unsigned long long)placement->outside,
            (unsigned long long)placement->pages, region_name_nodes(&region->home).text,
            region_name_strays(region, placement).text);
    else if (placement->absent > 0 && region->standing.mode != MPOL_BIND)
        text_add(why, "%s%llu of %llu pages are not present, and may come back elsewhere", comma,
            (unsigned long long)placement->absent, (unsigned long long)placement->pages);
    else if (region->standing.mode == MPOL_INTERLEAVE && !region_shares_are_even(region, placement))
        text_add(why, "%sthe nodes' shares are no longer even", comma);
}

/* What is wrong with a strict region now; nothing is if @why stays empty. @placement NULL: its pages are known to be well. */
static np_level judge_strict(
    const np_region *region, const struct memory_policy *found, const np_placement *placement, struct text *why)
{
    if (!memory_policy_equal(found, &region->standing))
        describe_policy(why, found);
    if (placement != NULL)
        describe_pages(why, region, placement);
    const struct linux_balancing balancing = linux_numa_balancing();
    if (balancing.enabled)
        text_add(why, "%sNUMA balancing is enabled: kernel.numa_balancing reads %s", why->length > 0 ? "; " : "",
            balancing.found);
    if (why->length == 0)
        return NP_LEVEL_STRICT;
    return found->mode == MPOL_DEFAULT ? NP_LEVEL_NONE : NP_LEVEL_BEST_EFFORT;
}

np_status np_region_verify(const np_region *region, np_placement *placement, np_enforcement *present, np_error *error)
{
    if (region == NULL || (placement == NULL && present == NULL))
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "no region was given, or no place for what is found of it (NULL)");

    struct memory_policy found = region->standing;
    int problem = memory_range_policy(region->address, region->mapped_bytes, &region->standing, &found);
    if (problem != 0)
        return fail(error, NP_SYSTEM, problem, REGION_OPERATION, "the kernel does not tell the range's policy: %s",
            strerrordesc_np(problem));
    np_placement counted;
    const bool strict = region->options.mode == NP_STRICT;
    const bool counting = placement != NULL || !strict || !memory_policy_equal(&found, &region->standing) ||
                          !all_is_well_at_a_glance(region);
    if (counting && (problem = region_count(region, &counted)) != 0)
        return fail(error, NP_SYSTEM, problem, REGION_OPERATION,
            "the kernel does not tell where the pages lie: "
            "move_pages(2): %s",
            strerrordesc_np(problem));
    if (placement != NULL)
        *placement = counted;
    if (present == NULL)
        return NP_OK;
    if (!strict) {
        region_describe_soft(region, &found, &counted, present);
        return NP_OK;
    }
    char reason[sizeof present->reason];
    struct text why = text_into(reason, sizeof reason);
    const np_level level = judge_strict(region, &found, counting ? &counted : NULL, &why);
    enforce(present, level, "%s", reason);
    return NP_OK;
}
