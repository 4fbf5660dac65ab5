/*
 * Strict pins: the guarantee, or a refusal that names what is missing and leaves everything as it was.
 */
#include "pin_case.h"

#include <errno.h>
#include <sys/syscall.h>

CASE(pin_strict_holds, "a strict pin that succeeds is in force: the affinity is the set, and the thread runs in it",
    CLAUSES("PIN-2", "LAW-1", "LAW-9"), NEEDS(NEEDS_STRICT_PIN))
{
    struct ids all = oracle_allowed_cpus(), before = own_affinity();

    for (int cpu = ids_first(&all); cpu >= 0; cpu = ids_next(&all, cpu)) {
        struct ids one = ids_of((unsigned)cpu);
        EXPECT_WITH("CPU %d", cpu);
        np_pin *pin = pinned(one, NP_STRICT, error);
        expect_strictly_on(pin, one, error);
        released(pin, error);
        EXPECT_IDS(own_affinity(), before);
    }
    np_pin *pin = pinned(all, NP_STRICT, error);
    expect_strictly_on(pin, all, error);
    released(pin, error);
}

CASE(pin_strict_to_each_node, "a strict pin to a node holds on all its CPUs", CLAUSES("PIN-7", "PIN-2", "LAW-1"),
    NEEDS(NEEDS_STRICT_PIN))
{
    struct ids nodes = oracle_online_nodes(), allowed = oracle_allowed_cpus();
    np_topology *topology = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node), own = ids_and(&cpus, &allowed);
        np_pin *pin = NULL;
        if (ids_count(&cpus) == 0 || !ids_equal(&cpus, &own))
            continue;
        EXPECT_WITH("node %d", node);
        EXPECT_OK(api->pin_to_node(topology, (unsigned)node, NP_STRICT, &pin, error));
        expect_strictly_on(pin, cpus, error);
        EXPECT_INT(oracle_here().node, ==, node);
        released(pin, error);
    }
}

/* A strict pin to @cpus is refused because of @missing, twice, and the thread still stands on @before. */
static void expect_not_fully_applied(struct ids cpus, unsigned missing, struct ids before, np_error *error)
{
    np_cpuset set = cpuset_of_ids(cpus);
    np_pin *pin = (np_pin *)(uintptr_t)0x5a5a;

    EXPECT_REFUSED(api->pin_to_cpus(&set, NP_STRICT, &pin, error));
    EXPECT_REASON("affinity not fully applied");
    EXPECT_NAMES_ID(error->reason, missing);
    EXPECT_INT((uintptr_t)pin, ==, 0x5a5a);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_strict_absent_cpu, "a strict pin to a CPU that is not there is refused, names it, and changes nothing",
    CLAUSES("PIN-3", "LAW-1", "LAW-2", "LAW-5", "SET-5"), NEEDS(NEEDS_STRICT_PIN, .cpus = 2))
{
    struct ids before = ids_of(usable_cpu(1));
    unsigned absent = absent_cpu();

    stand_on(before);
    expect_not_fully_applied(ids_of(usable_cpu(0), absent), absent, before, error);
    expect_not_fully_applied(ids_of(usable_cpu(1), absent), absent, before, error);
    expect_not_fully_applied(ids_of(absent), absent, before, error);
}

CASE(pin_strict_absent_alone, "a strict pin to a single CPU that is not there is refused by its number",
    CLAUSES("PIN-3", "PIN-7", "LAW-5"), NEEDS(NEEDS_STRICT_PIN))
{
    unsigned absent = absent_cpu();
    np_pin *pin = NULL;

    EXPECT_REFUSED(api->pin_to_cpu(absent, NP_STRICT, &pin, error));
    EXPECT_REASON("affinity not fully applied");
    EXPECT_NAMES_ID(error->reason, absent);
}

CASE(pin_strict_offline_cpu, "a strict pin to an offline CPU is refused, names it, and the former affinity stands",
    CLAUSES("PIN-3", "LAW-1", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_PIN, .cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    unsigned gone = fault_offline_one_cpu(), stays = usable_cpu(0);
    struct ids before = ids_of(stays);

    stand_on(before);
    expect_not_fully_applied(ids_of(stays, gone), gone, before, error);
    expect_not_fully_applied(ids_of(gone), gone, before, error);
}

CASE(pin_strict_outside_cpuset, "a strict pin to a CPU outside the cpuset is refused, names it, and changes nothing",
    CLAUSES("PIN-3", "LAW-1", "LAW-2", "LAW-5"), NEEDS(NEEDS_STRICT_PIN, .cpus = 2, .faults = FAULT_CPUSET))
{
    unsigned stays = usable_cpu(0), outside = usable_cpu(1);
    struct ids before = ids_of(stays);

    fault_cpuset(&before, NULL);
    expect_not_fully_applied(ids_of(stays, outside), outside, before, error);
    expect_not_fully_applied(ids_of(outside), outside, before, error);
}

CASE(pin_strict_forbidden, "a strict pin whose system call is forbidden is refused: permission denied",
    CLAUSES("LAW-5", "LAW-1", "LAW-2", "PIN-2"), NEEDS(NEEDS_STRICT_PIN, .faults = FAULT_SECCOMP))
{
    np_cpuset set = cpuset_of(usable_cpu(0));
    np_pin *pin = NULL;

    fault_forbid(EPERM, SYS_sched_setaffinity);
    EXPECT_REFUSED(api->pin_to_cpus(&set, NP_STRICT, &pin, error));
    EXPECT_REASON("permission denied");
}

CASE(pin_strict_unverifiable, "a strict pin that cannot be read back is refused, and the former affinity stands",
    CLAUSES("LAW-1", "LAW-4", "LAW-2", "PIN-2"), NEEDS(NEEDS_STRICT_PIN, .cpus = 2, .faults = FAULT_SECCOMP))
{
    np_cpuset set = cpuset_of(usable_cpu(0));
    struct ids before = ids_of(usable_cpu(1));
    np_pin *pin = NULL;

    stand_on(before);
    fault_forbid(EPERM, SYS_sched_getaffinity);
    EXPECT_REFUSED(api->pin_to_cpus(&set, NP_STRICT, &pin, error));
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_three_reasons, "permission, a missing CPU and a missing capability are three different reasons",
    CLAUSES("LAW-5"), NEEDS(NEEDS_STRICT_PIN, .faults = FAULT_SECCOMP))
{
    np_cpuset set = cpuset_of(usable_cpu(0)), absent = cpuset_of(absent_cpu());
    char not_applied[sizeof error->reason], forbidden[sizeof error->reason];
    np_pin *pin = NULL;

    EXPECT_STATUS(api->pin_to_cpus(&absent, NP_STRICT, &pin, error), NP_HARD_MODE_UNAVAILABLE);
    memcpy(not_applied, error->reason, sizeof not_applied);
    EXPECT_STRING(error->operation, "pin");
    fault_forbid(EPERM, SYS_sched_setaffinity);
    EXPECT_STATUS(api->pin_to_cpus(&set, NP_STRICT, &pin, error), NP_HARD_MODE_UNAVAILABLE);
    memcpy(forbidden, error->reason, sizeof forbidden);
    fault_drop_capability(CAP_SYS_NICE);
    EXPECT_STATUS(api->pin_to_cpus(&set, NP_STRICT, &pin, error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT(strcmp(not_applied, forbidden) != 0);
    EXPECT(strcmp(not_applied, error->reason) != 0);
    EXPECT(strcmp(forbidden, error->reason) != 0);
    EXPECT(strstr(not_applied, "CAP_SYS_NICE") == NULL);
}

CASE_LIST(pin_strict_cases, &pin_strict_holds, &pin_strict_to_each_node, &pin_strict_absent_cpu,
    &pin_strict_absent_alone, &pin_strict_offline_cpu, &pin_strict_outside_cpuset, &pin_strict_forbidden,
    &pin_strict_unverifiable, &pin_three_reasons);
