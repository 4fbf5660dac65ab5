/*
 * Pins as such: set and restored, nested like brackets, to CPUs and nodes, and nobody else touched.
 */
#include "pin_case.h"

#include <linux/mempolicy.h>
#include <pthread.h>
#include <sys/syscall.h>

CASE(pin_sets_and_restores, "a pin sets exactly the set, and its release restores exactly the affinity of before",
    CLAUSES("PIN-1"), NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1)), all = oracle_allowed_cpus();

    stand_on(other);
    np_pin *pin = pinned(one, NP_SOFT, error);
    EXPECT_IDS(own_affinity(), one);
    EXPECT_IDS(pin_says(pin, error), one);
    released(pin, error);
    EXPECT_IDS(own_affinity(), other);
    pin = pinned(all, NP_SOFT, error);
    EXPECT_IDS(own_affinity(), all);
    released(pin, error);
    EXPECT_IDS(own_affinity(), other);
}

CASE(pin_restores_after_change, "release restores the affinity of before even when someone changed it meanwhile",
    CLAUSES("PIN-1"), NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1));

    stand_on(one);
    np_pin *pin = pinned(ids_or(&one, &other), NP_SOFT, error);
    stand_on(other);
    released(pin, error);
    EXPECT_IDS(own_affinity(), one);
}

CASE(pin_leaves_nothing, "a thousand pins and releases leave mappings, descriptors and threads as they were",
    CLAUSES("PIN-1"), NEEDS_NOTHING)
{
    struct ids one = ids_of(usable_cpu(0));

    released(pinned(one, NP_SOFT, error), error);
    EXPECT_STATE_TAKEN();
    released(pinned(one, NP_SOFT, error), error);
    EXPECT_STATE_KEPT();
    for (int i = 0; i < 1000; i++)
        released(pinned(one, NP_SOFT, error), error);
    EXPECT_MAPPINGS_KEPT();
}

CASE(pin_release_of_null, "release of null is fine and does nothing", CLAUSES("PIN-1", "LAW-8"), NEEDS_NOTHING)
{
    struct ids before = own_affinity();

    EXPECT_OK(api->pin_release(NULL, error));
    EXPECT_INT(api->pin_release(NULL, NULL), ==, NP_OK);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pins_nest, "pins nest, and each release restores what was before its own pin", CLAUSES("PIN-6", "PIN-1"),
    NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1)), both = ids_or(&one, &other);

    stand_on(other);
    np_pin *outer = pinned(both, NP_SOFT, error);
    np_pin *middle = pinned(one, NP_SOFT, error);
    np_pin *inner = pinned(other, NP_SOFT, error);
    EXPECT_IDS(own_affinity(), other);
    released(inner, error);
    EXPECT_IDS(own_affinity(), one);
    released(middle, error);
    EXPECT_IDS(own_affinity(), both);
    released(outer, error);
    EXPECT_IDS(own_affinity(), other);
}

CASE(pins_in_the_wrong_order, "a pin that is not the innermost is not released, and nothing changes", CLAUSES("PIN-6"),
    NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1)), before = own_affinity();

    np_pin *outer = pinned(one, NP_SOFT, error);
    np_pin *inner = pinned(other, NP_SOFT, error);
    EXPECT_INVALID(api->pin_release(outer, error));
    EXPECT_IDS(own_affinity(), other);
    released(inner, error);
    EXPECT_IDS(own_affinity(), one);
    released(outer, error);
    EXPECT_IDS(own_affinity(), before);
}

/* What a thread does with a pin that is not its own. */
struct foreign {
    np_pin *pin;
    struct ids before, after;
    np_error error;
};

static void *release_foreign(void *closure)
{
    struct foreign *foreign = closure;
    np_error *error = &foreign->error;

    foreign->before = own_affinity();
    EXPECT_STATUS(api->pin_release(foreign->pin, error), NP_INVALID_ARGUMENT);
    foreign->after = own_affinity();
    return NULL;
}

CASE(pin_released_elsewhere, "a pin is not released by another thread, and neither thread's affinity changes",
    CLAUSES("PIN-6", "PIN-8"), NEEDS(.cpus = 2))
{
    struct ids one = ids_of(usable_cpu(0)), before = own_affinity();
    struct foreign foreign = {.pin = pinned(one, NP_SOFT, error)};
    pthread_t thread;

    EXPECT_INT(pthread_create(&thread, NULL, release_foreign, &foreign), ==, 0);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
    EXPECT_IDS(foreign.after, foreign.before);
    EXPECT_IDS(own_affinity(), one);
    released(foreign.pin, error);
    EXPECT_IDS(own_affinity(), before);
}

CASE(pin_to_one_cpu, "a pin to a CPU is a pin to the set of it alone", CLAUSES("PIN-7"), NEEDS_NOTHING)
{
    struct ids cpus = oracle_allowed_cpus(), before = own_affinity();

    for (int cpu = ids_first(&cpus); cpu >= 0; cpu = ids_next(&cpus, cpu)) {
        np_pin *pin = NULL;
        EXPECT_WITH("CPU %d", cpu);
        EXPECT_OK(api->pin_to_cpu((unsigned)cpu, NP_SOFT, &pin, error));
        EXPECT_IDS(own_affinity(), ids_of((unsigned)cpu));
        EXPECT_INT(oracle_here().cpu, ==, cpu);
        released(pin, error);
        EXPECT_IDS(own_affinity(), before);
    }
}

CASE(pin_to_each_node, "a pin to a node is a pin to its usable CPUs, and runs there", CLAUSES("PIN-7"), NEEDS_NOTHING)
{
    struct ids nodes = oracle_online_nodes(), allowed = oracle_allowed_cpus(), before = own_affinity();
    np_topology *topology = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node), own = ids_and(&cpus, &allowed);
        np_pin *pin = NULL;
        if (ids_count(&own) == 0)
            continue;
        EXPECT_WITH("node %d", node);
        EXPECT_OK(api->pin_to_node(topology, (unsigned)node, NP_SOFT, &pin, error));
        EXPECT_IDS(own_affinity(), own);
        EXPECT_INT(oracle_here().node, ==, node);
        released(pin, error);
        EXPECT_IDS(own_affinity(), before);
    }
}

CASE(pin_to_node_without_cpus, "a pin to a node without CPUs is refused when strict, and is none when soft",
    CLAUSES("PIN-7", "LAW-2"), NEEDS(.node_without_cpus = true, NEEDS_STRICT_PIN))
{
    struct ids nodes = oracle_online_nodes(), before = own_affinity();
    np_topology *topology = NULL;
    np_pin *pin = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node);
        if (ids_count(&cpus) > 0)
            continue;
        EXPECT_WITH("node %d", node);
        EXPECT_REFUSED(api->pin_to_node(topology, (unsigned)node, NP_STRICT, &pin, error));
        EXPECT_REASON("CPU");
        EXPECT_NAMES_ID(error->reason, (unsigned)node);
        EXPECT_OK(api->pin_to_node(topology, (unsigned)node, NP_SOFT, &pin, error));
        expect_no_pin(pin, before, error);
        released(pin, error);
        EXPECT_IDS(own_affinity(), before);
    }
}

/* A thread that says who it is and waits to be told to end. */
struct bystander {
    pthread_barrier_t here, end;
    pid_t id;
};

static void *stand_by(void *closure)
{
    struct bystander *bystander = closure;

    bystander->id = oracle_self();
    pthread_barrier_wait(&bystander->here);
    pthread_barrier_wait(&bystander->end);
    return NULL;
}

CASE(pin_touches_nobody_else, "no other thread's affinity and no memory policy changes, on pin and on release",
    CLAUSES("PIN-8"), NEEDS(.cpus = 2))
{
    struct bystander bystander;
    struct ids nodes = oracle_allowed_nodes(), one = ids_of(usable_cpu(0)), other = ids_of(usable_cpu(1));
    pthread_t thread;

    EXPECT_INT(oracle_call(SYS_set_mempolicy, MPOL_INTERLEAVE, (long)&nodes, ORACLE_NODE_MAX + 1, 0, 0, 0), ==, 0);
    struct oracle_policy before = oracle_thread_policy();
    pthread_barrier_init(&bystander.here, NULL, 2);
    pthread_barrier_init(&bystander.end, NULL, 2);
    EXPECT_INT(pthread_create(&thread, NULL, stand_by, &bystander), ==, 0);
    pthread_barrier_wait(&bystander.here);
    fault_repin_from_outside(bystander.id, &other);

    np_pin *pin = pinned(one, NP_SOFT, error);
    EXPECT_IDS(oracle_affinity(bystander.id), other);
    struct oracle_policy during = oracle_thread_policy();
    EXPECT(oracle_policy_equal(&before, &during));
    released(pin, error);
    EXPECT_IDS(oracle_affinity(bystander.id), other);
    struct oracle_policy after = oracle_thread_policy();
    EXPECT(oracle_policy_equal(&before, &after));
    pthread_barrier_wait(&bystander.end);
    EXPECT_INT(pthread_join(thread, NULL), ==, 0);
}

static void *pin_often(void *closure)
{
    static _Thread_local np_error own;
    struct ids one = ids_of(*(const unsigned *)closure), before = own_affinity();

    for (int i = 0; i < 100; i++) {
        np_pin *pin = pinned(one, NP_SOFT, &own);
        EXPECT_IDS(own_affinity(), one);
        released(pin, &own);
        EXPECT_IDS(own_affinity(), before);
    }
    return NULL;
}

CASE(pins_in_threads, "many threads pin at once, each for itself", CLAUSES("PIN-8", "PIN-1"), NEEDS(.cpus = 2))
{
    pthread_t threads[8];
    unsigned cpus[2] = {usable_cpu(0), usable_cpu(1)};

    for (int i = 0; i < 8; i++)
        EXPECT_INT(pthread_create(&threads[i], NULL, pin_often, &cpus[i % 2]), ==, 0);
    for (int i = 0; i < 8; i++)
        EXPECT_INT(pthread_join(threads[i], NULL), ==, 0);
}

CASE_LIST(pin_basic_cases, &pin_sets_and_restores, &pin_restores_after_change, &pin_leaves_nothing,
    &pin_release_of_null, &pins_nest, &pins_in_the_wrong_order, &pin_released_elsewhere, &pin_to_one_cpu,
    &pin_to_each_node, &pin_to_node_without_cpus, &pin_touches_nobody_else, &pins_in_threads);
