/*
 * Why CPUs cannot be had.
 *
 * The kernel never says. Setting an affinity drops, silently, what is offline, absent or outside the thread's cpuset,
 * and only where nothing at all is left it says EINVAL; reading one back leaves out what is not active at that moment
 * (sched_getaffinity masks with cpu_active_mask, Linux 2.6 to 6.18). So the set of what is missing comes from the
 * reading back, and the causes from sysfs: what is in the machine and online and still missing is kept from us by
 * the cpuset.
 */
#include "affinity.h"
#include "error_internal.h"
#include "linux.h"
#include "text.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

static void add_cause(struct text *text, const np_cpuset *cpus, const char *cause)
{
    if (np_cpuset_count(cpus) > 0)
        text_add(text, "; %s %s", cpus_in_words(cpus).text, cause);
}

static void add_causes(struct text *text, const np_cpuset *missing)
{
    np_cpuset present = {0};
    np_cpuset online = {0};
    if (linux_present_cpus(&present) != 0 || linux_online_cpus(&online) != 0)
        return;
    np_cpuset absent = {0};
    np_cpuset offline = {0};
    np_cpuset kept_out = {0};
    np_cpuset_difference(missing, &present, &absent, NULL);
    np_cpuset_intersection(missing, &present, &offline, NULL);
    np_cpuset_difference(&offline, &online, &offline, NULL);
    np_cpuset_intersection(missing, &online, &kept_out, NULL);
    add_cause(text, &absent, "not in this machine");
    add_cause(text, &offline, "offline (echo 1 > /sys/devices/system/cpu/cpuN/online)");
    add_cause(text, &kept_out, "outside this process's cpuset, or taken away meanwhile");
}

void affinity_describe_shortfall(const np_cpuset *asked, const np_cpuset *got, char *reason, size_t size)
{
    struct text text = text_into(reason, size);
    np_cpuset missing = {0};
    np_cpuset_difference(asked, got, &missing, NULL);
    if (!np_cpuset_subset(got, asked)) {
        text_add(&text,
            "affinity not fully applied: asked for CPUs %s, has %s; an inner pin, another program or the loss of all "
            "its CPUs changed it",
            cpus_in_words(asked).text, cpus_in_words(got).text);
    } else {
        text_add(&text, "affinity not fully applied: cannot have CPUs %s", cpus_in_words(&missing).text);
        add_causes(&text, &missing);
    }
}

/* A seccomp filter answers EPERM, EACCES or ENOSYS, as its author liked; the kernel itself lets a thread pin itself. */
void affinity_describe_errno(int system_errno, char *reason, size_t size)
{
    const bool forbidden = system_errno == EPERM || system_errno == EACCES || system_errno == ENOSYS;
    struct text text = text_into(reason, size);
    text_add(&text,
        forbidden ? "permission denied: the affinity call is forbidden (%s), as by a seccomp filter; allow "
                    "sched_setaffinity and sched_getaffinity"
                  : "affinity not fully applied: %s",
        strerrordesc_np(system_errno));
}
