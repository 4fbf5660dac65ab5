/* A table of files, one value each: see settings.h. */
#include "settings.h"

#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *path;
} files[SETTING_COUNT] = {
    [SETTING_NUMA_BALANCING] = {"kernel.numa_balancing", "/proc/sys/kernel/numa_balancing"},
    [SETTING_ZONE_RECLAIM_MODE] = {"vm.zone_reclaim_mode", "/proc/sys/vm/zone_reclaim_mode"},
    [SETTING_TRANSPARENT_HUGEPAGE] = {"transparent_hugepage", "/sys/kernel/mm/transparent_hugepage/enabled"},
    [SETTING_TRANSPARENT_HUGEPAGE_DEFRAG] = {"transparent_hugepage.defrag",
        "/sys/kernel/mm/transparent_hugepage/defrag"},
    [SETTING_PERF_EVENT_PARANOID] = {"kernel.perf_event_paranoid", "/proc/sys/kernel/perf_event_paranoid"},
    [SETTING_OVERCOMMIT_MEMORY] = {"vm.overcommit_memory", "/proc/sys/vm/overcommit_memory"},
    [SETTING_SWAPPINESS] = {"vm.swappiness", "/proc/sys/vm/swappiness"},
    [SETTING_NR_HUGEPAGES] = {"vm.nr_hugepages", "/proc/sys/vm/nr_hugepages"},
    [SETTING_SMT] = {"smt", "/sys/devices/system/cpu/smt/control"},
    [SETTING_CLOCK_SOURCE] = {"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
    [SETTING_FREQUENCY_GOVERNOR] = {"cpufreq.governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
};

/* "always [madvise] never" means madvise. */
static void keep_the_chosen(char *text)
{
    char *open = strchr(text, '[');
    char *close = open != NULL ? strchr(open, ']') : NULL;
    if (close != NULL) {
        size_t length = (size_t)(close - open) - 1;
        memmove(text, open + 1, length);
        text[length] = '\0';
    }
}

void settings_read(struct settings *settings, const char *root)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        char *text = settings->values[i].text;
        if (file_read_line(text, sizeof(settings->values[i].text), root, "%s", files[i].path)) {
            settings->values[i].state = SETTING_READ;
            keep_the_chosen(text);
        } else {
            settings->values[i].state = errno == ENOENT ? SETTING_ABSENT : SETTING_UNREADABLE;
        }
    }
}

const char *setting_name(enum setting setting)
{
    return files[setting].name;
}

const char *setting_text(const struct settings *settings, enum setting setting)
{
    switch (settings->values[setting].state) {
    case SETTING_READ:
        return settings->values[setting].text;
    case SETTING_ABSENT:
        return "absent";
    case SETTING_UNREADABLE:
        break;
    }
    return "unreadable";
}
