/* The kernel's settings that bear on locality, by name. */
#ifndef NUMAPROOF_HARNESS_SETTINGS_H
#define NUMAPROOF_HARNESS_SETTINGS_H

enum setting {
    SETTING_NUMA_BALANCING,
    SETTING_ZONE_RECLAIM_MODE,
    SETTING_TRANSPARENT_HUGEPAGE,
    SETTING_TRANSPARENT_HUGEPAGE_DEFRAG,
    SETTING_PERF_EVENT_PARANOID,
    SETTING_OVERCOMMIT_MEMORY,
    SETTING_SWAPPINESS,
    SETTING_NR_HUGEPAGES,
    SETTING_SMT,
    SETTING_CLOCK_SOURCE,
    SETTING_FREQUENCY_GOVERNOR,
    SETTING_COUNT
};

enum setting_state {
    SETTING_READ,
    SETTING_ABSENT,    /* This kernel has no such setting. */
    SETTING_UNREADABLE /* It has, and does not show it. */
};

struct settings {
    struct {
        enum setting_state state;
        char text[64]; /* Of several choices, the one in force; empty unless read. */
    } values[SETTING_COUNT];
};

void settings_read(struct settings *settings, const char *root);

/* "kernel.numa_balancing", ... */
const char *setting_name(enum setting setting);

/* The value for people: the text, "absent", or "unreadable". */
const char *setting_text(const struct settings *settings, enum setting setting);

#endif
