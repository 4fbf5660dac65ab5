/*
 * Negative controls of the oracle: what is really done to the process it must see, what is not done it must not, and
 * looking must not change what is looked at.
 */
#include "case_process.h"
#include "snapshot.h"
#include "test.h"

#include <fcntl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct snapshot before, after;

static void *map_bytes(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    EXPECT(memory != MAP_FAILED);
    return memory;
}

CASE(sees_affinity_and_place, "sample", CLAUSES("PIN-1"), NEEDS_NOTHING)
{
    cpu_set_t one;
    unsigned cpu = oracle_here().cpu;

    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    EXPECT_INT(sched_setaffinity(0, sizeof one, &one), ==, 0);
    EXPECT_IDS(oracle_affinity(0), ids_of(cpu));
    EXPECT_INT(oracle_here().cpu, ==, cpu);
    EXPECT_INT(oracle_here().node, ==, oracle_node_of_cpu(cpu));
}

CASE(sees_policies, "sample", CLAUSES("MEM-13"), NEEDS_NOTHING)
{
    struct ids nodes = oracle_allowed_nodes();
    size_t bytes = 4 * oracle_page_bytes();
    char *memory = map_bytes(bytes);

    EXPECT_INT(oracle_policy_at(memory).mode, ==, MPOL_DEFAULT);
    EXPECT_INT(syscall(SYS_mbind, memory, bytes / 2, MPOL_BIND, &nodes, 1025L, 0), ==, 0);
    EXPECT_INT(oracle_policy_at(memory).mode, ==, MPOL_BIND);
    EXPECT_IDS(oracle_policy_at(memory).nodes, nodes);
    EXPECT_INT(oracle_policy_at(memory + bytes / 2).mode, ==, MPOL_DEFAULT);
    EXPECT_INT(oracle_thread_policy().mode, ==, MPOL_DEFAULT);
    EXPECT_INT(syscall(SYS_set_mempolicy, MPOL_INTERLEAVE, &nodes, 1025L), ==, 0);
    EXPECT_INT(oracle_thread_policy().mode, ==, MPOL_INTERLEAVE);
}

CASE(looks_without_touching, "sample: a look at pages makes none present", CLAUSES("MEM-15"), NEEDS_NOTHING)
{
    size_t page = oracle_page_bytes(), bytes = 1200 * page;
    char *memory = map_bytes(bytes);
    uint64_t present = 0;

    madvise(memory, bytes, MADV_NOHUGEPAGE);
    EXPECT_INT(oracle_pages(memory, bytes, page).absent, ==, 1200);
    EXPECT_INT(oracle_pages(memory, bytes, page).absent, ==, 1200);
    for (size_t i = 0; i < 1200; i += 3)
        memory[i * page] = 1;
    struct oracle_pages pages = oracle_pages(memory, bytes, page);
    for (int node = 0; node < ORACLE_NODE_MAX; node++)
        present += pages.on_node[node];
    EXPECT_INT(pages.pages, ==, 1200);
    EXPECT_INT(pages.absent, ==, 800);
    EXPECT_INT(present, ==, 400);
    EXPECT_INT(oracle_range(memory, bytes).resident, ==, 400 * page);
}

CASE(sees_mappings_and_locks, "sample", CLAUSES("MEM-1"), NEEDS_NOTHING)
{
    size_t page = oracle_page_bytes();
    char *memory = map_bytes(8 * page);

    EXPECT_INT(oracle_mapped_bytes(memory, 8 * page), ==, 8 * page);
    uint64_t locked = oracle_locked_bytes();
    /* By number: AddressSanitizer replaces mlock(3) by nothing. */
    EXPECT_INT(syscall(SYS_mlock, memory, 2 * page), ==, 0);
    EXPECT_INT(oracle_locked_bytes(), ==, locked + 2 * page);
    EXPECT_INT(oracle_range(memory, 2 * page).locked, ==, 2 * page);
    EXPECT_INT(munmap(memory + 2 * page, 3 * page), ==, 0);
    EXPECT_INT(oracle_mapped_bytes(memory, 8 * page), ==, 5 * page);
}

/* Compare with @before, expect @word in the difference, and go on from here. */
static void expect_difference(const char *word)
{
    char what[600] = "no difference";

    snapshot_take(&after, true);
    EXPECT(snapshot_differs(&before, &after, true, what, sizeof what));
    EXPECT_CONTAINS(what, word);
    before = after;
}

CASE(snapshot_of_nothing_done, "sample", CLAUSES("LAW-2"), NEEDS(.plain_memory = true))
{
    char what[600] = "";

    for (int i = 0; i < 20; i++) {
        snapshot_take(&before, true);
        snapshot_take(&after, true);
        EXPECT(!snapshot_differs(&before, &after, true, what, sizeof what));
    }
}

CASE(snapshot_sees_memory, "sample", CLAUSES("LAW-2"), NEEDS(.plain_memory = true))
{
    struct ids nodes = oracle_allowed_nodes();
    size_t page = oracle_page_bytes();

    snapshot_take(&before, true);
    char *memory = map_bytes(4 * page);
    expect_difference("new");
    EXPECT_INT(mprotect(memory, page, PROT_READ), ==, 0);
    expect_difference("mapping");
    EXPECT_INT(syscall(SYS_mbind, memory + page, page, MPOL_BIND, &nodes, 1025L, 0), ==, 0);
    expect_difference("bind");
    EXPECT_INT(mlock(memory, page), ==, 0);
    expect_difference("locked");
    EXPECT_INT(munmap(memory, 4 * page), ==, 0);
    expect_difference("locked");
    EXPECT_INT(syscall(SYS_set_mempolicy, MPOL_PREFERRED, &nodes, 1025L), ==, 0);
    expect_difference("policy");
}

static void *wait_for_ever(void *closure)
{
    pause();
    return closure;
}

static void *end_at_once(void *closure)
{
    return closure;
}

CASE(snapshot_sees_threads_and_files, "sample", CLAUSES("LAW-2"), NEEDS(.cpus = 2))
{
    struct ids cpus = oracle_allowed_cpus(), one = ids_of((unsigned)ids_first(&cpus));
    pthread_t thread;
    char what[600] = "";

    snapshot_take(&before, false);
    EXPECT_INT(pthread_create(&thread, NULL, end_at_once, NULL), ==, 0);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    snapshot_take(&after, false);
    EXPECT(!snapshot_differs(&before, &after, false, what, sizeof what));
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    expect_difference("/dev/null");
    close(file);
    expect_difference("closed");
    fault_repin_from_outside(oracle_self(), &one);
    expect_difference("affinity");
    EXPECT_INT(pthread_create(&thread, NULL, wait_for_ever, NULL), ==, 0);
    expect_difference("is new");
}

/* As the first thread of a process does that others outlive: it has ended, and stays listed as long as they live. */
static void *survive(void *first)
{
    pid_t threads[ORACLE_THREAD_MAX];
    char path[48], stat[1024] = "";

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", *(const pid_t *)first);
    while (oracle_read_file(path, stat, sizeof stat) && strstr(stat, ") Z ") == NULL)
        sched_yield();
    EXPECT(strstr(stat, ") Z ") != NULL);
    EXPECT_INT(oracle_threads(threads), ==, 1);
    EXPECT_INT(threads[0], ==, oracle_self());
    _exit(0);
}

CASE(a_thread_that_has_ended_is_none, "sample", CLAUSES("LAW-2"), NEEDS_NOTHING)
{
    pid_t child = fork();

    if (child == 0) {
        static pid_t first;
        pthread_t thread;
        first = oracle_self();
        if (pthread_create(&thread, NULL, survive, &first) == 0)
            pthread_exit(NULL);
        _exit(1);
    }
    int status = -1;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT_INT(status, ==, 0);
}

CASE(threads_are_seen_by_the_last_descriptor, "sample", CLAUSES("LAW-2"), NEEDS_NOTHING)
{
    pid_t threads[ORACLE_THREAD_MAX];
    pthread_t thread;
    int last = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(last);
    EXPECT_INT(pthread_create(&thread, NULL, wait_for_ever, NULL), ==, 0);
    fault_limit(RLIMIT_NOFILE, (uint64_t)last + 1);
    EXPECT_INT(oracle_threads(threads), ==, 2);
}

static const struct suite_case *const samples[] = {&sees_affinity_and_place, &sees_policies, &looks_without_touching,
    &sees_mappings_and_locks, &snapshot_of_nothing_done, &snapshot_sees_memory, &snapshot_sees_threads_and_files,
    &a_thread_that_has_ended_is_none, &threads_are_seen_by_the_last_descriptor};

static void check_lists(void)
{
    static const char *const good[] = {"0", "0-3,8", "8191", "1,3,5"}, *const bad[] = {"a", "1-", "8192", "0-3;", "-1"};
    struct ids ids;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        CHECK(ids_parse(good[i], &ids) && strcmp(ids_text(&ids).text, good[i]) == 0, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK(!ids_parse(bad[i], &ids), "%s", bad[i]);
    CHECK(ids_parse("\n", &ids) && ids_count(&ids) == 0, "the empty list");
}

int main(void)
{
    const struct case_setting setting = {.limit_seconds = 30};

    check_lists();
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct suite_result result;
        case_process_run(samples[i], &setting, &result);
        CHECK(result.verdict == SUITE_PASS || result.status == SUITE_SKIPPED, "%s: %s", result.id, result.reason);
    }
    return test_result();
}
