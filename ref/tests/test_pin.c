/*
 * Pins on one thread: PIN-1 to PIN-9 as far as a process can see them alone.
 *
 * What the kernel says is read here by calls of our own, never through the library. CPUs that do not exist stand in for
 * those that are offline; a filter on the system calls stands in for a container's.
 */
#include "unit.h"
#include <errno.h>
#include <numaproof/pin.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

static np_cpuset affinity_now(void)
{
    np_cpuset now = {0};
    EXPECT(syscall(SYS_sched_getaffinity, 0, sizeof now, &now) > 0);
    return now;
}

/* "Cpus_allowed_list" of this thread: the affinity with its offline CPUs. */
static void whole_affinity(char *list, size_t size)
{
    FILE *file = fopen("/proc/thread-self/status", "re");
    char line[4096];
    list[0] = '\0';
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "Cpus_allowed_list:", 18) == 0)
            snprintf(list, size, "%s", line + 18);
    if (file != NULL)
        fclose(file);
}

static np_cpuset only(int cpu)
{
    np_cpuset set = {0};
    np_cpuset_add(&set, (unsigned)cpu, NULL);
    return set;
}

/* The first and the last CPU that this thread may use: the same one where there is but one. */
static int first_cpu;
static int last_cpu;
static bool may_be_strict;

static np_enforcement got(const np_pin *pin)
{
    np_enforcement enforcement = {.level = -1};
    EXPECT_NUMBER(np_pin_enforcement(pin, &enforcement, NULL), NP_OK);
    EXPECT_NUMBER(enforcement.level == NP_LEVEL_STRICT, enforcement.reason[0] == '\0');
    return enforcement;
}

/* PIN-1, PIN-2, PIN-9: set, told truly, verified, restored. */
static void pin_and_release(np_mode mode, np_level level)
{
    const np_cpuset before = affinity_now();
    char whole_before[4096];
    char whole_after[4096];
    whole_affinity(whole_before, sizeof whole_before);
    np_pin *pin = NULL;
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)last_cpu, mode, &pin, NULL), NP_OK);
    const np_cpuset now = affinity_now();
    const np_cpuset wanted = only(last_cpu);
    EXPECT(np_cpuset_equal(&now, &wanted));
    EXPECT_NUMBER(sched_getcpu(), last_cpu);
    EXPECT_NUMBER(got(pin).level, level);
    np_cpuset pinned;
    EXPECT_NUMBER(np_pin_cpus(pin, &pinned, NULL), NP_OK);
    EXPECT(np_cpuset_equal(&pinned, &wanted));
    bool holds = false;
    np_enforcement present;
    EXPECT_NUMBER(np_pin_verify(pin, &holds, &present, NULL), NP_OK);
    EXPECT(holds && present.level == NP_LEVEL_STRICT);
    EXPECT_NUMBER(np_pin_verify(pin, &holds, NULL, NULL), NP_OK);
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
    whole_affinity(whole_after, sizeof whole_after);
    EXPECT_TEXT(whole_after, whole_before);
}

static void soft(void)
{
    pin_and_release(NP_SOFT, NP_LEVEL_BEST_EFFORT);
}

static void strict(void)
{
    if (may_be_strict)
        pin_and_release(NP_STRICT, NP_LEVEL_STRICT);
}

/* LAW-7: without a mode, soft. */
static void convenience(void)
{
    np_pin *pin = NULL;
    const np_cpuset wanted = only(first_cpu);
    EXPECT_NUMBER(np_pin_current(&wanted, &pin, NULL), NP_OK);
    EXPECT_NUMBER(got(pin).level, NP_LEVEL_BEST_EFFORT);
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
}

/* LAW-6: before anything is changed, in both modes. */
static void wrong_arguments(void)
{
    const np_cpuset before = affinity_now();
    np_pin *const untouched = (np_pin *)&first_cpu;
    np_pin *pin = untouched;
    const np_cpuset none = {0};
    const np_cpuset one = only(first_cpu);
    np_error error = {0};
    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        EXPECT_ERROR(np_pin_to_cpus(NULL, (np_mode)mode, &pin, &error), NP_INVALID_ARGUMENT, error, "NULL");
        EXPECT_ERROR(np_pin_to_cpus(&none, (np_mode)mode, &pin, &error), NP_INVALID_ARGUMENT, error, "empty");
        EXPECT_ERROR(np_pin_to_cpus(&one, (np_mode)mode, NULL, &error), NP_INVALID_ARGUMENT, error, "NULL");
        EXPECT_ERROR(np_pin_to_cpu(NP_CPU_MAX, (np_mode)mode, &pin, &error), NP_INVALID_ARGUMENT, error, "8191");
        EXPECT_ERROR(np_pin_to_node(NULL, 0, (np_mode)mode, &pin, &error), NP_INVALID_ARGUMENT, error, "NULL");
    }
    EXPECT_ERROR(np_pin_to_cpus(&one, (np_mode)2, &pin, &error), NP_INVALID_ARGUMENT, error, "mode 2");
    EXPECT_ERROR(np_pin_to_cpus(&one, (np_mode)-1, &pin, &error), NP_INVALID_ARGUMENT, error, "mode -1");
    EXPECT(pin == untouched);
    bool holds = false;
    np_cpuset cpus;
    np_enforcement enforcement;
    EXPECT_ERROR(np_pin_cpus(NULL, &cpus, &error), NP_INVALID_ARGUMENT, error, "pin is NULL");
    EXPECT_ERROR(np_pin_enforcement(NULL, &enforcement, &error), NP_INVALID_ARGUMENT, error, "pin is NULL");
    EXPECT_ERROR(np_pin_verify(NULL, &holds, NULL, &error), NP_INVALID_ARGUMENT, error, "pin is NULL");
    EXPECT_NUMBER(np_pin_release(NULL, &error), NP_OK);
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
}

/* PIN-3, PIN-5 with a CPU that is not there beside one that is. */
static void partly_absent(void)
{
    const np_cpuset before = affinity_now();
    const np_cpuset there = only(first_cpu);
    np_cpuset wanted = there;
    np_cpuset_add(&wanted, NP_CPU_MAX - 1, NULL);
    np_error error = {0};
    np_pin *pin = NULL;
    if (may_be_strict) {
        EXPECT_ERROR(np_pin_to_cpus(&wanted, NP_STRICT, &pin, &error), NP_HARD_MODE_UNAVAILABLE, error,
            "affinity not fully applied: cannot have CPUs 8191; 8191 not in this machine");
        EXPECT_TEXT(error.operation, "pin");
        EXPECT(pin == NULL);
        const np_cpuset after = affinity_now();
        EXPECT(np_cpuset_equal(&before, &after));
    }
    EXPECT_NUMBER(np_pin_to_cpus(&wanted, NP_SOFT, &pin, NULL), NP_OK);
    EXPECT_NUMBER(got(pin).level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(got(pin).reason, "8191");
    const np_cpuset now = affinity_now();
    np_cpuset pinned;
    np_pin_cpus(pin, &pinned, NULL);
    EXPECT(np_cpuset_equal(&now, &there) && np_cpuset_equal(&pinned, &there));
    bool holds = true;
    np_enforcement present;
    EXPECT_NUMBER(np_pin_verify(pin, &holds, &present, NULL), NP_OK);
    EXPECT(!holds && present.level == NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present.reason, "8191");
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
}

/* PIN-3, PIN-5 with nothing that is there. */
static void all_absent(void)
{
    const np_cpuset before = affinity_now();
    np_error error = {0};
    np_pin *pin = NULL;
    if (may_be_strict)
        EXPECT_ERROR(np_pin_to_cpu(NP_CPU_MAX - 1, NP_STRICT, &pin, &error), NP_HARD_MODE_UNAVAILABLE, error,
            "affinity not fully applied: cannot have CPUs 8191");
    EXPECT_NUMBER(np_pin_to_cpu(NP_CPU_MAX - 1, NP_SOFT, &pin, NULL), NP_OK);
    EXPECT_NUMBER(got(pin).level, NP_LEVEL_NONE);
    EXPECT_PART(got(pin).reason, "cannot have CPUs 8191");
    np_cpuset pinned;
    np_pin_cpus(pin, &pinned, NULL);
    EXPECT_NUMBER(np_cpuset_count(&pinned), 0);
    bool holds = true;
    np_enforcement present;
    EXPECT_NUMBER(np_pin_verify(pin, &holds, &present, NULL), NP_OK);
    EXPECT(!holds && present.level == NP_LEVEL_NONE);
    np_cpuset now = affinity_now();
    EXPECT(np_cpuset_equal(&before, &now));

    /* It changed nothing, and so it restores nothing: what others set meanwhile stays. */
    const np_cpuset other = only(last_cpu);
    EXPECT_NUMBER(syscall(SYS_sched_setaffinity, 0, sizeof other, &other), 0);
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
    now = affinity_now();
    EXPECT(np_cpuset_equal(&other, &now));
    EXPECT_NUMBER(syscall(SYS_sched_setaffinity, 0, sizeof before, &before), 0);
}

static void without_capability(void)
{
    unit_drop_capability(CAP_SYS_NICE);
    const np_cpuset before = affinity_now();
    np_error error = {0};
    np_pin *pin = NULL;
    EXPECT_ERROR(np_pin_to_cpu((unsigned)first_cpu, NP_STRICT, &pin, &error), NP_HARD_MODE_UNAVAILABLE, error,
        "permission denied: CAP_SYS_NICE");
    np_cpuset now = affinity_now();
    EXPECT(pin == NULL && np_cpuset_equal(&before, &now));
    pin_and_release(NP_SOFT, NP_LEVEL_BEST_EFFORT);
}

/* PIN-4 */
static void missing_capability(void)
{
    unit_in_child(without_capability);
}

static int forbidden_errno;

static void without_setting(void)
{
    unit_forbid(SYS_sched_setaffinity, forbidden_errno);
    np_error error = {0};
    np_pin *pin = NULL;
    if (may_be_strict) {
        EXPECT_ERROR(np_pin_to_cpu((unsigned)first_cpu, NP_STRICT, &pin, &error), NP_HARD_MODE_UNAVAILABLE, error,
            "permission denied: the affinity call is forbidden");
        EXPECT_NUMBER(error.system_errno, forbidden_errno);
    }
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &pin, NULL), NP_OK);
    EXPECT_NUMBER(got(pin).level, NP_LEVEL_NONE);
    EXPECT_PART(got(pin).reason, "permission denied");
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
}

static void without_reading(void)
{
    const np_cpuset before = affinity_now();
    unit_forbid(SYS_sched_getaffinity, EPERM);
    np_error error = {0};
    np_pin *pin = NULL;
    if (may_be_strict)
        EXPECT_ERROR(np_pin_to_cpu((unsigned)first_cpu, NP_STRICT, &pin, &error), NP_HARD_MODE_UNAVAILABLE, error,
            "permission denied");
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &pin, NULL), NP_OK);
    EXPECT_NUMBER(got(pin).level, NP_LEVEL_NONE);
    char before_list[4096];
    char now_list[4096];
    np_cpuset_format(&before, before_list, sizeof before_list);
    whole_affinity(now_list, sizeof now_list);
    EXPECT_PART(now_list, before_list);
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
}

/* LAW-5, PIN-5: a filter on the calls, with each of the answers that filters give. */
static void forbidden_calls(void)
{
    static const int answers[] = {EPERM, EACCES, ENOSYS};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        forbidden_errno = answers[i];
        unit_in_child(without_setting);
    }
    unit_in_child(without_reading);
}

static np_pin *standing;

static void release_when_forbidden(void)
{
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &standing, NULL), NP_OK);
    unit_forbid(SYS_sched_setaffinity, EPERM);
    np_error error = {0};
    EXPECT_ERROR(np_pin_release(standing, &error), NP_SYSTEM, error, "cannot be restored: permission denied");
    EXPECT_ERROR(np_pin_release(standing, &error), NP_SYSTEM, error, "cannot be restored");
    EXPECT_NUMBER(got(standing).level, NP_LEVEL_BEST_EFFORT);
}

/* A release that fails leaves the pin standing, to be released again. */
static void failed_release(void)
{
    unit_in_child(release_when_forbidden);
}

/* PIN-9: somebody else moved the thread. */
static void moved_from_outside(void)
{
    if (first_cpu == last_cpu)
        return;
    np_pin *pin = NULL;
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &pin, NULL), NP_OK);
    const np_cpuset other = only(last_cpu);
    EXPECT_NUMBER(syscall(SYS_sched_setaffinity, 0, sizeof other, &other), 0);
    bool holds = true;
    np_enforcement present;
    EXPECT_NUMBER(np_pin_verify(pin, &holds, &present, NULL), NP_OK);
    EXPECT(!holds && present.level == NP_LEVEL_NONE);
    EXPECT_PART(present.reason, "another program");
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
}

/* PIN-7 on the real machine. */
static void to_a_node(void)
{
    np_topology *topology = NULL;
    EXPECT_NUMBER(np_topology_discover(&topology, NULL), NP_OK);
    unsigned node = NP_NODE_MAX;
    np_cpuset cpus = {0};
    EXPECT_NUMBER(np_topology_node_of_cpu(topology, (unsigned)first_cpu, &node, NULL), NP_OK);
    EXPECT_NUMBER(np_topology_cpus_of_node(topology, node, &cpus, NULL), NP_OK);
    const np_cpuset before = affinity_now();
    np_pin *pin = NULL;
    EXPECT_NUMBER(np_pin_to_node(topology, node, NP_SOFT, &pin, NULL), NP_OK);
    const np_cpuset now = affinity_now();
    EXPECT(np_cpuset_subset(&now, &cpus) && np_cpuset_contains(&now, (unsigned)first_cpu));
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
    np_error error = {0};
    EXPECT_ERROR(
        np_pin_to_node(topology, NP_NODE_MAX - 1, NP_SOFT, &pin, &error), NP_INVALID_ARGUMENT, error, "no node 1023");
    EXPECT_ERROR(
        np_pin_to_node(topology, NP_NODE_MAX, NP_STRICT, &pin, &error), NP_INVALID_ARGUMENT, error, "no node 1024");
    np_topology_destroy(topology);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"soft", soft},
        {"strict", strict},
        {"soft is the default", convenience},
        {"wrong arguments", wrong_arguments},
        {"partly absent", partly_absent},
        {"all absent", all_absent},
        {"missing capability", missing_capability},
        {"forbidden calls", forbidden_calls},
        {"failed release", failed_release},
        {"moved from outside", moved_from_outside},
        {"to a node", to_a_node},
    };
    np_cpuset mine = {0};
    if (syscall(SYS_sched_getaffinity, 0, sizeof mine, &mine) < 0)
        return EXIT_FAILURE;
    first_cpu = np_cpuset_first(&mine);
    for (int cpu = first_cpu; cpu >= 0; cpu = np_cpuset_next(&mine, cpu))
        last_cpu = cpu;
    may_be_strict = unit_has_capability(CAP_SYS_NICE);
    if (!may_be_strict)
        puts("no CAP_SYS_NICE: what strict grants is not tested, what it refuses is");
    return unit_main("pin", tests, sizeof tests / sizeof tests[0]);
}
