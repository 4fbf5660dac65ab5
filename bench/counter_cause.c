/*
 * Why a counter does not count.
 *
 * PAPI's own words ("Not supported by component") leave three cases undistinguished that want different cures: the machine shows
 * no performance monitoring unit, as most virtual machines; the processor has one, and is not of the kind that the event
 * belongs to; the kernel does not permit it. So the machine is looked at.
 */
#include "counter_cause.h"

#include <dirent.h>
#include <papi.h>
#include <stdio.h>
#include <string.h>

#define UNITS    "/sys/bus/event_source/devices"
#define PARANOID "/proc/sys/kernel/perf_event_paranoid"

bool counter_has_unit(void)
{
    bool found = false;
    DIR *units = opendir(UNITS);

    /* x86: cpu, or one for each kind of core. ARM: armv8_pmuv3_0, armv8_neoverse_n1, ... */
    for (struct dirent *entry = units == NULL ? NULL : readdir(units); entry != NULL && !found; entry = readdir(units))
        found = strcmp(entry->d_name, "cpu") == 0 || strncmp(entry->d_name, "cpu_", 4) == 0 ||
                strncmp(entry->d_name, "armv", 4) == 0;
    if (units != NULL)
        closedir(units);
    return found;
}

static int paranoia(void)
{
    int level = -1;
    FILE *file = fopen(PARANOID, "re");

    if (file != NULL && fscanf(file, "%d", &level) != 1)
        level = -1;
    if (file != NULL)
        fclose(file);
    return level;
}

/* PAPI's reason for having no events of the processor and its kernel at all; "" where it has some. */
static const char *disabled_reason(void)
{
    int index = PAPI_get_component_index("perf_event");
    const PAPI_component_info_t *component = index < 0 ? NULL : PAPI_get_component_info(index);

    return component != NULL && component->disabled != 0 ? component->disabled_reason : "";
}

void counter_cause(char *text, size_t size, const char *name, const char *step, int result)
{
    bool published = strncmp(name, "sde:::", 6) == 0;
    const char *disabled = published ? "" : disabled_reason();

    if (result == PAPI_EPERM)
        snprintf(text, size, "not permitted: kernel.perf_event_paranoid is %d, and CAP_PERFMON is missing", paranoia());
    else if (!published && !counter_has_unit())
        snprintf(text, size,
            "this machine shows no performance monitoring unit (none of the processor's in " UNITS
            "), as most virtual machines%s%s",
            disabled[0] != '\0' ? "; PAPI: " : "", disabled);
    else if (disabled[0] != '\0')
        snprintf(text, size, "PAPI has switched its component perf_event off: %s", disabled);
    else if (result == PAPI_ENOEVNT || result == PAPI_ECMP)
        snprintf(text, size, "not an event of this processor (%s: %s)", step, PAPI_strerror(result));
    else if (result == PAPI_ECNFLCT)
        snprintf(text, size, "no register is left for it beside the others, and nothing is multiplexed");
    else
        snprintf(text, size, "%s: %s", step, PAPI_strerror(result));
}
