/*
 * The oracle on memory: where pages lie, what is mapped, what is locked.
 */
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BATCH 512

size_t oracle_page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/*
 * With no target nodes move_pages(2) only tells, and faults nothing in. -ENOENT: not present. -EFAULT: the zero page, or
 * not mapped; the caller is held to mapped ranges.
 */
static void count_batch(void *const *addresses, size_t count, struct oracle_pages *counts)
{
    int status[BATCH];

    long result = oracle_call(SYS_move_pages, 0, (long)count, (long)addresses, 0, (long)status, 0);
    if (result < 0)
        case_error("oracle: move_pages query of %zu pages at %p: %s", count, addresses[0], strerror((int)-result));
    for (size_t i = 0; i < count; i++) {
        counts->pages++;
        if (status[i] == -ENOENT || status[i] == -EFAULT)
            counts->absent++;
        else if (status[i] >= 0 && status[i] < ORACLE_NODE_MAX)
            counts->on_node[status[i]]++;
        else
            case_error("oracle: move_pages query at %p says %d", addresses[i], status[i]);
    }
}

struct oracle_pages oracle_pages(const void *address, size_t bytes, size_t page_bytes)
{
    struct oracle_pages counts = {.pages = 0};
    void *batch[BATCH];
    size_t filled = 0;

    for (size_t offset = 0; offset < bytes; offset += page_bytes) {
        batch[filled++] = (char *)(uintptr_t)address + offset;
        if (filled == BATCH || offset + page_bytes >= bytes) {
            count_batch(batch, filled, &counts);
            filled = 0;
        }
    }
    return counts;
}

static FILE *open_proc(const char *path)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        case_error("oracle: %s: %s", path, strerror(errno));
    return file;
}

/* How much of [first, last) and [start, end) is common. */
static size_t overlap(uintptr_t first, uintptr_t last, uintptr_t start, uintptr_t end)
{
    uintptr_t low = first > start ? first : start, high = last < end ? last : end;

    return high > low ? high - low : 0;
}

size_t oracle_mapped_bytes(const void *address, size_t bytes)
{
    char line[4096];
    size_t mapped = 0;
    uintptr_t first = (uintptr_t)address;

    FILE *maps = open_proc("/proc/self/maps");
    while (fgets(line, sizeof line, maps) != NULL) {
        uintptr_t start, end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR, &start, &end) == 2)
            mapped += overlap(first, first + bytes, start, end);
    }
    fclose(maps);
    return mapped;
}

/* Add one "Name: n kB" line of a mapping that meets the range. */
static void add_line(struct oracle_range *range, const char *line)
{
    int64_t value;

    if ((value = oracle_field(line, "Rss:")) >= 0)
        range->resident += (uint64_t)value;
    else if ((value = oracle_field(line, "Locked:")) >= 0)
        range->locked += (uint64_t)value;
    else if ((value = oracle_field(line, "AnonHugePages:")) >= 0)
        range->anonymous_huge += (uint64_t)value;
    else if ((value = oracle_field(line, "Private_Hugetlb:")) >= 0 ||
             (value = oracle_field(line, "Shared_Hugetlb:")) >= 0)
        range->explicit_huge += (uint64_t)value;
    else if ((value = oracle_field(line, "KernelPageSize:")) > 0) {
        uint64_t page = (uint64_t)value;
        range->largest_page = page > range->largest_page ? page : range->largest_page;
        range->smallest_page = range->smallest_page == 0 || page < range->smallest_page ? page : range->smallest_page;
    }
}

struct oracle_range oracle_range(const void *address, size_t bytes)
{
    struct oracle_range range = {.resident = 0};
    char line[4096];
    bool inside = false;
    uintptr_t first = (uintptr_t)address;

    FILE *smaps = open_proc("/proc/self/smaps");
    while (fgets(line, sizeof line, smaps) != NULL) {
        uintptr_t start, end;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
            inside = overlap(first, first + bytes, start, end) > 0;
        else if (inside)
            add_line(&range, line);
    }
    fclose(smaps);
    return range;
}

/* A number in a file of sysfs; 0 where there is no such file. */
static uint64_t number_in(const char *path)
{
    char text[32];

    return oracle_read_file(path, text, sizeof text) ? strtoull(text, NULL, 10) : 0;
}

struct oracle_pool oracle_pool(unsigned node, unsigned page_kib)
{
    static const char form[] = "/sys/devices/system/node/node%u/hugepages/hugepages-%ukB/%s_hugepages";
    struct oracle_pool pool;
    char path[128];

    snprintf(path, sizeof path, form, node, page_kib, "nr");
    pool.pages = number_in(path);
    snprintf(path, sizeof path, form, node, page_kib, "free");
    pool.free = number_in(path);
    return pool;
}

uint64_t oracle_pool_overcommit(unsigned page_kib)
{
    char path[128];

    snprintf(path, sizeof path, "/sys/kernel/mm/hugepages/hugepages-%ukB/nr_overcommit_hugepages", page_kib);
    return number_in(path);
}

uint64_t oracle_locked_bytes(void)
{
    char status[8192];

    if (!oracle_read_file("/proc/self/status", status, sizeof status))
        case_error("oracle: /proc/self/status cannot be read: %s", strerror(errno));
    int64_t locked = oracle_field(status, "VmLck:");
    return locked < 0 ? 0 : (uint64_t)locked;
}
