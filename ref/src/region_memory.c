/*
 * Whether there is memory for a region at all, wherever (MEM-16).
 *
 * What is asked of room.c is the memory that the region will take and has not yet: nothing for explicit huge pages, which
 * come from their pools; only what is not in memory of a shared file; nothing for what nobody makes present now. That is
 * not always what the caller asked: where the process locks all that it maps (mlockall), the kernel makes a region
 * present as soon as it can be touched.
 */
#include "region_internal.h"
#include "room.h"
#include <numaif.h>

size_t region_bytes_to_come(const np_region *region, size_t offset)
{
    const size_t bytes = region->mapped_bytes - offset;
    size_t resident = 0;
    if (region->file.shared && region->address != NULL)
        memory_resident(region->address + offset, bytes, &resident);
    return bytes - resident;
}

np_status region_require_memory(const np_region *region, size_t offset, np_error *error)
{
    /* Huge pages come from their pools, which are taken from what is free already. */
    if (region_is_huge(region) || !region_prefaults(region))
        return NP_OK;
    return room_for(region_bytes_to_come(region, offset), region->bytes, error);
}

np_status region_require_of_mapping(const np_region *region, np_error *error)
{
    if (region->file.shared)
        return region_require_memory(region, 0, error);
    if (region_prefaults(region) || region_is_huge(region) || !memory_is_locked(region->address))
        return NP_OK;
    return room_for(region->mapped_bytes, region->bytes, error);
}

bool region_is_endangered(const np_region *region, struct memory_policy *own)
{
    if (region->standing.policy.mode != MPOL_DEFAULT && !region_is_in_page_cache(region))
        return false;
    if (memory_get_thread_policy(own) != 0 || own->mode != MPOL_BIND)
        return false;
    struct room room;
    return room_on_nodes(&own->nodes, &room) != 0 || room.available_bytes < region_bytes_to_come(region, 0);
}
