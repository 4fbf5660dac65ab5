/*
 * The deployment checklist on machines with one fault each: the right check says so, names the mend, and no other check
 * changes its mind.
 */
#include "checks.h"
#include "tree.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct check *find(const struct check *checks, const char *id)
{
    for (size_t i = 0; i < checks_count(); i++) {
        if (strcmp(checks[i].id, id) == 0) {
            return &checks[i];
        }
    }
    EXPECT_TEXT("no such check", id);
    return &checks[0];
}

static struct check *run(const struct facts *facts)
{
    struct check *checks = calloc(checks_count(), sizeof(*checks));
    checks_run(checks, facts);
    return checks;
}

static void healthy(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_facts(&tree, &facts);
    struct check *checks = run(&facts);
    for (size_t i = 0; i < checks_count(); i++) {
        bool measured = strcmp(checks[i].id, "distances-measured") == 0;
        EXPECT_TEXT(check_verdict_name(checks[i].verdict), measured ? "unknown" : "pass");
        EXPECT(checks[i].value[0] != '\0' && checks[i].why[0] != '\0' && checks[i].title[0] != '\0');
        EXPECT(measured || checks[i].fix[0] == '\0');
    }
    free(checks);
    facts_free(&facts);
    tree_remove(&tree);
}

/* One file that differs from the healthy machine, and what the checks must make of it. */
static const struct fault {
    const char *file;
    const char *text; /* NULL: the file is missing. */
    const char *check;
    const char *verdict;
    const char *value; /* A part of it. */
    const char *fix;   /* A part of it; "" when there must be none. */
    bool alone;        /* No other check is touched. */
} faults[] = {
    {"/proc/sys/kernel/numa_balancing", "1\n", "numa-balancing", "fail", "is 1", "sysctl -w kernel.numa_balancing=0",
        false},
    {"/proc/sys/kernel/numa_balancing", "2\n", "numa-balancing", "fail", "is 2", "sysctl", false},
    {"/proc/sys/kernel/numa_balancing", NULL, "numa-balancing", "pass", "has none", "", true},
    {"/proc/cmdline", "quiet numa=off\n", "kernel-numa", "fail", "numa=off", "update-grub", true},
    {"/proc/cmdline", "quiet xnuma=off numa=offside\n", "kernel-numa", "pass", "present", "", true},
    {"/proc/cmdline", "numa=fake=4\n", "kernel-numa", "warn", "numa=fake", "update-grub", true},
    {"/proc/self/status",
        "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffff7fffff\nCpus_allowed_list:\t0-7\nMems_allowed_list:\t0-1\n",
        "cap-sys-nice", "fail", "missing", "setcap 'cap_sys_nice+ep'", false},
    {"/proc/self/status",
        "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffdfffff\nCpus_allowed_list:\t0-7\nMems_allowed_list:\t0-1\n",
        "cap-sys-admin", "fail", "missing", "setcap 'cap_sys_admin+ep'", false},
    {"/proc/self/status",
        "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nCpus_allowed_list:\t0-5\nMems_allowed_list:\t0\n", "cpuset",
        "warn", "CPUs 6-7, memory of nodes 1", "--cpuset-cpus=0-7 --cpuset-mems=0-1", true},
    {"/proc/self/status",
        "Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\nCpus_allowed_list:\t0-5\nMems_allowed_list:\t0-1\n", "cpuset",
        "warn", "CPUs 6-7", "taskset --cpu-list 0-7 ", true},
    {"/sys/devices/system/cpu/online", "0-5\n", "offline-cpus", "warn", "2 offline: 6-7", "cpu6/online", true},
    {"/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 0 kB\n", "nodes-without-memory", "warn",
        "none on node 1", "memory modules", false},
    {"/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 8388608 kB\n", "even-memory", "warn",
        "node 1 has 8.0 GiB, node 0 16.0 GiB", "dmidecode", true},
    {"/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 16400000 kB\n", "even-memory", "pass", "node 1", "",
        true},
    {"/proc/sys/vm/zone_reclaim_mode", "1\n", "zone-reclaim", "warn", "is 1", "vm.zone_reclaim_mode=0", true},
    {"/proc/sys/vm/zone_reclaim_mode", NULL, "zone-reclaim", "not-applicable", "has none", "", true},
    {"/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n", "transparent-huge-pages", "warn",
        "never", "echo madvise", true},
    {"/proc/sys/kernel/perf_event_paranoid", NULL, "perf-events", "warn", "absent", "CONFIG_PERF_EVENTS", true},
    {"/proc/meminfo", "MemTotal: 33554432 kB\nSwapTotal: 2097152 kB\n", "swap", "warn", "2.0 GiB", "swapoff", true},
    {"/sys/firmware/acpi/tables/SLIT", NULL, "distances-declared", "warn", "10 and 20", "firmware", true},
    {"/sys/devices/system/node/node1/distance", "31 10\n", "distances-symmetric", "warn", "node 1 to 0 is 31, and 21",
        "firmware", true},
    {"/sys/devices/system/node/node1/distance", "21\n", "distances-declared", "warn", "does not tell", "distance",
        false},
    {"/sys/devices/system/node/node1/numastat", NULL, "locality-metrics", "warn", "numastat of node 1", "/sys", true},
};

static void one_fault(const struct fault *fault, const struct check *before)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_change(&tree, fault->file, fault->text);
    tree_facts(&tree, &facts);
    struct check *checks = run(&facts);
    const struct check *check = find(checks, fault->check);
    EXPECT_TEXT(check_verdict_name(check->verdict), fault->verdict);
    EXPECT_PART(check->value, fault->value);
    EXPECT_PART(check->fix, fault->fix);
    EXPECT((check->fix[0] == '\0') == (fault->fix[0] == '\0'));
    for (size_t i = 0; i < checks_count() && fault->alone; i++) {
        if (&checks[i] != check) {
            EXPECT_TEXT(check_verdict_name(checks[i].verdict), check_verdict_name(before[i].verdict));
        }
    }
    free(checks);
    facts_free(&facts);
    tree_remove(&tree);
}

static void each_fault(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_facts(&tree, &facts);
    struct check *before = run(&facts);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        one_fault(&faults[i], before);
    }
    free(before);
    facts_free(&facts);
    tree_remove(&tree);
}

/* What the library says of itself is compared with what the kernel's files say. */
static void what_the_library_says(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_facts(&tree, &facts);
    facts.probes.hard_mode = false;
    facts.probes.refusal = REFUSAL_WRONG;
    facts.probes.pages_located = false;
    struct check *checks = run(&facts);
    EXPECT_NUMBER(find(checks, "hard-mode")->verdict, CHECK_FAIL);
    EXPECT_PART(find(checks, "hard-mode")->value, "the library says not supported");
    EXPECT_NUMBER(find(checks, "hard-mode-refusals")->verdict, CHECK_FAIL);
    EXPECT_NUMBER(find(checks, "locality-metrics")->verdict, CHECK_WARN);
    facts.probes.refusal = REFUSAL_UNTRIED;
    checks_run(checks, &facts);
    EXPECT_NUMBER(find(checks, "hard-mode-refusals")->verdict, CHECK_UNKNOWN);
    free(checks);
    facts_free(&facts);
    tree_remove(&tree);
}

static void unprivileged(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_change(
        &tree, "/proc/self/status", "Uid:\t7\t7\t7\t7\nCapEff:\t0\nCpus_allowed_list:\t0-7\nMems_allowed_list:\t0-1\n");
    tree_change(&tree, "/proc/sys/kernel/perf_event_paranoid", "3\n");
    tree_facts(&tree, &facts);
    facts.probes.hard_mode = false;
    snprintf(facts.probes.missing, sizeof(facts.probes.missing), "CAP_SYS_ADMIN, CAP_SYS_NICE");
    snprintf(facts.limits.locked_memory, sizeof(facts.limits.locked_memory), "65536");
    struct check *checks = run(&facts);
    EXPECT_NUMBER(facts.privileges.uid, 7);
    EXPECT_NUMBER(find(checks, "hard-mode")->verdict, CHECK_FAIL);
    EXPECT_PART(find(checks, "hard-mode")->value, "CAP_SYS_ADMIN, CAP_SYS_NICE missing");
    EXPECT_NUMBER(find(checks, "cap-ipc-lock")->verdict, CHECK_WARN);
    EXPECT_NUMBER(find(checks, "perf-events")->verdict, CHECK_WARN);
    EXPECT_PART(find(checks, "perf-events")->fix, "perf_event_paranoid=2");
    free(checks);
    facts_free(&facts);
    tree_remove(&tree);
}

/* A kernel without NUMA is one node with everything, and locality is trivial on it. */
static void one_node(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_change(&tree, "/sys/devices/system/node/online", NULL);
    tree_facts(&tree, &facts);
    struct check *checks = run(&facts);
    EXPECT_NUMBER(facts.nodes.count, 1);
    EXPECT_NUMBER(facts.nodes.list[0].memory_bytes, 32LL << 30);
    EXPECT_NUMBER(np_cpuset_count(&facts.nodes.list[0].cpus), 8);
    EXPECT_NUMBER(find(checks, "numa-hardware")->verdict, CHECK_WARN);
    EXPECT_PART(find(checks, "numa-hardware")->value, "1 node");
    EXPECT_NUMBER(find(checks, "kernel-numa")->verdict, CHECK_FAIL);
    EXPECT_NUMBER(find(checks, "distances-declared")->verdict, CHECK_NOT_APPLICABLE);
    EXPECT_NUMBER(find(checks, "even-memory")->verdict, CHECK_NOT_APPLICABLE);
    free(checks);
    facts_free(&facts);
    tree_remove(&tree);
}

/* The remote memory of node 0, measured: @remote nanoseconds, give or take @half. */
static struct bench_report measured(struct bench_measurement cells[2], double remote, double half)
{
    for (int target = 0; target < 2; target++) {
        double median = target == 0 ? 100 : remote;
        cells[target] = (struct bench_measurement){.name = "latency",
            .unit = "ns",
            .initiator = 0,
            .target = target,
            .median = median,
            .ci_low = median - half,
            .ci_high = median + half,
            .state = BENCH_CONVERGED};
    }
    return (struct bench_report){.measurement_count = 2, .measurements = cells};
}

static void distances_against_measurements(void)
{
    static const struct {
        double remote;
        double half;
        enum check_verdict verdict;
    } rows[] = {
        {200, 5, CHECK_PASS}, {60, 5, CHECK_WARN}, {60, 30, CHECK_PASS}, /* The intervals meet. */
        {95, 1, CHECK_PASS},                                             /* Hardly a difference. */
    };
    struct tree tree;
    struct facts facts;
    struct bench_measurement cells[2];
    tree_make(&tree);
    tree_facts(&tree, &facts);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench_report report = measured(cells, rows[i].remote, rows[i].half);
        facts.measured = &report;
        struct check *checks = run(&facts);
        EXPECT_NUMBER(find(checks, "distances-measured")->verdict, rows[i].verdict);
        free(checks);
    }
    facts_free(&facts);
    tree_remove(&tree);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a healthy machine passes", healthy},
        {"each fault is found", each_fault},
        {"the library is not taken at its word", what_the_library_says},
        {"an ordinary user", unprivileged},
        {"one node", one_node},
        {"declared distances against measured ones", distances_against_measurements},
    };
    return unit_main("checks", tests, sizeof(tests) / sizeof(tests[0]));
}
