/*
 * Wrong calls: the same in both modes, refused before anything is changed. And calls at the wrong time: without memory.
 */
#include "pin_case.h"

#include <pthread.h>
#include <stdlib.h>

static const np_mode modes[] = {NP_SOFT, NP_STRICT};

CASE(pin_wrong_sets, "null, an empty set and a CPU past the maximum are wrong arguments in both modes",
    CLAUSES("LAW-6", "LAW-8"), NEEDS_NOTHING)
{
    np_cpuset none = cpuset_of_ids(ids_none()), one = cpuset_of(usable_cpu(0));
    np_pin *const untouched = (np_pin *)(uintptr_t)0x5a5a;
    np_pin *pin = untouched;

    for (int i = 0; i < 2; i++) {
        EXPECT_WITH("mode %d", (int)modes[i]);
        EXPECT_INVALID(api->pin_to_cpus(NULL, modes[i], &pin, error));
        EXPECT_INVALID(api->pin_to_cpus(&none, modes[i], &pin, error));
        EXPECT_INVALID(api->pin_to_cpus(&one, modes[i], NULL, error));
        EXPECT_INVALID(api->pin_to_cpu(NP_CPU_MAX, modes[i], &pin, error));
        EXPECT_INVALID(api->pin_to_cpu(UINT32_MAX, modes[i], &pin, error));
        EXPECT_INVALID(api->pin_to_cpu(usable_cpu(0), modes[i], NULL, error));
        EXPECT_INVALID(api->pin_to_node(NULL, 0, modes[i], &pin, error));
    }
    EXPECT_INVALID(api->pin_current(NULL, &pin, error));
    EXPECT_INVALID(api->pin_current(&none, &pin, error));
    EXPECT(pin == untouched);
    EXPECT_INT(api->pin_to_cpus(NULL, NP_SOFT, &pin, NULL), ==, NP_INVALID_ARGUMENT);
}

CASE(pin_wrong_mode, "a mode that is none is a wrong argument, before anything is changed", CLAUSES("LAW-6"),
    NEEDS_NOTHING)
{
    static const int wrong[] = {2, -1, 1 << 30};
    np_cpuset one = cpuset_of(usable_cpu(0));
    np_topology *topology = NULL;
    np_pin *pin = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        EXPECT_WITH("mode %d", wrong[i]);
        EXPECT_INVALID(api->pin_to_cpus(&one, (np_mode)wrong[i], &pin, error));
        EXPECT_INVALID(api->pin_to_cpu(usable_cpu(0), (np_mode)wrong[i], &pin, error));
        EXPECT_INVALID(
            api->pin_to_node(topology, (unsigned)oracle_node_of_cpu(usable_cpu(0)), (np_mode)wrong[i], &pin, error));
    }
    EXPECT(pin == NULL);
}

CASE(pin_unknown_node, "a node that the topology does not have is a wrong argument, never another node",
    CLAUSES("LAW-6", "PIN-7"), NEEDS_NOTHING)
{
    struct ids nodes = oracle_online_nodes();
    np_topology *topology = NULL;
    np_pin *pin = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    for (unsigned node = 0; node < NP_NODE_MAX + 2; node += node < 16 ? 1 : 251) {
        if (ids_has(&nodes, node))
            continue;
        for (int i = 0; i < 2; i++) {
            EXPECT_WITH("node %u, mode %d", node, (int)modes[i]);
            EXPECT_INVALID(api->pin_to_node(topology, node, modes[i], &pin, error));
            EXPECT_NAMES_ID(error->reason, node);
        }
    }
    EXPECT(pin == NULL);
}

CASE(pin_questions_to_null, "asking about no pin, or for no answer, is a wrong argument", CLAUSES("LAW-6", "LAW-8"),
    NEEDS_NOTHING)
{
    np_enforcement got;
    np_cpuset cpus;
    bool holds;
    np_pin *pin = pinned(ids_of(usable_cpu(0)), NP_SOFT, error);

    EXPECT_INVALID(api->pin_cpus(NULL, &cpus, error));
    EXPECT_INVALID(api->pin_cpus(pin, NULL, error));
    EXPECT_INVALID(api->pin_enforcement(NULL, &got, error));
    EXPECT_INVALID(api->pin_enforcement(pin, NULL, error));
    EXPECT_INVALID(api->pin_verify(NULL, &holds, &got, error));
    EXPECT_INVALID(api->pin_verify(pin, NULL, &got, error));
    EXPECT_OK(api->pin_verify(pin, &holds, NULL, error));
    released(pin, error);
}

/* A thread that calls the implementation for the first time when not a byte can be had any more. */
struct latecomer {
    pthread_mutex_t gate;
    unsigned cpu;
    np_status status[2]; /* by mode */
};

static void *pin_late(void *closure)
{
    struct latecomer *latecomer = closure;

    pthread_mutex_lock(&latecomer->gate);
    for (int i = 0; i < 2; i++) {
        np_pin *pin = NULL;
        latecomer->status[i] = api->pin_to_cpu(latecomer->cpu, modes[i], &pin, NULL);
        api->pin_release(pin, NULL);
    }
    pthread_mutex_unlock(&latecomer->gate);
    return NULL;
}

/* A chain of blocks, until there is not even room for the smallest; the first words point to the next. */
static void **all_memory(void)
{
    void **chain = NULL;

    fault_limit_address_space(0);
    for (size_t size = (size_t)1 << 20; size >= sizeof(void *); size /= 2)
        for (void **block; (block = malloc(size)) != NULL; chain = block)
            *block = chain;
    return chain;
}

CASE(pin_without_memory,
    "a thread's first pin where there is no memory is made, or is an allocation error; it ends nobody",
    CLAUSES("LAW-8", "LAW-2"), NEEDS(.plain_memory = true))
{
    struct latecomer latecomer = {.gate = PTHREAD_MUTEX_INITIALIZER, .cpu = usable_cpu(0)};
    pthread_t thread;

    pthread_mutex_lock(&latecomer.gate);
    EXPECT_INT(pthread_create(&thread, NULL, pin_late, &latecomer), ==, 0);
    /* For the last pin: the heap may hold less than that by chance, and cannot grow. A plain pointer could be left out. */
    void *volatile room = malloc(64 << 10);
    EXPECT(room != NULL);
    void **chain = all_memory();
    pthread_mutex_unlock(&latecomer.gate);
    pthread_join(thread, NULL);
    while (chain != NULL) {
        void **next = *chain;
        free(chain);
        chain = next;
    }
    free(room);
    EXPECT(latecomer.status[NP_SOFT] == NP_OK || latecomer.status[NP_SOFT] == NP_ALLOCATION);
    if (latecomer.status[NP_STRICT] != NP_OK && latecomer.status[NP_STRICT] != NP_HARD_MODE_UNAVAILABLE)
        EXPECT_INT(latecomer.status[NP_STRICT], ==, NP_ALLOCATION);
    released(pinned(ids_of(latecomer.cpu), NP_SOFT, error), error);
}

CASE_LIST(
    pin_wrong_cases, &pin_wrong_sets, &pin_wrong_mode, &pin_unknown_node, &pin_questions_to_null, &pin_without_memory);
