/*
 * Looking where the pages of a region are, and what its level is now (MEM-15, LAW-9).
 *
 * Two looks, one cheap and one that counts. The cheap one is the kernel's own walk of the page tables: mbind with
 * MPOL_MF_STRICT and the very policy that stands already changes nothing, and fails if a page lies outside. It goes
 * slice by slice, because the kernel holds the lock of the address space, and with it every page fault of the process,
 * while it walks. The look that counts asks for each page with move_pages, which names the node; it is taken when the
 * caller wants the counts, or the cheap one has found something.
 *
 * A page that the kernel is just moving, as its compaction does at any time, lies nowhere for a moment: move_pages says
 * ENOENT of it as of one that was never touched (seen on Linux 6.18), and the cheap look fails (since 6.7). mincore tells
 * the two apart, as it counts the former as in memory (3.0 to 6.18). So pages that are in memory and have no place are
 * asked for again, and believed to be absent only in the end: they may be in the swap cache. Not so those of a file that nobody
 * has prefaulted: they may well be in the page cache and not mapped, for good, and of a file that the caller may not write
 * mincore says that all are (since 5.2).
 */
#include "error_internal.h"
#include "linux.h"
#include "linux_thread.h"
#include "region_internal.h"
#include "text.h"
#include <errno.h>
#include <numaif.h>
#include <string.h>

#define SLICE_BYTES ((size_t)64 << 20)

/* How often a count asks again, some 30 ms in all: who moves a page may be without a CPU meanwhile. */
#define ASK_AGAIN_MAX 200
#define ASK_AGAIN_NAP 100000u

size_t region_pages(const np_region *region)
{
    return (region->bytes + region->page_bytes - 1) / region->page_bytes;
}

/* Whether pages may be in memory without being the region's. */
static bool may_be_cached(const np_region *region)
{
    return region->file.descriptor >= 0 && region->options.prefault == NP_PREFAULT_NONE;
}

/* Whether some of the pages that move_pages calls absent are in memory all the same. */
static bool some_are_moving(const np_region *region, size_t first, size_t count, const int *nodes)
{
    size_t missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += nodes[i] == -ENOENT;
    size_t resident = 0;
    return missing > 0 &&
           memory_resident(region->address + first * region->page_bytes, count * region->page_bytes, &resident) == 0 &&
           resident > (count - missing) * region->page_bytes;
}

/* As memory_locate(), of the pages from @first on, which are asked for again while some are moving and @patience lasts. */
static int locate(const np_region *region, size_t first, size_t count, int *nodes, unsigned *patience)
{
    const unsigned char *start = region->address + first * region->page_bytes;
    int problem = memory_locate(start, region->page_bytes, count, nodes);
    while (problem == 0 && *patience > 0 && some_are_moving(region, first, count, nodes)) {
        int again[MEMORY_LOCATE_MAX];
        (*patience)--;
        linux_nap(ASK_AGAIN_NAP);
        problem = memory_locate(start, region->page_bytes, count, again);
        for (size_t i = 0; i < count && problem == 0; i++)
            nodes[i] = nodes[i] == -ENOENT ? again[i] : nodes[i];
    }
    return problem;
}

int region_count(const np_region *region, np_placement *placement)
{
    unsigned patience = may_be_cached(region) ? 0 : ASK_AGAIN_MAX;
    const size_t pages = region_pages(region);
    const bool anywhere = np_nodeset_count(&region->home) == 0;
    memset(placement, 0, sizeof *placement);
    placement->page_bytes = region->page_bytes;
    placement->pages = pages;
    for (size_t done = 0; done < pages; done += MEMORY_LOCATE_MAX) {
        int nodes[MEMORY_LOCATE_MAX];
        const size_t count = pages - done < MEMORY_LOCATE_MAX ? pages - done : MEMORY_LOCATE_MAX;
        const int problem = locate(region, done, count, nodes, &patience);
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
    const struct memory_policy *standing = &region->standing.policy;
    if ((standing->mode != MPOL_BIND && standing->mode != MPOL_PREFERRED) || region_is_in_page_cache(region))
        return false;
    const size_t slice = region->page_bytes > SLICE_BYTES ? region->page_bytes : SLICE_BYTES;
    for (size_t done = 0; done < region->mapped_bytes; done += slice) {
        const size_t left = region->mapped_bytes - done;
        const size_t bytes = left < slice ? left : slice;
        if (memory_check_policy(region->address + done, bytes, standing) != 0)
            return false;
    }
    size_t resident = 0;
    return standing->mode == MPOL_BIND ||
           (memory_resident(region->address, region->mapped_bytes, &resident) == 0 && resident == region->mapped_bytes);
}

static void describe_standing(struct text *why, const np_region *region, const struct memory_standing *found)
{
    if (found->policy.mode == MPOL_DEFAULT)
        text_add(why, "the policy of the range, or of a part of it, is gone");
    else if (!memory_policy_equal(&found->policy, &region->standing.policy))
        text_add(why, "the policy of the range, or of a part of it, was changed (kernel mode %d, nodes %s)",
            found->policy.mode, nodes_in_words(&found->policy.nodes).text);
    if (region->standing.locked && !found->locked)
        text_add(why, "%sthe range, or a part of it, is no longer locked", why->length > 0 ? "; " : "");
}

static void describe_pages(struct text *why, const np_region *region, const np_placement *placement)
{
    const char *comma = why->length > 0 ? "; " : "";
    if (placement->outside > 0)
        text_add(why, "%s%llu of %llu pages lie outside %s (%s)", comma, (unsigned long long)placement->outside,
            (unsigned long long)placement->pages, region_name_nodes(&region->home).text,
            region_name_strays(region, placement).text);
    else if (placement->absent > 0 && (region->standing.policy.mode != MPOL_BIND || region_is_in_page_cache(region)))
        text_add(why, "%s%llu of %llu pages are not present, and may come back elsewhere", comma,
            (unsigned long long)placement->absent, (unsigned long long)placement->pages);
    else if (region->standing.policy.mode == MPOL_INTERLEAVE && !region_shares_are_even(region, placement))
        text_add(why, "%sthe nodes' shares are no longer even", comma);
}

/* What is wrong with a strict region now; nothing is if @why stays empty. @placement NULL: its pages are known to be well. */
static np_level judge_strict(
    const np_region *region, const struct memory_standing *found, const np_placement *placement, struct text *why)
{
    describe_standing(why, region, found);
    if (placement != NULL)
        describe_pages(why, region, placement);
    const struct linux_balancing balancing = linux_numa_balancing();
    if (balancing.enabled)
        text_add(why, "%sNUMA balancing is enabled: kernel.numa_balancing reads %s", why->length > 0 ? "; " : "",
            balancing.found);
    if (why->length == 0)
        return NP_LEVEL_STRICT;
    return found->policy.mode == MPOL_DEFAULT ? NP_LEVEL_NONE : NP_LEVEL_BEST_EFFORT;
}

static void describe_strict(const np_region *region, const struct memory_standing *found, const np_placement *placement,
    np_enforcement *present)
{
    char reason[sizeof present->reason];
    struct text why = text_into(reason, sizeof reason);
    const np_level level = judge_strict(region, found, placement, &why);
    enforce(present, level, "%s", reason);
}

np_status np_region_verify(const np_region *region, np_placement *placement, np_enforcement *present, np_error *error)
{
    if (region == NULL || (placement == NULL && present == NULL))
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "no region was given, or no place for what is found of it (NULL)");
    struct memory_standing found = region->standing;
    int problem = memory_look(region->address, region->mapped_bytes, &region->standing, &found);
    if (problem != 0)
        return fail(error, NP_SYSTEM, problem, REGION_OPERATION, "the kernel does not tell the range's policy: %s",
            strerrordesc_np(problem));
    np_placement counted;
    const bool strict = region->options.mode == NP_STRICT;
    const bool counting = placement != NULL || !strict ||
                          !memory_policy_equal(&found.policy, &region->standing.policy) ||
                          !all_is_well_at_a_glance(region);
    if (counting && (problem = region_count(region, &counted)) != 0)
        return fail(error, NP_SYSTEM, problem, REGION_OPERATION,
            "the kernel does not tell where the pages lie: move_pages(2): %s", strerrordesc_np(problem));
    if (placement != NULL)
        *placement = counted;
    if (present != NULL && strict)
        describe_strict(region, &found, counting ? &counted : NULL, present);
    else if (present != NULL)
        region_describe_soft(region, &found.policy, &counted, present);
    return NP_OK;
}
