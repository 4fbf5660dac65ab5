/*
 * Explicit huge pages (MEM-11).
 *
 * They come from pools, one for each size and node, that the administrator fills. Two surprises. Which size is meant is
 * said to mmap() in bits of its flags, or else it is the machine's default, whatever that is. And mmap() reserves from
 * all nodes together: a region bound to a node whose own pool is empty is mapped without complaint, and its first touch
 * is SIGBUS. Populating by madvise() gets EFAULT instead, so that a strict region with prefault is safe; one without is
 * only where all nodes with memory are allowed, so that the reservation is worth what it says.
 *
 * Pages that went elsewhere are not moved in: the kernel would make a page on the wanted node and take one from the
 * other's pool for it, and the administrator's pools would be others than were set (Linux 6.1).
 *
 * Running out of huge pages never calls the out-of-memory killer (hugetlb allocates with __GFP_RETRY_MAYFAIL).
 */
#include "error_internal.h"
#include "linux.h"
#include "region_internal.h"
#include "text.h"
#include <fcntl.h>
#include <string.h>

size_t region_huge_bytes(int32_t huge_pages)
{
    switch (huge_pages) {
    case NP_HUGE_PAGES_2MIB:
        return (size_t)2 << 20;
    case NP_HUGE_PAGES_1GIB:
        return (size_t)1 << 30;
    default:
        return 0;
    }
}

bool region_is_huge(const np_region *region)
{
    return region->page_bytes > memory_page_bytes();
}

/* "node 1 has 3 free", for each home node; or that there is no pool of such pages. */
static struct region_text describe_pools(const np_region *region)
{
    struct region_text pools = {""};
    struct text text = text_into(pools.text, sizeof pools.text);
    const np_nodeset *home = &region->home;
    for (int node = np_nodeset_first(home); node >= 0; node = np_nodeset_next(home, node)) {
        char path[128];
        uint64_t free_pages = 0;
        struct text name = text_into(path, sizeof path);
        text_add(&name, "/sys/devices/system/node/node%d/hugepages/hugepages-%zukB/free_hugepages", node,
            region->page_bytes / 1024);
        if (linux_read_number(AT_FDCWD, path, &free_pages) == 0)
            text_add(
                &text, "%snode %d has %llu free", text.length > 0 ? ", " : "", node, (unsigned long long)free_pages);
    }
    if (text.length == 0)
        text_add(&text, "there is no pool of them there");
    return pools;
}

np_status region_fail_huge(const np_region *region, int problem, np_error *error)
{
    const bool strict = region->options.mode == NP_STRICT;
    return fail(error, strict ? NP_HARD_MODE_UNAVAILABLE : NP_ALLOCATION, problem, REGION_OPERATION,
        "%zu bytes asked in %zu huge pages of %zu bytes, which the kernel has not to give: %s, of which others may have"
        " reserved some; ask for less, or raise nr_hugepages of that size there",
        region->bytes, region->mapped_bytes / region->page_bytes, region->page_bytes, describe_pools(region).text);
}

void region_use_ordinary_pages(np_region *region)
{
    text_add(&region->lacking, "%zu huge pages of %zu bytes are not to be had (%.80s), ordinary pages instead; ",
        region->mapped_bytes / region->page_bytes, region->page_bytes, describe_pools(region).text);
    region_unmap(region);
    region_set_pages(region, memory_page_bytes());
}
