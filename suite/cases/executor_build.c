/*
 * Building: what a strict executor has when it exists, what it is refused for, and what a soft one goes on without
 * (EXEC-1, 2, 3, 13, 15).
 */
#include "executor_case.h"
#include "pin_case.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>

CASE(executor_soft_by_default, "the default is soft, with a worker for each usable CPU", CLAUSES("LAW-7", "EXEC-3"),
    NEEDS_NOTHING)
{
    np_executor_options options;
    np_executor_options zero = {0};
    struct ids nodes = nodes_to_run_on();
    unsigned wanted = 0;

    memset(&options, 0xff, sizeof options);
    api->executor_options_init(&options);
    EXPECT(memcmp(&options, &zero, sizeof options) == 0);
    EXPECT_INT(NP_SOFT, ==, 0);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = cpus_to_run_on((unsigned)node);
        wanted += ids_count(&cpus);
    }
    for (int with_options = 0; with_options < 2; with_options++) {
        struct threads before = threads_now();
        np_executor *executor = executor_made(with_options ? &options : NULL, error);
        struct threads workers = threads_since(&before);
        np_enforcement got = executor_level(executor, error);
        EXPECT_INT(workers.count, ==, wanted);
        EXPECT_INT(got.level, <, NP_LEVEL_STRICT);
        EXPECT_INT(counts_of_all(executor, error).workers, ==, wanted);
        executor_ended(executor, error);
    }
}

CASE(executor_wrong_options, "wrong options are wrong in both modes, and nothing comes of them", CLAUSES("LAW-6"),
    NEEDS_NOTHING)
{
    const np_executor_options wrong[] = {
        {.mode = 2},
        {.mode = -1},
        {.steal = 3},
        {.steal = -1},
        {.workers_per_node = NP_CPU_MAX + 1},
        {.real_time_priority = 100},
        {.real_time_priority = -1},
        {.mode = NP_STRICT, .real_time_priority = 100},
        {.reserved = {1, 0}},
        {.reserved = {0, 1}},
    };
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT_WITH("options %zu", i);
        EXPECT_INVALID(api->executor_create(topology, &wrong[i], &executor, error));
    }
    EXPECT_INVALID(api->executor_create(NULL, NULL, &executor, error));
    EXPECT_INVALID(api->executor_create(topology, NULL, NULL, error));
    EXPECT(executor == NULL);
}

/* Exactly @each of @workers have the affinity that node @node gives them. */
static void expect_pinned(const struct threads *workers, unsigned node, unsigned each)
{
    struct ids cpus = cpus_to_run_on(node);
    unsigned pinned = 0;

    for (size_t i = 0; i < workers->count; i++) {
        struct ids affinity = oracle_affinity(workers->ids[i]);
        pinned += ids_equal(&affinity, &cpus);
    }
    EXPECT_WITH("node %u with the CPUs %s", node, ids_text(&cpus).text);
    EXPECT_INT(pinned, ==, each);
}

CASE(executor_strict_pins_every_worker, "a strict executor's workers all exist, each pinned to its node's CPUs",
    CLAUSES("EXEC-1", "LAW-1"), NEEDS(NEEDS_STRICT_EXECUTOR))
{
    for (unsigned each = 1; each <= 3; each++) {
        np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, each);
        struct ids nodes = nodes_to_run_on();
        struct threads before = threads_now();
        np_executor *executor = executor_made(&options, error);
        struct threads workers = threads_since(&before);
        np_enforcement got = executor_level(executor, error);

        EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
        EXPECT_INT(workers.count, ==, each * ids_count(&nodes));
        for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
            expect_pinned(&workers, (unsigned)node, each);
        EXPECT_OK(api->executor_health(executor, NULL, &got, error));
        EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
        executor_ended(executor, error);
    }
}

/* It is made, tells the truth, and runs what it is given. */
static void expect_soft_goes_on(const np_executor_options *options, np_level most, const char *word, np_error *error)
{
    np_executor *executor = executor_made(options, error);
    np_enforcement got = executor_level(executor, error);
    atomic_ulong count = 0;

    EXPECT_INT(got.level, <=, most);
    if (word != NULL)
        EXPECT_CONTAINS(got.reason, word);
    submitted_times(executor, first_run_node(), count_task, &count, 100, error);
    finished(executor, error);
    EXPECT_INT(count, ==, 100);
    executor_ended(executor, error);
}

/*
 * Small stacks for threads to come: glibc keeps those of threads that ended, up to 40 MiB, and where it keeps all of them
 * the mappings are the same after each call.
 */
static void use_small_stacks(void)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)256 << 10);
    if (pthread_setattr_default_np(&attributes) != 0)
        case_error("glibc does not take another default size of stacks");
    pthread_attr_destroy(&attributes);
}

static void expect_strict_refused(const np_executor_options *options, np_error *error)
{
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;

    use_small_stacks();
    EXPECT_REFUSED(api->executor_create(topology, options, &executor, error));
    EXPECT_STRING(error->operation, "executor");
    EXPECT(executor == NULL);
}

CASE(executor_strict_pinning_forbidden, "strict is refused where workers may not be pinned, and no thread is left",
    CLAUSES("EXEC-2", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_EXECUTOR, .faults = FAULT_SECCOMP))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 2);

    fault_forbid(EPERM, SYS_sched_setaffinity);
    expect_strict_refused(&options, error);
    EXPECT_REASON("permission");
}

CASE(executor_soft_pinning_forbidden, "soft goes on where workers may not be pinned, and says that nothing stands",
    CLAUSES("EXEC-3", "LAW-3", "LAW-4"), NEEDS(.faults = FAULT_SECCOMP))
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);

    fault_forbid(EPERM, SYS_sched_setaffinity);
    expect_soft_goes_on(&options, NP_LEVEL_NONE, NULL, error);
}

CASE(executor_strict_threads_forbidden, "strict is refused where threads cannot be started", CLAUSES("EXEC-2", "LAW-2"),
    NEEDS(NEEDS_STRICT_EXECUTOR, .faults = FAULT_SECCOMP))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 2);

    fault_forbid(EAGAIN, SYS_clone3, SYS_clone);
    expect_strict_refused(&options, error);
}

CASE(executor_strict_out_of_stacks, "strict is refused where some threads can be started and not all, and none is left",
    CLAUSES("EXEC-2", "LAW-2"), NEEDS(NEEDS_STRICT_EXECUTOR, .plain_memory = true))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 256);

    fault_limit_address_space((uint64_t)1 << 30);
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;
    /* Mappings apart: glibc keeps some stacks of threads that ended, and not always as many. */
    EXPECT_STATE_TAKEN();
    EXPECT_STATUS(api->executor_create(topology, &options, &executor, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_STATE_KEPT();
    EXPECT(executor == NULL);
}

CASE(executor_strict_cpu_gone,
    "strict is refused with a CPU that went offline since the topology was taken, and names it",
    CLAUSES("EXEC-2", "LAW-5"), NEEDS(NEEDS_STRICT_EXECUTOR, .cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    np_executor_options strict = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 1);
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;
    unsigned gone = fault_offline_one_cpu();

    use_small_stacks();
    EXPECT_REFUSED(api->executor_create(topology, &strict, &executor, error));
    EXPECT_REASON("affinity not fully applied");
    EXPECT_NAMES_ID(error->reason, gone);
    np_executor_options soft = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    EXPECT_OK(api->executor_create(topology, &soft, &executor, error));
    np_enforcement got = executor_level(executor, error);
    EXPECT_INT(got.level, <, NP_LEVEL_STRICT);
    EXPECT_NAMES_ID(got.reason, gone);
    executor_ended(executor, error);
}

CASE(executor_strict_node_without_memory,
    "strict is refused where a node has CPUs and no memory for its queue, and names the node",
    CLAUSES("EXEC-13", "EXEC-2", "LAW-5"),
    NEEDS(.capabilities = CAPABILITY(CAP_SYS_NICE) | CAPABILITY(CAP_SYS_ADMIN), .balancing_off = true,
        .node_without_memory = true))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 1);
    np_topology *topology = topology_here(error);
    struct ids with_cpus = nodes_to_run_on(), memory = oracle_memory_nodes();
    struct ids without = ids_minus(&with_cpus, &memory);
    np_executor *executor = NULL;

    use_small_stacks();
    EXPECT_REFUSED(api->executor_create(topology, &options, &executor, error));
    EXPECT_REASON("memory");
    EXPECT_NAMES_ID(error->reason, (unsigned)ids_first(&without));
    api->topology_destroy(topology);
}

CASE(executor_soft_with_one_cpu, "soft succeeds where a single CPU can be used", CLAUSES("EXEC-3", "LAW-3"),
    NEEDS(.cpus = 2, .faults = FAULT_CPUSET))
{
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE, 0);
    struct ids one = ids_of(usable_cpu(1));

    fault_cpuset(&one, NULL);
    expect_soft_goes_on(&options, NP_LEVEL_BEST_EFFORT, NULL, error);
}

static void expect_real_time(const struct threads *workers, int priority)
{
    for (size_t i = 0; i < workers->count; i++) {
        struct sched_param parameter = {0};
        EXPECT_INT(oracle_call(SYS_sched_getscheduler, workers->ids[i], 0, 0, 0, 0, 0), ==, SCHED_FIFO);
        EXPECT_INT(oracle_call(SYS_sched_getparam, workers->ids[i], (long)&parameter, 0, 0, 0, 0), ==, 0);
        EXPECT_INT(parameter.sched_priority, ==, priority);
    }
}

CASE(executor_strict_real_time, "a strict executor's workers all have the real-time priority that was asked for",
    CLAUSES("EXEC-15", "LAW-1"), NEEDS(NEEDS_STRICT_EXECUTOR))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 2);
    struct threads before = threads_now();
    atomic_ulong count = 0;

    options.real_time_priority = 3;
    np_executor *executor = executor_made(&options, error);
    struct threads workers = threads_since(&before);
    EXPECT_INT(workers.count, >, 0);
    expect_real_time(&workers, 3);
    submitted(executor, first_run_node(), count_task, &count, error);
    finished(executor, error);
    EXPECT_INT(count, ==, 1);
    executor_ended(executor, error);
}

CASE(executor_real_time_forbidden,
    "without the right to a real-time priority strict is refused, and soft goes on without",
    CLAUSES("EXEC-15", "EXEC-3", "LAW-2"), NEEDS(NEEDS_STRICT_EXECUTOR, .faults = FAULT_SECCOMP))
{
    np_executor_options strict = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 2);
    np_executor_options soft = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 2);

    strict.real_time_priority = soft.real_time_priority = 3;
    fault_forbid(EPERM, SYS_sched_setscheduler, SYS_sched_setattr);
    expect_strict_refused(&strict, error);
    EXPECT_REASON("SCHED_FIFO");
    expect_soft_goes_on(&soft, NP_LEVEL_BEST_EFFORT, "SCHED_FIFO", error);
}

/* All pages of this process on @node, in bytes. */
static uint64_t bytes_on(unsigned node)
{
    enum { SIZE = 1 << 20 };
    static char text[SIZE];
    char word[16];
    uint64_t bytes = 0;

    if (!oracle_read_file("/proc/self/numa_maps", text, SIZE))
        case_error("oracle: /proc/self/numa_maps cannot be read");
    int length = snprintf(word, sizeof word, " N%u=", node);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        const char *pages = strstr(line, word), *size = strstr(line, "kernelpagesize_kB=");
        if (pages != NULL && size != NULL)
            bytes += strtoull(pages + length, NULL, 10) * 1024 * strtoull(strchr(size, '=') + 1, NULL, 10);
    }
    return bytes;
}

CASE(executor_memory_on_its_node, "a queue that grows, grows on its node, whoever submits", CLAUSES("EXEC-13"),
    NEEDS(.nodes = 2, .memory_nodes = 2))
{
    enum { WAITING = 200000 };
    np_executor_options options = executor_options_of(NP_SOFT, NP_STEAL_LOCAL_ONLY, 1);
    struct ids nodes = nodes_to_run_on(), memory = oracle_memory_nodes();
    struct ids both = ids_and(&nodes, &memory);
    int here = ids_first(&both), there = ids_next(&both, here);

    if (there < 0)
        case_skipped("needs two nodes with CPUs and memory");
    stand_on(cpus_to_run_on((unsigned)here));
    np_executor *executor = executor_made(&options, error);
    struct gate gate;
    atomic_ulong count = 0;
    gate_made(&gate);
    submitted(executor, (unsigned)there, gate_task, &gate, error);
    gate_await(&gate, 1);
    (void)bytes_on(0);
    uint64_t here_before = bytes_on((unsigned)here), there_before = bytes_on((unsigned)there);
    submitted_times(executor, (unsigned)there, count_task, &count, WAITING, error);
    uint64_t here_after = bytes_on((unsigned)here), there_after = bytes_on((unsigned)there);
    EXPECT_INT(there_after, >=, there_before + WAITING * sizeof(void *));
    EXPECT_INT(here_after, <, here_before + (there_after - there_before) / 10);
    gate_opened(&gate, 1);
    executor_ended(executor, error);
    EXPECT_INT(count, ==, WAITING);
}

CASE_LIST(executor_build_cases, &executor_soft_by_default, &executor_wrong_options, &executor_strict_pins_every_worker,
    &executor_strict_pinning_forbidden, &executor_soft_pinning_forbidden, &executor_strict_threads_forbidden,
    &executor_strict_out_of_stacks, &executor_strict_cpu_gone, &executor_strict_node_without_memory,
    &executor_soft_with_one_cpu, &executor_strict_real_time, &executor_real_time_forbidden,
    &executor_memory_on_its_node);
