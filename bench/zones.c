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

#define ZONEINFO "/proc/zoneinfo"

/*
 * The min watermarks: a preferred node is drawn on until there (6.1), a bound one until somebody is killed. They can be tens of
 * MiB: where transparent huge pages are on, khugepaged raises them to eleven huge pages a zone (6.1).
 */
uint64_t zones_reserve_bytes(unsigned node)
{
    char line[256];
    unsigned current = 0, found;
    unsigned long long pages, sum = 0;
    FILE *file = fopen(ZONEINFO, "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Node %u, zone", &found) == 1)
            current = found;
        else if (current == node && sscanf(line, " min %llu", &pages) == 1 && strstr(line, ":") == NULL)
            sum += pages;
    }
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
