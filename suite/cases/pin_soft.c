/*
 * Soft pins: they go on with what there is, and tell the truth about it.
 */
#include "pin_case.h"

#include <errno.h>
#include <sys/syscall.h>

/* Soft to @asked gets @available of it, @missing is named, and release restores @before. */
static void expect_partly(struct ids asked, struct ids available, unsigned missing, np_error *error)
{
    struct ids before = own_affinity();
    np_pin *pin = pinned(asked, NP_SOFT, error);
    np_enforcement got = pin_level(pin, error);

    EXPECT_LEVEL(&got, NP_LEVEL_BEST_EFFORT);
    EXPECT_NAMES_ID(got.reason, missing);
    EXPECT_IDS(own_affinity(), available);
    EXPECT_IDS(pin_says(pin, error), available);
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

/* Soft to @asked gets nothing, says so, and neither pin nor release moves the thread. */
static void expect_nothing_of(struct ids asked, np_error *error)
{
    struct ids before = own_affinity();
    np_pin *pin = pinned(asked, NP_SOFT, error);

    expect_no_pin(pin, before, error);
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_soft_whole, "a soft pin to what is there is in force, at best strict and at least best-effort",
    CLAUSES("LAW-4", "PIN-5", "LAW-3"), NEEDS_NOTHING)
{
    struct ids one = ids_of(usable_cpu(0));
    np_pin *pin = pinned(one, NP_SOFT, error);
    np_enforcement got = pin_level(pin, error);

    EXPECT_INT(got.level, >=, NP_LEVEL_BEST_EFFORT);
    EXPECT_IDS(own_affinity(), one);
    released(pin, error);
}

CASE(pin_soft_absent_cpu, "a soft pin with a CPU that is not there is pinned to the rest, and names it",
    CLAUSES("PIN-5", "LAW-3", "LAW-4", "SET-5"), NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0));
    unsigned absent = absent_cpu();

    expect_partly(ids_of(usable_cpu(0), absent), one, absent, error);
    stand_on(ids_of(usable_cpu(1)));
    expect_partly(ids_of(usable_cpu(0), absent), one, absent, error);
}

CASE(pin_soft_nothing_there, "a soft pin to CPUs that are not there is none, and changes nothing",
    CLAUSES("PIN-5", "LAW-3", "LAW-4"), NEEDS(.cpus = 2))
{
    stand_on(ids_of(usable_cpu(1)));
    expect_nothing_of(ids_of(absent_cpu()), error);
}

CASE(pin_soft_offline_cpu, "a soft pin with an offline CPU is pinned to the rest, and names it",
    CLAUSES("PIN-5", "LAW-3", "LAW-4"), NEEDS(.cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    unsigned gone = fault_offline_one_cpu(), stays = usable_cpu(0);

    expect_partly(ids_of(stays, gone), ids_of(stays), gone, error);
    expect_nothing_of(ids_of(gone), error);
}

CASE(pin_soft_outside_cpuset, "a soft pin with a CPU outside the cpuset is pinned to the rest, and names it",
    CLAUSES("PIN-5", "LAW-3", "LAW-4"), NEEDS(.cpus = 2, .faults = FAULT_CPUSET))
{
    unsigned stays = usable_cpu(0), outside = usable_cpu(1);
    struct ids one = ids_of(stays);

    fault_cpuset(&one, NULL);
    expect_partly(ids_of(stays, outside), one, outside, error);
    expect_nothing_of(ids_of(outside), error);
}

CASE(pin_soft_forbidden,
    "a soft pin whose system call is forbidden is none, says permission denied, and changes nothing",
    CLAUSES("PIN-5", "LAW-3", "LAW-4"), NEEDS(.faults = FAULT_SECCOMP, .cpus = 2))
{
    struct ids before = ids_of(usable_cpu(1));

    stand_on(before);
    fault_forbid(EPERM, SYS_sched_setaffinity);
    np_pin *pin = pinned(ids_of(usable_cpu(0)), NP_SOFT, error);
    expect_no_pin(pin, before, error);
    np_enforcement got = pin_level(pin, error);
    EXPECT_CONTAINS(got.reason, "permission denied");
    released(pin, error);
}

CASE(pin_soft_unsupported, "a soft pin on a kernel without the system call is none, and goes on",
    CLAUSES("PIN-5", "LAW-3"), NEEDS(.faults = FAULT_SECCOMP))
{
    fault_forbid(ENOSYS, SYS_sched_setaffinity);
    expect_nothing_of(ids_of(usable_cpu(0)), error);
}

CASE(pin_soft_as_user, "a soft pin needs no privilege", CLAUSES("LAW-3", "PIN-5"), NEEDS(.faults = FAULT_USER))
{
    struct ids one = ids_of(usable_cpu(0)), before = own_affinity();

    fault_become_user();
    np_pin *pin = pinned(one, NP_SOFT, error);
    EXPECT_IDS(own_affinity(), one);
    np_enforcement got = pin_level(pin, error);
    EXPECT_INT(got.level, >=, NP_LEVEL_BEST_EFFORT);
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_current_is_soft, "the convenience call without a mode is soft: it needs no privilege and takes what there is",
    CLAUSES("LAW-7", "LAW-3"), NEEDS_NOTHING)
{
    np_cpuset part = cpuset_of(usable_cpu(0), absent_cpu());
    np_pin *pin = NULL;

    fault_drop_capability(CAP_SYS_NICE);
    EXPECT_OK(api->pin_current(&part, &pin, error));
    np_enforcement got = pin_level(pin, error);
    EXPECT_LEVEL(&got, NP_LEVEL_BEST_EFFORT);
    EXPECT_IDS(own_affinity(), ids_of(usable_cpu(0)));
    released(pin, error);
    EXPECT_INT(NP_SOFT, ==, 0);
}

CASE_LIST(pin_soft_cases, &pin_soft_whole, &pin_soft_absent_cpu, &pin_soft_nothing_there, &pin_soft_offline_cpu,
    &pin_soft_outside_cpuset, &pin_soft_forbidden, &pin_soft_unsupported, &pin_soft_as_user, &pin_current_is_soft);
