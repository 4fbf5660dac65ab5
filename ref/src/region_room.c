/*
 * Room on the nodes of a strict region, and the refusals that name the bytes (MEM-5).
 *
 * What a node has free is what its meminfo says: the figure that users see too. The kernel keeps the last of it for
 * itself, so that a region that just fits may still find no room, and is refused then with what it did find.
 */
#include "error_internal.h"
#include "linux.h"
#include "region_internal.h"
#include "room.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Below this much it costs less to place and see than to read the nodes' free memory first. */
#define WORTH_ASKING_BYTES ((size_t)1 << 20)

/* Free memory of some nodes, in numbers and in words. A node that cannot be read counts as roomy: placing will tell. */
struct free_memory {
    uint64_t sum;
    uint64_t least;
    struct region_text words;
};

static struct free_memory look_at_free(const np_nodeset *nodes)
{
    struct free_memory found = {.least = UINT64_MAX};
    struct text words = text_into(found.words.text, sizeof found.words.text);
    for (int node = np_nodeset_first(nodes); node >= 0; node = np_nodeset_next(nodes, node)) {
        struct linux_node_memory memory = {.free_bytes = UINT64_MAX / NP_NODE_MAX};
        const char *separator = words.length > 0 ? ", " : "";
        if (linux_node_memory(AT_FDCWD, (unsigned)node, &memory) == 0)
            text_add(&words, "%snode %d has %llu bytes free", separator, node, (unsigned long long)memory.free_bytes);
        else
            text_add(&words, "%swhat node %d has free cannot be read", separator, node);
        found.sum += memory.free_bytes;
        found.least = memory.free_bytes < found.least ? memory.free_bytes : found.least;
    }
    return found;
}

static np_status refuse(const np_region *region, const char *why, const struct free_memory *now, np_error *error)
{
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
        "%zu bytes asked on %s, %s; %s: ask for less, free memory there, or allow more nodes", region->bytes,
        region_name_nodes(&region->home).text, why, now->words.text);
}

/* The largest share that interleaving gives a node. */
static uint64_t interleaved_share(const np_region *region)
{
    const uint64_t units = (region_bytes_to_come(region, 0) + region->unit_bytes - 1) / region->unit_bytes;
    const uint64_t nodes = np_nodeset_count(&region->home);
    return (units + nodes - 1) / nodes * region->unit_bytes;
}

np_status region_require_room(const np_region *region, np_error *error)
{
    const bool prefaults = region_prefaults(region);
    const size_t bytes = region_bytes_to_come(region, 0);
    if (region_is_huge(region) || (prefaults && bytes < WORTH_ASKING_BYTES))
        return NP_OK;
    const struct free_memory now = look_at_free(&region->home);
    if (region->options.policy.kind == NP_POLICY_INTERLEAVE) {
        const uint64_t share = interleaved_share(region);
        char why[64];
        struct text text = text_into(why, sizeof why);
        text_add(&text, "%llu of them on each node", (unsigned long long)share);
        return share <= now.least ? NP_OK : refuse(region, why, &now, error);
    }
    if (bytes > now.sum)
        return refuse(region, "where there is no room for them", &now, error);
    struct room room;
    if (prefaults || room_on_nodes(&region->home, &room) != 0 || bytes <= room.available_bytes)
        return NP_OK;
    return refuse(region, "where the kernel keeps the last free pages for itself", &now, error);
}

/* What a refused region took is given back before it is said what there is; undoing a shared file needs it mapped. */
static void give_back(np_region *region)
{
    if (!region->file.shared)
        region_unmap(region);
}

np_status region_refuse_strays(np_region *region, np_error *error)
{
    np_placement placement;
    const int problem = region_count(region, &placement);
    give_back(region);
    if (problem != 0)
        return region_refuse_call("move_pages(2)", problem, error);
    if (region_is_huge(region))
        return region_fail_huge(region, 0, error);
    const struct free_memory now = look_at_free(&region->home);
    char why[384];
    struct text text = text_into(why, sizeof why);
    text_add(&text, "and %llu of %llu pages found no room there (%s)", (unsigned long long)placement.outside,
        (unsigned long long)placement.pages, region_name_strays(region, &placement).text);
    return refuse(region, why, &now, error);
}

np_status region_refuse_uneven(np_region *region, np_error *error)
{
    if (region_is_in_page_cache(region))
        return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
            "the nodes' shares did not come out even, since the page cache does not interleave: map the file privately,"
            " or put it on a tmpfs");
    give_back(region);
    if (region_is_huge(region))
        return region_fail_huge(region, 0, error);
    const struct free_memory now = look_at_free(&region->home);
    return refuse(region, "and the nodes' shares did not come out even", &now, error);
}

np_status region_refuse_call(const char *call, int problem, np_error *error)
{
    if (problem == ENOSYS)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, problem, REGION_OPERATION,
            "permission denied: %s is not there (%s): a seccomp filter hides it, or the kernel was built without NUMA",
            call, strerrordesc_np(problem));
    if (region_is_forbidden(problem))
        return fail(error, NP_HARD_MODE_UNAVAILABLE, problem, REGION_OPERATION,
            "permission denied: %s is forbidden (%s), by a seccomp filter or a security module: allow it in the"
            " container's profile",
            call, strerrordesc_np(problem));
    return fail(error, problem == ENOMEM ? NP_ALLOCATION : NP_HARD_MODE_UNAVAILABLE, problem, REGION_OPERATION,
        "%s failed: %s", call, strerrordesc_np(problem));
}
