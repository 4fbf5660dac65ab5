/*
 * Negative controls: that each fault really is one, that the oracle sees it, and that it is gone with the case.
 *
 * A case whose fault was not in force would pass for the wrong reason. Each sample here injects a fault and looks at it
 * with plain system calls, not with the fault's own verification.
 */
#include "case_process.h"
#include "fault_journal.h"
#include "machine_lock.h"
#include "snapshot.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

CASE(drops_a_capability, "sample", CLAUSES("CAP-1"), NEEDS(.capabilities = CAPABILITY(CAP_SYS_NICE)))
{
    EXPECT((oracle_effective_capabilities() & CAPABILITY(CAP_SYS_NICE)) != 0);
    EXPECT_INT(setpriority(PRIO_PROCESS, 0, -1), ==, 0);
    fault_lower_capability(CAP_SYS_NICE);
    EXPECT_INT(setpriority(PRIO_PROCESS, 0, -2), ==, -1);
    fault_raise_capability(CAP_SYS_NICE);
    EXPECT_INT(setpriority(PRIO_PROCESS, 0, -2), ==, 0);
    fault_drop_capability(CAP_SYS_NICE);
    EXPECT((oracle_effective_capabilities() & CAPABILITY(CAP_SYS_NICE)) == 0);
    EXPECT_INT(setpriority(PRIO_PROCESS, 0, -3), ==, -1);
}

CASE(becomes_a_user, "sample", CLAUSES("CAP-1"), NEEDS(.faults = FAULT_USER))
{
    static struct snapshot state;

    fault_become_user();
    EXPECT_INT(oracle_effective_capabilities(), ==, 0);
    EXPECT_INT(setpriority(PRIO_PROCESS, 0, -5), ==, -1);
    snapshot_take(&state, true); /* /proc/self is still this process's own */
    EXPECT_INT(state.thread_count, ==, 1);
}

CASE(forbids_calls, "sample: forbidden to all but the oracle", CLAUSES("MEM-7"), NEEDS(.faults = FAULT_SECCOMP))
{
    struct ids all = oracle_affinity(0);
    cpu_set_t one;

    fault_forbid(EPERM, SYS_sched_setaffinity, SYS_sched_getaffinity, SYS_get_mempolicy, SYS_mbind, SYS_move_pages);
    EXPECT_INT(sched_getaffinity(0, sizeof one, &one), ==, -1);
    EXPECT_INT(errno, ==, EPERM);
    EXPECT_IDS(oracle_affinity(0), all);
    EXPECT_INT(oracle_thread_policy().mode, ==, MPOL_DEFAULT);
    EXPECT_INT(oracle_pages(&one, 1, oracle_page_bytes()).pages, ==, 1);
    EXPECT_INT(sched_yield(), ==, 0);
    fault_forbid(ENOSYS, SYS_sched_yield);
    EXPECT_INT(sched_yield(), ==, -1);
}

CASE(limits_memory, "sample", CLAUSES("MEM-16"), NEEDS(.plain_memory = true))
{
    fault_limit(RLIMIT_NOFILE, 3);
    EXPECT_INT(open("/dev/null", O_RDONLY), ==, -1);
    EXPECT_INT(errno, ==, EMFILE);
}

CASE(limits_address_space, "sample", CLAUSES("MEM-16"), NEEDS(.plain_memory = true))
{
    fault_limit_address_space(1 << 20);
    EXPECT(mmap(NULL, 1 << 16, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    EXPECT(mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
}

CASE(repins_from_outside, "sample", CLAUSES("PIN-9"), NEEDS(.cpus = 2))
{
    struct ids cpus = oracle_allowed_cpus();
    struct ids one = ids_of((unsigned)ids_next(&cpus, ids_first(&cpus)));

    fault_repin_from_outside(oracle_self(), &one);
    EXPECT_INT(oracle_here().cpu, ==, ids_first(&one));
}

CASE(moves_a_page, "sample", CLAUSES("MEM-15"), NEEDS(.memory_nodes = 2))
{
    struct ids nodes = oracle_memory_nodes();
    size_t bytes = oracle_page_bytes();

    char *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(page != MAP_FAILED);
    page[0] = 1;
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        fault_move_page_from_outside(page, (unsigned)node);
        EXPECT_INT(oracle_pages(page, bytes, bytes).on_node[node], ==, 1);
    }
}

CASE(offlines_a_cpu, "sample", CLAUSES("PIN-3"), NEEDS(.cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    unsigned gone = fault_offline_one_cpu();
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(gone, &set);
    EXPECT_INT(sched_setaffinity(0, sizeof set, &set), ==, -1);
}

CASE(switches_balancing, "sample", CLAUSES("CAP-2"), NEEDS(.faults = FAULT_BALANCING))
{
    int before = oracle_balancing();

    fault_balancing(before == 0 ? 1 : 0);
    EXPECT_INT(oracle_balancing() != 0, ==, before == 0);
}

CASE(fills_a_node, "sample", CLAUSES("MEM-5"), NEEDS(.faults = FAULT_FULL_NODE, .nodes = 2))
{
    const uint64_t leave_bytes = UINT64_C(64) << 20, free_most = UINT64_C(80) << 20;
    struct ids nodes = oracle_memory_nodes();
    unsigned node = (unsigned)ids_next(&nodes, ids_first(&nodes));

    /* What came free late, since others had given it back before, is taken by filling once more. */
    for (int fills = 0; fills < 4 && (fills == 0 || oracle_node_memory(node).free >= free_most); fills++)
        fault_fill_node(node, leave_bytes);
    EXPECT_INT(oracle_node_memory(node).free, <, free_most);
}

/* To the last page that it gives, and nobody is killed for one more. */
CASE(fills_all_of_a_node, "sample", CLAUSES("MEM-5"), NEEDS(.faults = FAULT_FULL_NODE, .memory_nodes = 2))
{
    struct ids nodes = oracle_memory_nodes();
    unsigned node = (unsigned)ids_first(&nodes);

    fault_fill_node(node, 0);
    EXPECT_INT(oracle_node_memory(node).free, <, oracle_node_memory(node).total / 8);
}

CASE(enters_a_cpuset, "sample", CLAUSES("TOPO-10"), NEEDS(.cpus = 2, .faults = FAULT_CPUSET))
{
    struct ids cpus = oracle_allowed_cpus(), one = ids_of((unsigned)ids_first(&cpus));
    cpu_set_t set;

    fault_cpuset(&one, NULL);
    CPU_ZERO(&set);
    CPU_SET((unsigned)ids_next(&cpus, ids_first(&cpus)), &set);
    EXPECT_INT(sched_setaffinity(0, sizeof set, &set), ==, -1);
    EXPECT_IDS(oracle_affinity(0), one);
}

CASE(enters_a_memory_limit, "sample: more than the limit kills", CLAUSES("MEM-16"),
    NEEDS(.faults = FAULT_MEMORY_LIMIT, .plain_memory = true))
{
    size_t bytes = 32 << 20;

    fault_memory_limit(16 << 20);
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT(memory != MAP_FAILED);
    memset(memory, 1, bytes);
}

CASE(sizes_huge_pages, "sample", CLAUSES("MEM-11"), NEEDS(.faults = FAULT_HUGE_PAGES))
{
    size_t bytes = 2 << 20;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << MAP_HUGE_SHIFT;

    fault_huge_pages(0, 2048, 2);
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
    EXPECT(memory != MAP_FAILED);
    memory[0] = 1;
    EXPECT_INT(oracle_range(memory, bytes).explicit_huge, ==, bytes);
    EXPECT_INT(oracle_range(memory, bytes).largest_page, ==, bytes);
}

CASE(offlines_memory, "sample", CLAUSES("MEM-4"), NEEDS(.nodes = 2, .faults = FAULT_MEMORY_OFFLINE))
{
    uint64_t total = oracle_node_memory(1).total;
    uint64_t gone = fault_memory_offline(1);

    if (gone == 0)
        case_inconclusive("node 1 lets no block of its memory go");
    EXPECT_INT(oracle_node_memory(1).total, <, total);
}

CASE(loses_its_guard, "sample: the guard is killed in the middle of a fault", CLAUSES("PIN-3"),
    NEEDS(.cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    fault_offline_one_cpu();
    kill(getppid(), SIGKILL);
    for (;;)
        pause();
}

static const struct {
    const struct suite_case *sample;
    const char *killed_by; /* NULL: it passes */
} samples[] = {
    {&drops_a_capability, NULL},
    {&becomes_a_user, NULL},
    {&forbids_calls, NULL},
    {&limits_memory, NULL},
    {&limits_address_space, NULL},
    {&repins_from_outside, NULL},
    {&moves_a_page, NULL},
    {&offlines_a_cpu, NULL},
    {&switches_balancing, NULL},
    {&fills_a_node, NULL},
    {&fills_all_of_a_node, NULL},
    {&enters_a_cpuset, NULL},
    {&enters_a_memory_limit, "out-of-memory"},
    {&sizes_huge_pages, NULL},
    {&offlines_memory, NULL},
};

/* What the faults of the machine change, in one text. */
static void describe_machine(char *text, size_t size)
{
    struct ids cpus = oracle_online_cpus(), nodes = oracle_memory_nodes();
    char huge[32] = "";
    uint64_t total = 0;

    oracle_read_file("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", huge, sizeof huge);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        total += oracle_node_memory((unsigned)node).total;
    snprintf(text, size, "CPUs %s, memory on %s (%llu bytes), balancing %d, huge pages %s", ids_text(&cpus).text,
        ids_text(&nodes).text, (unsigned long long)total, oracle_balancing(), huge);
}

/* Everybody who could undo a fault is killed: the journal still knows, and the next run puts it back. */
static void check_repair(const struct case_setting *setting)
{
    struct suite_result result;
    char said[300];

    case_process_run(&loses_its_guard, setting, &result);
    printf("%-24s %s %s\n", result.id, suite_verdict_name(result.verdict), result.reason);
    if (result.status == SUITE_SKIPPED)
        return;
    CHECK(result.status == SUITE_ERROR, "%s", suite_status_name(result.status));
    CHECK(strstr(result.reason, "guard was killed") != NULL, "%s", result.reason);
    struct ids online = oracle_online_cpus(), present = oracle_present_cpus();
    CHECK(!ids_equal(&online, &present), "the fault was undone by nobody");
    /* The killed case may hold the machine for a moment more. */
    CHECK(machine_lock(true), "the machine is not to be had");
    CHECK(journal_exists() && journal_open(false), "there is no journal");
    CHECK(journal_undo(said, sizeof said) && strstr(said, "/online 1") != NULL, "%s", said);
    journal_close();
    machine_unlock();
}

/* With --all a fault that cannot be injected is a failure, as it is in an emulated machine that has all that they need. */
int main(int argc, char **argv)
{
    bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    const struct case_setting setting = {.limit_seconds = 60};
    char before[512], after[512];

    describe_machine(before, sizeof before);
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct suite_result result;
        case_process_run(samples[i].sample, &setting, &result);
        printf("%-24s %s %s\n", result.id, suite_verdict_name(result.verdict), result.reason);
        CHECK(!all || result.status != SUITE_SKIPPED, "%s: %s", result.id, result.reason);
        if (result.status == SUITE_SKIPPED)
            continue;
        if (samples[i].killed_by == NULL)
            CHECK(result.status == SUITE_RAN && result.verdict != SUITE_FAIL, "%s: %s", result.id, result.reason);
        else
            CHECK(strstr(result.reason, samples[i].killed_by) != NULL, "%s: %s", result.id, result.reason);
    }
    check_repair(&setting);
    describe_machine(after, sizeof after);
    CHECK(strcmp(before, after) == 0, "the machine was\n%sand is\n%s", before, after);
    CHECK(access("/run/numaproof-faults.journal", F_OK) != 0, "the journal was left behind");
    return test_result();
}
