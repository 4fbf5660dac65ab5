/*
 * What the cases on pins share; see pin_case.h.
 */
#include "pin_case.h"

unsigned usable_cpu(unsigned n)
{
    struct ids cpus = oracle_allowed_cpus();
    int cpu = ids_first(&cpus);

    while (n-- > 0 && cpu >= 0)
        cpu = ids_next(&cpus, cpu);
    if (cpu < 0)
        case_error("the case uses more CPUs than it says it needs");
    return (unsigned)cpu;
}

unsigned absent_cpu(void)
{
    struct ids present = oracle_present_cpus();

    for (unsigned cpu = NP_CPU_MAX; cpu-- > 0;)
        if (!ids_has(&present, cpu))
            return cpu;
    case_skipped("needs a CPU id that is no CPU; this machine has all %d", NP_CPU_MAX);
}

void stand_on(struct ids cpus)
{
    fault_repin_from_outside(oracle_self(), &cpus);
}

struct ids own_affinity(void)
{
    return oracle_affinity(oracle_self());
}

np_pin *pinned(struct ids cpus, np_mode mode, np_error *error)
{
    np_cpuset set = cpuset_of_ids(cpus);
    np_pin *pin = NULL;

    EXPECT_OK(api->pin_to_cpus(&set, mode, &pin, error));
    EXPECT(pin != NULL);
    return pin;
}

void released(np_pin *pin, np_error *error)
{
    EXPECT_OK(api->pin_release(pin, error));
}

np_enforcement pin_level(const np_pin *pin, np_error *error)
{
    np_enforcement got;

    memset(&got, 0xff, sizeof got);
    EXPECT_OK(api->pin_enforcement(pin, &got, error));
    EXPECT_HONEST(&got);
    return got;
}

struct ids pin_says(const np_pin *pin, np_error *error)
{
    np_cpuset set;

    memset(&set, 0xff, sizeof set);
    EXPECT_OK(api->pin_cpus(pin, &set, error));
    return ids_of_cpuset(&set);
}

void expect_strictly_on(const np_pin *pin, struct ids cpus, np_error *error)
{
    np_enforcement got = pin_level(pin, error), present;
    bool holds = false;

    EXPECT_IDS(own_affinity(), cpus);
    EXPECT(ids_has(&cpus, oracle_here().cpu));
    EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
    EXPECT_IDS(pin_says(pin, error), cpus);
    EXPECT_OK(api->pin_verify(pin, &holds, &present, error));
    EXPECT(holds);
    EXPECT_LEVEL(&present, NP_LEVEL_STRICT);
}

void expect_no_pin(const np_pin *pin, struct ids before, np_error *error)
{
    np_enforcement got = pin_level(pin, error);

    EXPECT_LEVEL(&got, NP_LEVEL_NONE);
    EXPECT_IDS(own_affinity(), before);
    EXPECT_IDS(pin_says(pin, error), ids_none());
}
