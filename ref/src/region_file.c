/*
 * Regions of files (MEM-17).
 *
 * What a policy means for a file depends on where its pages live. A private mapping copies each page when it is written:
 * the copies are ordinary memory and obey the policy, while what is only read is the page cache's own page. The pages
 * of a shared file of tmpfs, memfd included, obey the policy of the range, which the kernel keeps with the file: it
 * holds for every process, and outlives the mapping. The page cache of any other file does not: a page lies where its
 * first reader's thread policy put it, and can only be moved afterwards, if no one else maps it.
 *
 * So private files are prefaulted by writing, which gives each page its own copy, and shared ones by reading, which
 * makes nothing dirty. And strict bind without prefault is for shared files of tmpfs alone, as long as they have no
 * pages there yet. Sources: mbind(2), Documentation/admin-guide/mm/numa_memory_policy.rst, "shared policy".
 */
#include "error_internal.h"
#include "linux.h"
#include "region_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

bool region_is_in_page_cache(const np_region *region)
{
    return region->file.descriptor >= 0 && region->file.shared && !region->file.in_memory;
}

static np_status check_range(const np_region *region, const struct stat *file, np_error *error)
{
    const struct region_file *asked = &region->file;
    const uint64_t size = (uint64_t)file->st_size;
    if (asked->offset % region->page_bytes != 0)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "the offset %llu is not a multiple of the file's page size, %zu bytes", (unsigned long long)asked->offset,
            region->page_bytes);
    if (asked->offset > size || region->bytes > size - asked->offset)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "%zu bytes from offset %llu on were asked of a file of %llu: a touch past its end would be SIGBUS",
            region->bytes, (unsigned long long)asked->offset, (unsigned long long)size);
    return NP_OK;
}

/* Which pages will back it: the file system decides, and a huge page size that it has not is not to be had. */
static np_status choose_pages(np_region *region, np_error *error)
{
    const size_t asked = region_huge_bytes(region->options.huge_pages);
    const size_t has = region->file.huge_bytes > 0 ? region->file.huge_bytes : memory_page_bytes();
    if (asked > 0 && asked != has) {
        if (region->options.mode == NP_STRICT)
            return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
                "huge pages of %zu bytes asked, and the file's pages are of %zu: put it on a hugetlbfs of that size",
                asked, has);
        text_add(&region->lacking, "huge pages of %zu bytes are not to be had, the file's are of %zu; ", asked, has);
    }
    if (region_set_pages(region, has))
        return NP_OK;
    return fail(error, NP_ALLOCATION, 0, REGION_OPERATION,
        "%zu bytes asked, which in whole pages of %zu bytes is more than an address can count", region->bytes, has);
}

static np_status examine(np_region *region, np_error *error)
{
    struct stat file;
    struct statfs system;
    if (fstat(region->file.descriptor, &file) != 0 || fstatfs(region->file.descriptor, &system) != 0)
        return fail(error, NP_INVALID_ARGUMENT, errno, REGION_OPERATION, "the file descriptor %d cannot be used: %s",
            region->file.descriptor, strerrordesc_np(errno));
    const int access = fcntl(region->file.descriptor, F_GETFL) & (O_ACCMODE | O_PATH);
    if (!S_ISREG(file.st_mode) || (access != O_RDWR && (region->file.shared || access != O_RDONLY)))
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION,
            "the file descriptor %d is not that of a regular file opened for reading%s", region->file.descriptor,
            region->file.shared ? " and writing" : "");
    region->file.in_memory = system.f_type == TMPFS_MAGIC || system.f_type == HUGETLBFS_MAGIC;
    region->file.huge_bytes = system.f_type == HUGETLBFS_MAGIC ? (size_t)system.f_bsize : 0;
    if (region_is_in_page_cache(region))
        text_add(&region->lacking, "the page cache keeps no policy: pages lie where their first reader put them; ");
    const np_status status = choose_pages(region, error);
    return status == NP_OK ? check_range(region, &file, error) : status;
}

np_status region_refuse_untouched(const np_region *region, np_error *error)
{
    np_nodeset allowed;
    const bool everywhere = memory_allowed_nodes(&allowed) == 0 && np_nodeset_subset(&allowed, &region->home);
    const char *why = NULL;
    if (region->file.descriptor >= 0 && !(region->file.shared && region->file.in_memory))
        why = "the page cache keeps no policy of the range";
    else if (region_is_huge(region) && !everywhere)
        why = "huge pages are reserved on all nodes together, and a touch of a node that has none is SIGBUS";
    if (why == NULL)
        return NP_OK;
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, REGION_OPERATION,
        "strict bind without prefault cannot be promised here, %s: ask for prefault", why);
}

np_status np_region_map_file(int file, np_sharing sharing, uint64_t offset, size_t bytes,
    const np_region_options *options, np_region **region, np_error *error)
{
    if (region == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "no place for the region was given (NULL)");
    if (sharing != NP_FILE_PRIVATE && sharing != NP_FILE_SHARED)
        return fail(error, NP_INVALID_ARGUMENT, 0, REGION_OPERATION, "sharing is %d, and must be 0 or 1", (int)sharing);
    np_region *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, NP_ALLOCATION, ENOMEM, REGION_OPERATION, "no memory for the region's own record");
    np_status status = region_request(made, bytes, options, error);
    made->file = (struct region_file){.descriptor = file, .shared = sharing == NP_FILE_SHARED, .offset = offset};
    if (status == NP_OK)
        status = examine(made, error);
    if (status == NP_OK)
        return region_make(made, region, error);
    free(made);
    return status;
}
