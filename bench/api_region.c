/*
 * A region bound and touched, beside mmap, mbind and a loop that writes to each page.
 *
 * What is timed is the making: from the call until every page is there. Both sides give the memory back outside the
 * clock. Most of the time is the kernel's, which clears each page; what is ours is the rest, and a large region has less
 * of it in proportion than a small one.
 */
#include "api_rows.h"
#include "failure.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KIB        ((size_t)1 << 10)
#define MIB        ((size_t)1 << 20)
#define LEAST_WORK MIB /* Of a sample. */

struct regions {
    const struct functions *api;
    np_region_options options;
    size_t bytes;
    unsigned operations; /* Of a sample. */
    size_t page;
};

static bool make_ours(const struct regions *regions, double *nanoseconds, np_error *why)
{
    np_region *region = NULL;
    double start = api_now();
    np_status status = regions->api->region_create(regions->bytes, &regions->options, &region, why);

    *nanoseconds += api_now() - start;
    if (status == NP_OK)
        regions->api->region_release(region);
    return status == NP_OK;
}

static void touch(volatile char *memory, size_t bytes, size_t page)
{
    for (size_t offset = 0; offset < bytes; offset += page)
        memory[offset] = 0;
}

static bool make_bare(const struct regions *regions, double *nanoseconds, np_error *why)
{
    const np_nodeset *nodes = &regions->options.policy.nodes;
    double start = api_now();
    void *memory = mmap(NULL, regions->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* The kernel reads one bit less than the maxnode it is given. */
    bool bound = memory != MAP_FAILED &&
                 syscall(SYS_mbind, memory, regions->bytes, MPOL_BIND, nodes->words, NP_NODE_MAX + 1, 0) == 0;

    if (bound)
        touch(memory, regions->bytes, regions->page);
    *nanoseconds += api_now() - start;
    if (!bound)
        failure(why, NP_SYSTEM, "bare mmap and mbind of %zu bytes: %s", regions->bytes, strerrordesc_np(errno));
    if (memory != MAP_FAILED)
        munmap(memory, regions->bytes);
    return bound;
}

static bool sample(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    const struct regions *regions = state;
    bool made = true;

    *nanoseconds = 0;
    for (unsigned i = 0; i < regions->operations && made; i++)
        made = baseline ? make_bare(regions, nanoseconds, why) : make_ours(regions, nanoseconds, why);
    *nanoseconds /= regions->operations;
    return made;
}

static void *begin(const struct api_machine *machine, const struct api_row *row, size_t bytes, np_error *why)
{
    struct regions *regions = calloc(1, sizeof *regions);
    double once;

    if (regions == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    *regions = (struct regions){.api = &machine->api,
        .options = {.policy = {.kind = NP_POLICY_BIND, .nodes = machine->bind},
            .mode = (int32_t)row->mode,
            .prefault = NP_PREFAULT_TOUCH},
        .bytes = bytes,
        .operations = bytes < LEAST_WORK ? (unsigned)(LEAST_WORK / bytes) : 1,
        .page = (size_t)sysconf(_SC_PAGESIZE)};
    if (sample(regions, false, &once, why))
        return regions;
    free(regions);
    return NULL;
}

static void *begin_large(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    return begin(machine, row, 64 * MIB, why);
}

static void *begin_small(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    return begin(machine, row, 64 * KIB, why);
}

#define REGION_ROW(text, of_mode, most, beginning, of_time)                                                            \
    {                                                                                                                  \
        .name = "region, bind, touch, " text, .mode = of_mode, .in_modes = true, .baseline = "mmap, mbind, touch",     \
        .bound = {RATIO_AT_MOST, most}, .begin = beginning, .sample = sample, .end = free, .share = of_time            \
    }

static const struct api_row rows[] = {
    REGION_ROW("64 MiB", NP_SOFT, 1.05, begin_large, 4),
    REGION_ROW("64 MiB", NP_STRICT, 1.10, begin_large, 4),
    REGION_ROW("64 KiB", NP_SOFT, 1.5, begin_small, 1),
    REGION_ROW("64 KiB", NP_STRICT, 1.5, begin_small, 1),
};

const struct api_rows api_region_rows = {rows, sizeof rows / sizeof rows[0]};
