/*
 * Reading what the caller asked for.
 *
 * All that can be wrong with the words themselves is found here, before anything is changed, and is wrong in both modes
 * (LAW-6). What the machine lacks is another matter, for the placing (MEM-4).
 */
#include "error_internal.h"
#include "region_internal.h"
#include <stdint.h>
#include <string.h>

/* The int32_t fields hold enums; a caller may have put anything there. */
static np_status check_choice(const char *name, int32_t value, int32_t highest, np_error *error)
{
    if (value >= 0 && value <= highest)
        return NP_OK;
    return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "%s is %d, and must be 0 to %d", name, (int)value,
        (int)highest);
}

static np_status check_policy(const np_policy *policy, np_error *error)
{
    static const struct {
        const char *name;
        unsigned least, most;
    } kinds[] = {
        [NP_POLICY_LOCAL] = {"local", 0, 0},
        [NP_POLICY_BIND] = {"bind", 1, NP_NODE_MAX},
        [NP_POLICY_PREFERRED] = {"preferred", 1, 1},
        [NP_POLICY_INTERLEAVE] = {"interleave", 1, NP_NODE_MAX},
    };
    const np_status status = check_choice("policy.kind", policy->kind, NP_POLICY_INTERLEAVE, error);
    if (status != NP_OK)
        return status;
    const unsigned count = np_nodeset_count(&policy->nodes);
    if (count >= kinds[policy->kind].least && count <= kinds[policy->kind].most)
        return NP_OK;
    return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "policy %s takes %s, and was given %u",
        kinds[policy->kind].name,
        kinds[policy->kind].most == 0   ? "no nodes"
        : kinds[policy->kind].most == 1 ? "exactly one node"
                                        : "at least one node",
        count);
}

static np_status check_options(const np_region_options *options, np_error *error)
{
    np_status status = check_policy(&options->policy, error);
    if (status == NP_OK)
        status = check_choice("mode", options->mode, NP_STRICT, error);
    if (status == NP_OK)
        status = check_choice("prefault", options->prefault, NP_PREFAULT_PARALLEL_TOUCH, error);
    if (status == NP_OK)
        status = check_choice("huge_pages", options->huge_pages, NP_HUGE_PAGES_1GIB, error);
    if (status == NP_OK)
        status = check_choice("lock", options->lock, 1, error);
    if (status == NP_OK && (options->reserved != 0 || options->policy.reserved != 0))
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "a reserved field is not 0: begin with np_region_options_init(), or with all zero");
    return status;
}

bool region_set_pages(np_region *region, size_t page_bytes)
{
    region->page_bytes = page_bytes;
    /* Interleaved by huge pages, the last must be whole too, or the shares would not come out even (MEM-9). */
    const bool by_huge_pages = region->options.policy.kind == NP_POLICY_INTERLEAVE &&
                               region->options.huge_pages == NP_HUGE_PAGES_TRANSPARENT_ON;
    region->unit_bytes = by_huge_pages && page_bytes < TRANSPARENT_HUGE_BYTES ? TRANSPARENT_HUGE_BYTES : page_bytes;
    if (region->bytes > SIZE_MAX - (region->unit_bytes - 1))
        return false;
    region->mapped_bytes = (region->bytes + region->unit_bytes - 1) / region->unit_bytes * region->unit_bytes;
    return true;
}

np_status region_request(np_region *region, size_t bytes, const np_region_options *options, np_error *error)
{
    np_region_options defaults;
    np_region_options_init(&defaults);
    if (bytes == 0)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "a region of 0 bytes was asked for");
    const np_status status = check_options(options != NULL ? options : &defaults, error);
    if (status != NP_OK)
        return status;
    region->bytes = bytes;
    region->options = options != NULL ? *options : defaults;
    region->home = region->options.policy.nodes;
    region->file.descriptor = -1;
    region->lacking = text_into(region->lacks, sizeof region->lacks);
    const size_t huge_bytes = region_huge_bytes(region->options.huge_pages);
    if (region_set_pages(region, huge_bytes > 0 ? huge_bytes : memory_page_bytes()))
        return NP_OK;
    return fail(error, NP_ALLOCATION, 0, REGION_OPERATION,
        "%zu bytes asked, which in whole pages of %zu bytes is more than an address can count", bytes,
        region->page_bytes);
}

void np_region_options_init(np_region_options *options)
{
    if (options != NULL)
        memset(options, 0, sizeof *options);
}
