/*
 * Looking again: a pin that no longer holds says so, and why.
 */
#include "pin_case.h"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

static void expect_broken(const np_pin *pin, np_error *error)
{
    np_enforcement present;
    bool holds = true;

    memset(&present, 0xff, sizeof present);
    EXPECT_OK(api->pin_verify(pin, &holds, &present, error));
    EXPECT(!holds);
    EXPECT_HONEST(&present);
    EXPECT_INT(present.level, <, NP_LEVEL_STRICT);
}

CASE(pin_moved_from_outside, "a pin whose thread was moved to other, fewer or more CPUs no longer holds",
    CLAUSES("PIN-9", "LAW-9"), NEEDS(NEEDS_STRICT_PIN, .cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1)), both = ids_or(&one, &other);

    np_pin *pin = pinned(one, NP_STRICT, error);
    expect_strictly_on(pin, one, error);
    stand_on(other);
    expect_broken(pin, error);
    stand_on(both);
    expect_broken(pin, error);
    stand_on(one);
    expect_strictly_on(pin, one, error);
    released(pin, error);
    pin = pinned(both, NP_STRICT, error);
    stand_on(one);
    expect_broken(pin, error);
    released(pin, error);
}

CASE(pin_soft_moved_from_outside, "a soft pin whose thread was moved no longer holds", CLAUSES("PIN-9"),
    NEEDS(.cpus = 2))
{
    bool holds = false;
    struct ids one = ids_of(usable_cpu(0));

    np_pin *pin = pinned(one, NP_SOFT, error);
    EXPECT_OK(api->pin_verify(pin, &holds, NULL, error));
    EXPECT(holds);
    stand_on(ids_of(usable_cpu(1)));
    expect_broken(pin, error);
    released(pin, error);
}

CASE(pin_soft_never_held, "a soft pin that did not get all it asked for does not hold", CLAUSES("PIN-9", "LAW-4"),
    NEEDS(.cpus = 2))
{
    np_pin *part = pinned(ids_of(usable_cpu(0), absent_cpu()), NP_SOFT, error);

    expect_broken(part, error);
    released(part, error);
    np_pin *none = pinned(ids_of(absent_cpu()), NP_SOFT, error);
    expect_broken(none, error);
    released(none, error);
}

CASE(pin_cpu_goes_offline, "a pin one of whose CPUs went offline no longer holds, and names it",
    CLAUSES("PIN-9", "LAW-9"), NEEDS(NEEDS_STRICT_PIN, .cpus = 3, .faults = FAULT_CPU_OFFLINE))
{
    struct ids all = oracle_allowed_cpus(), before = own_affinity();
    np_enforcement present;
    bool holds = true;

    np_pin *pin = pinned(all, NP_STRICT, error);
    expect_strictly_on(pin, all, error);
    unsigned gone = fault_offline_one_cpu();
    EXPECT_OK(api->pin_verify(pin, &holds, &present, error));
    EXPECT(!holds);
    EXPECT_INT(present.level, <, NP_LEVEL_STRICT);
    EXPECT_NAMES_ID(present.reason, gone);
    fault_cpu_online(gone);
    released(pin, error);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_only_cpu_goes_offline, "a pin whose only CPU went offline no longer holds", CLAUSES("PIN-9", "LAW-9"),
    NEEDS(NEEDS_STRICT_PIN, .cpus = 2, .faults = FAULT_CPU_OFFLINE))
{
    unsigned stays = oracle_here().cpu;
    struct ids all = oracle_allowed_cpus();

    stand_on(ids_of(stays));
    ids_remove(&all, stays);
    ids_remove(&all, 0);
    if (ids_count(&all) == 0)
        case_skipped("needs a CPU besides 0 and the one that the case runs on");
    unsigned gone = (unsigned)ids_first(&all);
    np_pin *pin = pinned(ids_of(gone), NP_STRICT, error);
    fault_cpu_offline(gone);
    expect_broken(pin, error);
}

/* A thread that pins itself, and the one that looks at its pin. */
struct watched {
    pthread_barrier_t pinned, looked;
    struct ids cpus;
    np_pin *pin;
    pid_t id;
    np_error error;
};

static void *be_watched(void *closure)
{
    struct watched *watched = closure;

    watched->id = oracle_self();
    watched->pin = pinned(watched->cpus, NP_SOFT, &watched->error);
    pthread_barrier_wait(&watched->pinned);
    pthread_barrier_wait(&watched->looked);
    return NULL;
}

/* pthread_join() returns a moment before the kernel knows the thread no longer (6.1, 6.18). The case's time limit judges. */
static void await_end(pid_t thread)
{
    while (oracle_call(SYS_tgkill, getpid(), thread, 0, 0, 0, 0) == 0)
        sched_yield();
}

CASE(pin_seen_from_another_thread,
    "from any thread the pin's own thread is looked at, and an ended one is said to have ended", CLAUSES("PIN-9"),
    NEEDS(.cpus = 2))
{
    struct watched watched = {.cpus = ids_of(usable_cpu(0))};
    pthread_t thread;
    bool holds = false;

    pthread_barrier_init(&watched.pinned, NULL, 2);
    pthread_barrier_init(&watched.looked, NULL, 2);
    stand_on(ids_of(usable_cpu(1)));
    EXPECT_INT(pthread_create(&thread, NULL, be_watched, &watched), ==, 0);
    pthread_barrier_wait(&watched.pinned);
    EXPECT_OK(api->pin_verify(watched.pin, &holds, NULL, error));
    EXPECT(holds);
    struct ids other = ids_of(usable_cpu(1));
    fault_repin_from_outside(watched.id, &other);
    expect_broken(watched.pin, error);
    pthread_barrier_wait(&watched.looked);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    await_end(watched.id);
    EXPECT_STATUS(api->pin_verify(watched.pin, &holds, NULL, error), NP_NOT_AVAILABLE);
}

CASE_LIST(pin_verify_cases, &pin_moved_from_outside, &pin_soft_moved_from_outside, &pin_soft_never_held,
    &pin_cpu_goes_offline, &pin_only_cpu_goes_offline, &pin_seen_from_another_thread);
