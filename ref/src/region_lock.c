/*
 * Locking a region (MEM-14).
 *
 * The range is locked before it has pages, and on fault: mlock() would make all pages present by itself, by the kernel's
 * rules and not by ours. Locked on fault, each page stays from when it is made present on, by the prefault or by whoever
 * touches it. Explicit huge pages never leave memory; the kernel neither marks nor counts them as locked. What is locked counts against RLIMIT_MEMLOCK in whole, present or not, except with CAP_IPC_LOCK.
 */
#include "error_internal.h"
#include "region_internal.h"
#include <string.h>
#include <sys/resource.h>

np_status region_lock(np_region *region, np_error *error)
{
    if (region->options.lock == 0 || region_is_huge(region))
        return NP_OK;
    const int problem = memory_lock(region->address, region->mapped_bytes);
    region->standing.locked = problem == 0;
    if (problem == 0)
        return NP_OK;
    struct rlimit limit = {0};
    getrlimit(RLIMIT_MEMLOCK, &limit);
    if (region->options.mode == NP_SOFT) {
        text_add(&region->lacking, "not locked (%s; RLIMIT_MEMLOCK is %llu); ", strerrordesc_np(problem),
            (unsigned long long)limit.rlim_cur);
        return NP_OK;
    }
    return fail(error, NP_HARD_MODE_UNAVAILABLE, problem, REGION_OPERATION,
        "permission denied: %zu bytes cannot be locked in memory (%s): RLIMIT_MEMLOCK is %llu bytes, what is locked"
        " already included, and CAP_IPC_LOCK is not there; raise the one or grant the other",
        region->mapped_bytes, strerrordesc_np(problem), (unsigned long long)limit.rlim_cur);
}
