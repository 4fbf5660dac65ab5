/*
 * What a strict executor is refused for, and what a soft one goes on without: EXEC-2, EXEC-3, EXEC-15, LAW-2.
 *
 * Every refusal must leave the process as it was: no thread, the builder's affinity and signal mask unchanged.
 */
#include "executor_lab.h"
#include "unit.h"
#include <errno.h>
#include <numaproof/capabilities.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/syscall.h>

static np_topology *topology;
static unsigned first_node;
static bool privileged;

static np_status create(np_mode mode, int priority, np_executor **executor, np_error *error)
{
    const np_executor_options options = {.mode = (int32_t)mode, .workers_per_node = 2, .real_time_priority = priority};
    *executor = NULL;
    return np_executor_create(topology, &options, executor, error);
}

static void expect_refused(int priority, const char *part)
{
    const unsigned threads = lab_threads();
    cpu_set_t before, after;
    sigset_t mask_before, mask_after;
    memset(&mask_before, 0, sizeof mask_before);
    memset(&mask_after, 0, sizeof mask_after);
    sched_getaffinity(0, sizeof before, &before);
    sigprocmask(SIG_BLOCK, NULL, &mask_before);
    np_executor *executor = NULL;
    np_error error = {0};
    EXPECT_ERROR(create(NP_STRICT, priority, &executor, &error), NP_HARD_MODE_UNAVAILABLE, error, part);
    EXPECT_TEXT(error.operation, "executor");
    EXPECT(executor == NULL);
    EXPECT_NUMBER(lab_threads(), threads);
    sched_getaffinity(0, sizeof after, &after);
    sigprocmask(SIG_BLOCK, NULL, &mask_after);
    EXPECT(CPU_EQUAL(&before, &after));
    EXPECT(memcmp(&mask_before, &mask_after, sizeof mask_before) == 0);
}

/* It works, and its level and reason are these. */
static void expect_soft(int priority, np_level level, const char *part)
{
    np_executor *executor = NULL;
    np_enforcement got = {0};
    atomic_long count = 0;
    EXPECT_NUMBER(create(NP_SOFT, priority, &executor, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_enforcement(executor, &got, NULL), NP_OK);
    EXPECT_NUMBER(got.level, level);
    EXPECT_PART(got.reason, part);
    for (int i = 0; i < 100; i++)
        EXPECT_NUMBER(np_executor_submit(executor, first_node, count_task, &count, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    EXPECT_NUMBER(count, 100);
}

struct seen {
    np_cpuset affinity;
    int policy, priority;
    sigset_t mask;
};

static void look_task(void *closure)
{
    struct seen *seen = closure;
    struct sched_param parameter = {0};
    syscall(SYS_sched_getaffinity, 0, sizeof seen->affinity, &seen->affinity);
    seen->policy = sched_getscheduler(0);
    sched_getparam(0, &parameter);
    seen->priority = parameter.sched_priority;
    pthread_sigmask(SIG_BLOCK, NULL, &seen->mask);
}

static void strict_workers_are_where_they_should_be(void)
{
    if (!privileged) {
        puts("needs hard mode");
        return;
    }
    np_executor *executor = NULL;
    np_error error = {0};
    EXPECT_NUMBER(create(NP_STRICT, 7, &executor, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    np_enforcement level = {.level = -1};
    EXPECT_NUMBER(np_executor_enforcement(executor, &level, NULL), NP_OK);
    EXPECT_NUMBER(level.level, NP_LEVEL_STRICT);
    EXPECT_NUMBER(np_executor_health(executor, NULL, &level, &error), NP_OK);
    EXPECT_NUMBER(level.level, NP_LEVEL_STRICT);
    struct seen seen = {0};
    EXPECT_NUMBER(np_executor_submit(executor, first_node, look_task, &seen, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    np_cpuset usable, cpus;
    np_topology_usable_cpus(topology, &usable, NULL);
    np_topology_cpus_of_node(topology, first_node, &cpus, NULL);
    np_cpuset_intersection(&cpus, &usable, &cpus, NULL);
    EXPECT(np_cpuset_equal(&seen.affinity, &cpus));
    EXPECT_NUMBER(seen.policy, SCHED_FIFO);
    EXPECT_NUMBER(seen.priority, 7);
    EXPECT(sigismember(&seen.mask, SIGINT) == 1 && sigismember(&seen.mask, SIGTERM) == 1);
}

static void without_admin(void)
{
    unit_drop_capability(CAP_SYS_ADMIN);
    expect_refused(0, "permission denied: CAP_SYS_ADMIN");
    expect_soft(0, NP_LEVEL_BEST_EFFORT, "soft mode");
}

static void without_nice(void)
{
    unit_drop_capability(CAP_SYS_NICE);
    expect_refused(0, "permission denied: CAP_SYS_NICE");
    expect_soft(0, NP_LEVEL_BEST_EFFORT, "soft mode");
}

static void without_affinity(void)
{
    unit_forbid(SYS_sched_setaffinity, EPERM);
    expect_refused(0, "worker 0 of node");
    expect_soft(0, NP_LEVEL_NONE, "workers are not pinned");
}

static void without_scheduler(void)
{
    unit_forbid(SYS_sched_setscheduler, EPERM);
    expect_refused(3, "SCHED_FIFO priority 3 was refused");
    expect_soft(3, NP_LEVEL_BEST_EFFORT, "workers have no SCHED_FIFO priority");
}

/* glibc starts threads with clone3, and with clone where there is none, as under valgrind. */
static void without_threads(void)
{
    unit_forbid(SYS_clone3, EAGAIN);
    unit_forbid(SYS_clone, EAGAIN);
    expect_refused(0, "worker 1 of the 2 of node");
    np_executor *executor = NULL;
    np_error error = {0};
    EXPECT_ERROR(create(NP_SOFT, 0, &executor, &error), NP_ALLOCATION, error, "not one worker could be started");
}

static void each_lack_has_its_reason(void)
{
    if (!privileged) {
        expect_refused(0, "permission denied");
        return;
    }
    unit_in_child(without_admin);
    unit_in_child(without_nice);
    unit_in_child(without_affinity);
    unit_in_child(without_scheduler);
    unit_in_child(without_threads);
}

static void a_cpu_that_is_not_there(void)
{
    if (!privileged) {
        puts("needs hard mode");
        return;
    }
    const struct lab_node nodes[] = {{0, lab_all_cpus(), 0}, {1, "8191", 0}};
    const np_executor_options strict = {.mode = NP_STRICT, .workers_per_node = 2};
    const unsigned threads = lab_threads();
    np_executor *executor = NULL;
    np_error error = {0};
    EXPECT_ERROR(lab_build(nodes, 2, NULL, &strict, &executor, &error), NP_HARD_MODE_UNAVAILABLE, error,
        "affinity not fully applied");
    EXPECT_PART(error.reason, "8191");
    EXPECT_NUMBER(lab_threads(), threads);

    const np_executor_options soft = {.steal = NP_STEAL_LOCAL_ONLY, .workers_per_node = 2};
    EXPECT_NUMBER(lab_build(nodes, 2, NULL, &soft, &executor, &error), NP_OK);
    np_enforcement got = {0};
    np_executor_enforcement(executor, &got, NULL);
    EXPECT_NUMBER(got.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(got.reason, "2 of 4 workers are not pinned");
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

static void strict_refuses_a_node_without_cpus(void)
{
    if (!privileged) {
        puts("needs hard mode");
        return;
    }
    const struct lab_node nodes[] = {{0, lab_all_cpus(), 0}, {1, "", 0}};
    const np_executor_options strict = {.mode = NP_STRICT};
    np_executor *executor = NULL;
    np_error error = {0};
    atomic_long count = 0;
    EXPECT_NUMBER(lab_build(nodes, 2, NULL, &strict, &executor, &error), NP_OK);
    EXPECT_ERROR(np_executor_submit(executor, 1, count_task, &count, &error), NP_HARD_MODE_UNAVAILABLE, error,
        "node 1 has no CPUs");
    EXPECT_NUMBER(np_executor_submit(executor, 0, count_task, &count, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    EXPECT_NUMBER(count, 1);
}

/* Its requirements are those of the building: later growth asks for nothing. */
static void grow_without_privileges(void)
{
    np_executor *executor = NULL;
    struct gate gate;
    gate_init(&gate);
    atomic_long count = 0;
    EXPECT_NUMBER(create(NP_STRICT, 0, &executor, NULL), NP_OK);
    unit_drop_capability(CAP_SYS_ADMIN);
    unit_drop_capability(CAP_SYS_NICE);
    EXPECT_NUMBER(np_executor_submit(executor, first_node, gate_task, &gate, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_submit(executor, first_node, gate_task, &gate, NULL), NP_OK);
    gate_await(&gate, 2);
    for (int i = 0; i < 50000; i++)
        EXPECT_NUMBER(np_executor_submit(executor, first_node, count_task, &count, NULL), NP_OK);
    gate_open(&gate, 2);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
    EXPECT_NUMBER(count, 50000);
}

static void privileges_may_be_dropped_afterwards(void)
{
    if (privileged)
        unit_in_child(grow_without_privileges);
    else
        puts("needs hard mode");
}

int main(void)
{
    const struct unit_test tests[] = {
        {"strict workers are where they should be", strict_workers_are_where_they_should_be},
        {"each lack has its reason", each_lack_has_its_reason},
        {"a CPU that is not there", a_cpu_that_is_not_there},
        {"strict refuses a node without CPUs", strict_refuses_a_node_without_cpus},
        {"privileges may be dropped afterwards", privileges_may_be_dropped_afterwards},
    };
    np_nodeset nodes = {0};
    if (np_topology_discover(&topology, NULL) != NP_OK || np_topology_nodes(topology, &nodes, NULL) != NP_OK)
        return EXIT_FAILURE;
    first_node = (unsigned)np_nodeset_first(&nodes);
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    privileged = np_capabilities_supports_hard_mode(&capabilities);
    const int result = unit_main("executor strict", tests, sizeof tests / sizeof tests[0]);
    np_topology_destroy(topology);
    return result;
}
