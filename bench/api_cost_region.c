/*
 * What a region costs, by size, policy, pages and prefault: from the call that makes it to the end of the one that gives it
 * back. From a region of 2 MiB, bound and touched, on ordinary pages, one thing is changed at a time. And what it costs to
 * look again.
 */
#include "api_costs.h"

#include "failure.h"

#include <stdio.h>
#include <stdlib.h>

#define KIB ((size_t)1 << 10)
#define MIB ((size_t)1 << 20)

struct variant {
    const char *words;
    size_t bytes;
    np_policy_kind policy;
    np_prefault prefault;
    np_huge_pages pages;
    bool verify; /* The price is of looking again, and not of the making. */
    bool count;  /* With the pages counted by node. */
};

#define BASE .bytes = 2 * MIB, .policy = NP_POLICY_BIND, .prefault = NP_PREFAULT_TOUCH

static const struct variant variants[] = {
    {.words = "region, 2 MiB, bind, touch", BASE},
    {.words = "region, 64 KiB, bind, touch",
        .bytes = 64 * KIB,
        .policy = NP_POLICY_BIND,
        .prefault = NP_PREFAULT_TOUCH},
    {.words = "region, 32 MiB, bind, touch",
        .bytes = 32 * MIB,
        .policy = NP_POLICY_BIND,
        .prefault = NP_PREFAULT_TOUCH},
    {.words = "region, 2 MiB, preferred, touch",
        .bytes = 2 * MIB,
        .policy = NP_POLICY_PREFERRED,
        .prefault = NP_PREFAULT_TOUCH},
    {.words = "region, 2 MiB, interleave, touch",
        .bytes = 2 * MIB,
        .policy = NP_POLICY_INTERLEAVE,
        .prefault = NP_PREFAULT_TOUCH},
    {.words = "region, 2 MiB, local, touch",
        .bytes = 2 * MIB,
        .policy = NP_POLICY_LOCAL,
        .prefault = NP_PREFAULT_TOUCH},
    {.words = "region, 2 MiB, bind, touch, transparent huge pages", BASE, .pages = NP_HUGE_PAGES_TRANSPARENT_ON},
    {.words = "region, 2 MiB, bind, touch, transparent off", BASE, .pages = NP_HUGE_PAGES_TRANSPARENT_OFF},
    {.words = "region, 2 MiB, bind, touch, explicit 2 MiB page", BASE, .pages = NP_HUGE_PAGES_2MIB},
    {.words = "region, 2 MiB, bind, no prefault", .bytes = 2 * MIB, .policy = NP_POLICY_BIND},
    {.words = "region, 2 MiB, bind, parallel touch",
        .bytes = 2 * MIB,
        .policy = NP_POLICY_BIND,
        .prefault = NP_PREFAULT_PARALLEL_TOUCH},
    {.words = "region verify, 2 MiB", BASE, .verify = true},
    {.words = "region verify, 2 MiB, pages counted", BASE, .verify = true, .count = true},
};

struct region {
    const struct functions *api;
    const struct variant *variant;
    np_region_options options;
    np_region *standing; /* To be verified. */
};

static bool sample_making(const struct region *region, double *nanoseconds, np_error *why)
{
    np_region *made = NULL;
    double start = api_now();

    if (region->api->region_create(region->variant->bytes, &region->options, &made, why) != NP_OK)
        return false;
    region->api->region_release(made);
    *nanoseconds = api_now() - start;
    return true;
}

static bool sample(void *state, double *nanoseconds, np_error *why)
{
    const struct region *region = state;
    np_enforcement present;
    np_placement placement;

    if (!region->variant->verify)
        return sample_making(region, nanoseconds, why);
    double start = api_now();
    np_status status =
        region->api->region_verify(region->standing, region->variant->count ? &placement : NULL, &present, why);
    *nanoseconds = api_now() - start;
    return status == NP_OK;
}

static void end(void *state)
{
    struct region *region = state;

    region->api->region_release(region->standing);
    free(region);
}

/* Soft falls back to ordinary pages where there is no huge one: a price too, and not the one that was asked for. */
static bool has_its_pages(const struct variant *variant, np_error *why)
{
    static const char path[] = "/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages";
    unsigned long pages = 0;

    if (variant->pages != NP_HUGE_PAGES_2MIB)
        return true;
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fscanf(file, "%lu", &pages) == 1;
    if (file != NULL)
        fclose(file);
    if (!read || pages == 0)
        failure(why, NP_NOT_AVAILABLE, "no free huge page of 2 MiB (%s)", path);
    return read && pages > 0;
}

/* Strict local is promised to a thread that cannot leave its node only. */
static void *begin(const struct api_machine *machine, const struct api_cost *cost, np_error *why)
{
    const struct variant *variant = cost->closure;
    struct region *region = calloc(1, sizeof *region);
    double once;

    if (region == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    *region = (struct region){.api = &machine->api,
        .variant = variant,
        .options = {.policy = {.kind = (int32_t)variant->policy},
            .mode = (int32_t)cost->mode,
            .prefault = (int32_t)variant->prefault,
            .huge_pages = (int32_t)variant->pages}};
    if (variant->policy != NP_POLICY_LOCAL)
        region->options.policy.nodes = machine->bind;
    bool made = has_its_pages(variant, why) &&
                (!variant->verify ||
                    machine->api.region_create(variant->bytes, &region->options, &region->standing, why) == NP_OK);
    if (made && sample(region, &once, why))
        return region;
    end(region);
    return NULL;
}

size_t api_region_costs(struct api_cost *costs, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        for (int mode = NP_SOFT; mode <= NP_STRICT && count < most; mode++) {
            struct api_cost *cost = &costs[count++];
            *cost = (struct api_cost){.mode = (np_mode)mode,
                .in_modes = true,
                .begin = begin,
                .sample = sample,
                .end = end,
                .closure = &variants[i]};
            snprintf(cost->name, sizeof cost->name, "%s", variants[i].words);
        }
    return count;
}
