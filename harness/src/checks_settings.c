/* Checks of the kernel's settings. */
#include "checks_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(const struct facts *facts, enum setting setting, const char *value)
{
    return facts->settings.values[setting].state == SETTING_READ &&
           strcmp(facts->settings.values[setting].text, value) == 0;
}

static bool is_absent(const struct facts *facts, enum setting setting)
{
    return facts->settings.values[setting].state == SETTING_ABSENT;
}

static const char *text_of(const struct facts *facts, enum setting setting)
{
    return setting_text(&facts->settings, setting);
}

void check_balancing(struct check *check, const struct facts *facts)
{
    if (is_absent(facts, SETTING_NUMA_BALANCING)) {
        check_set(check, CHECK_PASS, "this kernel has none");
        return;
    }
    bool off = is(facts, SETTING_NUMA_BALANCING, "0");
    check_set(
        check, off ? CHECK_PASS : CHECK_FAIL, "kernel.numa_balancing is %s", text_of(facts, SETTING_NUMA_BALANCING));
    if (!off) {
        check_fix(check, "sudo sysctl -w kernel.numa_balancing=0");
    }
}

void check_zone_reclaim(struct check *check, const struct facts *facts)
{
    if (is_absent(facts, SETTING_ZONE_RECLAIM_MODE)) {
        check_set(check, CHECK_NOT_APPLICABLE, "this kernel has none");
        return;
    }
    bool off = is(facts, SETTING_ZONE_RECLAIM_MODE, "0");
    check_set(
        check, off ? CHECK_PASS : CHECK_WARN, "vm.zone_reclaim_mode is %s", text_of(facts, SETTING_ZONE_RECLAIM_MODE));
    if (!off) {
        check_fix(check, "sudo sysctl -w vm.zone_reclaim_mode=0");
    }
}

void check_transparent_huge_pages(struct check *check, const struct facts *facts)
{
    bool usable =
        is(facts, SETTING_TRANSPARENT_HUGEPAGE, "always") || is(facts, SETTING_TRANSPARENT_HUGEPAGE, "madvise");
    check_set(check, usable ? CHECK_PASS : CHECK_WARN, "%s", text_of(facts, SETTING_TRANSPARENT_HUGEPAGE));
    if (!usable) {
        check_fix(check, "echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled");
    }
}

void check_perf_events(struct check *check, const struct facts *facts)
{
    const char *text = text_of(facts, SETTING_PERF_EVENT_PARANOID);
    if (facts->settings.values[SETTING_PERF_EVENT_PARANOID].state != SETTING_READ) {
        check_set(check, CHECK_WARN, "kernel.perf_event_paranoid is %s", text);
        check_fix(check, "boot a kernel with CONFIG_PERF_EVENTS=y");
        return;
    }
    /* Up to 2 a process may count its own user code; with one of these capabilities the setting does not apply. */
    bool privileged =
        privileges_have(&facts->privileges, CAP_SYS_ADMIN) || privileges_have(&facts->privileges, CAP_PERFMON);
    bool allowed = privileged || strtol(text, NULL, 10) <= 2;
    check_set(check, allowed ? CHECK_PASS : CHECK_WARN, "kernel.perf_event_paranoid is %s%s", text,
        privileged ? ", and does not bind this process" : "");
    if (!allowed) {
        check_fix(check, "sudo sysctl -w kernel.perf_event_paranoid=2");
    }
}

void check_swap(struct check *check, const struct facts *facts)
{
    if (facts->nodes.swap_bytes == 0) {
        check_set(check, CHECK_PASS, "none");
        return;
    }
    bool large = facts->nodes.swap_bytes >= 1 << 30;
    check_set(check, CHECK_WARN, large ? "%.1f GiB" : "%.0f MiB",
        (double)facts->nodes.swap_bytes / (double)(large ? 1 << 30 : 1 << 20));
    check_fix(check, "sudo swapoff --all, and take swap out of /etc/fstab; or lock the regions that matter");
}
