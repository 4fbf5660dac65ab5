/*
 * What the kernel tells of its zones, the parts of a node's memory, in /proc/zoneinfo: how much it keeps for itself, and how
 * much lies in the lists of free pages of each CPU (up to 15 MiB of a node of 512 MiB, 6.1).
 *
 * A node's zones follow a line "Node N, zone NAME" each. Watermarks are indented and in pages; lines with a colon below
 * "pagesets" are of the CPU that was named last.
 */
#include "zones.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A test has a file of its own. */
#ifndef ZONEINFO
#define ZONEINFO "/proc/zoneinfo"
#endif

/* In pages. Free pages up to the sum of the other two are kept from processes, whose pages could also come from a higher zone. */
struct zone {
    unsigned long long free, min, protection;
};

/* "protection: (0, 447, 447)": by the highest zone that a page could come from. It grows with it, and theirs is among the last. */
static unsigned long long last_number(const char *line)
{
    const char *last = strrchr(line, ',');
    unsigned long long pages = 0;

    return last != NULL && sscanf(last, ", %llu", &pages) == 1 ? pages : 0;
}

static void read_zone_line(const char *line, struct zone *zone)
{
    unsigned long long pages;

    if (sscanf(line, " pages free %llu", &pages) == 1)
        zone->free = pages;
    else if (sscanf(line, " min %llu", &pages) == 1)
        zone->min = pages;
    else if (strstr(line, " protection: (") != NULL)
        zone->protection = last_number(line);
}

static unsigned long long kept_pages(const struct zone *zone)
{
    unsigned long long kept = zone->min + zone->protection;

    return kept < zone->free ? kept : zone->free;
}

/*
 * The min watermarks can be tens of MiB: where transparent huge pages are on, khugepaged raises them to eleven huge pages a
 * zone (6.1). The protection of the low zones grows with the memory above them (vm.lowmem_reserve_ratio: mostly a
 * 256th of it), and may well be all that they have.
 */
uint64_t zones_reserve_bytes(unsigned node)
{
    char line[256];
    unsigned current = 0, found;
    unsigned long long sum = 0;
    struct zone zone = {0};
    FILE *file = fopen(ZONEINFO, "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Node %u, zone", &found) == 1) {
            sum += kept_pages(&zone);
            zone = (struct zone){0};
            current = found;
        } else if (current == node) {
            read_zone_line(line, &zone);
        }
    }
    sum += kept_pages(&zone);
    if (file != NULL)
        fclose(file);
    return (uint64_t)sum * (uint64_t)sysconf(_SC_PAGESIZE);
}

bool zones_list_bytes(unsigned node, uint64_t bytes[NP_CPU_MAX])
{
    char line[256];
    unsigned current = 0, found, cpu = NP_CPU_MAX;
    unsigned long long pages;
    FILE *file = fopen(ZONEINFO, "re");

    if (file == NULL)
        return false;
    memset(bytes, 0, NP_CPU_MAX * sizeof *bytes);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Node %u, zone", &found) == 1)
            current = found;
        else if (sscanf(line, " cpu: %u", &found) == 1)
            cpu = found;
        else if (current == node && cpu < NP_CPU_MAX && sscanf(line, " count: %llu", &pages) == 1)
            bytes[cpu] += pages * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    fclose(file);
    return true;
}
