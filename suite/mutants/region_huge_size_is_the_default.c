/* Breaks MEM-11 [needs a default huge page of another size]: 2 MiB pages are of the machine's default size. */
#include "mutant.h"

#include <stdio.h>

static long default_kib(void)
{
    char line[128];
    long kib = 2048;
    FILE *meminfo = fopen("/proc/meminfo", "re");

    while (meminfo != NULL && fgets(line, sizeof line, meminfo) != NULL)
        if (sscanf(line, "Hugepagesize: %ld kB", &kib) == 1)
            break;
    if (meminfo != NULL)
        fclose(meminfo);
    return kib;
}

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_region_options other;

    if (options == NULL || options->huge_pages != NP_HUGE_PAGES_2MIB || default_kib() == 2048)
        return REAL(np_region_create)(bytes, options, region, error);
    other = *options;
    other.huge_pages = NP_HUGE_PAGES_1GIB;
    return REAL(np_region_create)(bytes, &other, region, error);
}
