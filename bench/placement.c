/*
 * Where the measuring thread runs and where the measured memory lies, made so and checked through the kernel alone.
 *
 * A figure for "node 0 to node 1" is worth nothing if half of the pages were on node 0. So placement here is never
 * assumed: a buffer is asked for page by page (move_pages(2) in query form, which faults nothing in), a thread by its
 * affinity and by the CPU that it is on.
 *
 * Binding a buffer before its pages exist is how a benchmark gets itself killed: when a node is full, the kernel kills a
 * process rather than break MPOL_BIND (Linux 6.1). Preferring the node and then looking costs nothing more.
 */
#include "placement.h"

#include "failure.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HUGE_BYTES ((size_t)2 << 20)
#define CPUS       8192
#define NODES      1024
#define BATCH      1024

#ifndef MAP_HUGE_2MB
#define MAP_HUGE_2MB (21 << 26)
#endif

static size_t free_huge_pages(unsigned node)
{
    char path[128];
    size_t count = 0;

    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/hugepages/hugepages-2048kB/free_hugepages", node);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%zu", &count) != 1)
        count = 0;
    fclose(file);
    return count;
}

static bool prefer_node(const struct buffer *buffer)
{
    unsigned long mask[NODES / (8 * sizeof(unsigned long))] = {0};
    unsigned bits = 8 * sizeof mask[0];

    mask[buffer->node / bits] = 1UL << buffer->node % bits;
    /* The kernel reads one bit less than it is told. A kernel without NUMA has no such call, and one place only. */
    return syscall(SYS_mbind, buffer->start, buffer->bytes, MPOL_PREFERRED, mask, (unsigned long)NODES + 1, 0) == 0 ||
           errno == ENOSYS;
}

/* Map, aligned to huge pages: explicit ones where there are enough, else with that advice on transparent ones. */
static bool map(struct buffer *buffer, bool explicit_pages, int advice)
{
    /* Explicit pages are reserved when they are mapped: without a reservation, touching one that is gone is SIGBUS. */
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (explicit_pages ? MAP_HUGETLB | MAP_HUGE_2MB : MAP_NORESERVE);
    size_t slack = explicit_pages ? 0 : HUGE_BYTES;

    char *start = mmap(NULL, buffer->bytes + slack, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (start == MAP_FAILED)
        return false;
    size_t before = slack == 0 ? 0 : (HUGE_BYTES - (uintptr_t)start % HUGE_BYTES) % HUGE_BYTES;
    if (before > 0)
        munmap(start, before);
    if (slack > before)
        munmap(start + before + buffer->bytes, slack - before);
    buffer->start = start + before;
    if (!explicit_pages)
        madvise(buffer->start, buffer->bytes, advice);
    return true;
}

/* How many bytes of the buffer transparent huge pages back, from smaps. */
static size_t transparent_bytes(const struct buffer *buffer)
{
    char line[512];
    size_t kib, found = 0;
    bool inside = false;
    uintptr_t start, end, low = (uintptr_t)buffer->start, high = low + buffer->bytes;
    FILE *smaps = fopen("/proc/self/smaps", "re");

    while (smaps != NULL && fgets(line, sizeof line, smaps) != NULL) {
        if (sscanf(line, "%zx-%zx ", &start, &end) == 2)
            inside = start < high && end > low;
        else if (inside && sscanf(line, "AnonHugePages: %zu kB", &kib) == 1)
            found += kib << 10;
    }
    if (smaps != NULL)
        fclose(smaps);
    return found;
}

static void describe_backing(struct buffer *buffer, bool explicit_pages)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    size_t huge = explicit_pages ? buffer->bytes : transparent_bytes(buffer);

    buffer->unit = huge >= buffer->bytes ? HUGE_BYTES : page_bytes;
    if (explicit_pages)
        snprintf(buffer->backing, sizeof buffer->backing, "explicit 2 MiB pages");
    else if (huge >= buffer->bytes)
        snprintf(buffer->backing, sizeof buffer->backing, "transparent 2 MiB pages");
    else
        snprintf(buffer->backing, sizeof buffer->backing, "%zu KiB pages, %zu%% transparent huge", page_bytes >> 10,
            huge * 100 / buffer->bytes);
}

static np_status make(
    struct buffer *buffer, size_t bytes, unsigned node, bool explicit_pages, int advice, np_error *error)
{
    size_t elsewhere = 0;

    *buffer = (struct buffer){.bytes = bytes, .node = node};
    if (!map(buffer, explicit_pages, advice)) {
        explicit_pages = false;
        if (!map(buffer, false, advice))
            return failure(error, NP_ALLOCATION, "%zu bytes cannot be mapped: %s", bytes, strerror(errno));
    }
    if (!prefer_node(buffer)) {
        int problem = errno;
        buffer_free(buffer);
        return failure(error, NP_SYSTEM, "memory cannot be placed on node %u: mbind(2): %s", node, strerror(problem));
    }
    for (size_t offset = 0; offset < bytes; offset += 4096)
        ((volatile char *)buffer->start)[offset] = 1;
    describe_backing(buffer, explicit_pages);
    if (buffer_is_in_place(buffer, &elsewhere))
        return NP_OK;
    size_t unit = buffer->unit;
    buffer_free(buffer);
    return failure(error, NP_ALLOCATION, "%zu of %zu pages of %zu bytes found no room on node %u", elsewhere,
        bytes / unit, unit, node);
}

np_status buffer_make(struct buffer *buffer, size_t bytes, unsigned node, np_error *error)
{
    return make(buffer, bytes, node, free_huge_pages(node) >= bytes / HUGE_BYTES, MADV_HUGEPAGE, error);
}

np_status buffer_make_ordinary(struct buffer *buffer, size_t bytes, unsigned node, np_error *error)
{
    return make(buffer, bytes, node, false, MADV_NOHUGEPAGE, error);
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->start != NULL)
        munmap(buffer->start, buffer->bytes);
    buffer->start = NULL;
}

bool buffer_is_in_place(const struct buffer *buffer, size_t *elsewhere)
{
    void *pages[BATCH];
    int status[BATCH];

    *elsewhere = 0;
    for (size_t offset = 0; offset < buffer->bytes;) {
        size_t count = 0;
        for (; count < BATCH && offset < buffer->bytes; offset += buffer->unit)
            pages[count++] = buffer->start + offset;
        if (syscall(SYS_move_pages, 0, count, pages, NULL, status, 0) != 0) {
            /* A kernel without NUMA has no such call, and one place only; where nodes are told, a filter hides it. */
            bool one_place = errno == ENOSYS && access("/sys/devices/system/node", F_OK) != 0;
            *elsewhere = one_place ? 0 : buffer->bytes / buffer->unit;
            return one_place;
        }
        for (size_t i = 0; i < count; i++)
            *elsewhere += status[i] != (int)buffer->node;
    }
    return *elsewhere == 0;
}

/* glibc's own set ends at 1024 CPUs. */
struct affinity {
    unsigned long mask[CPUS / (8 * sizeof(unsigned long))];
};

bool thread_move(unsigned cpu)
{
    struct affinity only = {{0}};
    unsigned bits = 8 * sizeof only.mask[0];

    if (cpu >= CPUS)
        return false;
    only.mask[cpu / bits] = 1UL << cpu % bits;
    return syscall(SYS_sched_setaffinity, 0, sizeof only.mask, only.mask) == 0;
}

bool thread_is_in_place(unsigned cpu)
{
    struct affinity now = {{0}};
    unsigned here, bits = 8 * sizeof now.mask[0];

    if (syscall(SYS_sched_getaffinity, 0, sizeof now.mask, now.mask) < 0 || syscall(SYS_getcpu, &here, NULL, NULL) != 0)
        return false;
    for (unsigned i = 0; i < sizeof now.mask / sizeof now.mask[0]; i++)
        if (now.mask[i] != (i == cpu / bits ? 1UL << cpu % bits : 0))
            return false;
    return here == cpu;
}

struct affinity *affinity_save(void)
{
    struct affinity *affinity = calloc(1, sizeof *affinity);

    if (affinity != NULL && syscall(SYS_sched_getaffinity, 0, sizeof affinity->mask, affinity->mask) < 0) {
        free(affinity);
        affinity = NULL;
    }
    return affinity;
}

void affinity_restore(struct affinity *affinity)
{
    if (affinity != NULL)
        syscall(SYS_sched_setaffinity, 0, sizeof affinity->mask, affinity->mask);
    free(affinity);
}
