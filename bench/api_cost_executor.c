/*
 * The prices of an executor: building and ending one, the call that submits, and a task that is stolen.
 *
 * A submit is timed alone, into queues whose workers are all held in a task, so that nothing but the call is in the figure. For a
 * steal the node's own worker is held, tasks are submitted to that node, and the workers of the other nodes must come for
 * them: it needs two nodes with CPUs.
 */
#include "api_costs.h"

#include "failure.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define SUBMITS 2000
#define STEALS  2000

enum kind { BUILD, SUBMIT, STEAL };

struct priced_executor {
    const struct api_machine *machine;
    enum kind kind;
    np_executor_options options;
    np_executor *executor;
    unsigned workers;  /* Of the node that tasks are submitted to. */
    atomic_ulong held; /* Workers that are. */
    atomic_bool let_go;
    atomic_ulong run; /* Tasks. */
};

static void hold(void *closure)
{
    struct priced_executor *priced = closure;

    atomic_fetch_add(&priced->held, 1);
    while (!atomic_load(&priced->let_go))
        sched_yield();
}

static void count_run(void *closure)
{
    atomic_fetch_add_explicit(&((struct priced_executor *)closure)->run, 1, memory_order_relaxed);
}

static np_status submit(struct priced_executor *priced, np_task *task, np_error *why)
{
    return priced->machine->api.executor_submit(priced->executor, priced->machine->node, task, priced, why);
}

/* Give each of the node's workers a task that does not end. */
static np_status hold_workers(struct priced_executor *priced, np_error *why)
{
    np_status status = NP_OK;

    atomic_store(&priced->held, 0);
    atomic_store(&priced->let_go, false);
    for (unsigned i = 0; i < priced->workers && status == NP_OK; i++) {
        status = submit(priced, hold, why);
        if (status == NP_OK)
            status = api_await_count(priced->machine, &priced->held, i + 1UL, why);
    }
    return status;
}

static np_status let_go(struct priced_executor *priced, np_status status, np_error *why)
{
    atomic_store(&priced->let_go, true);
    np_error *told = status == NP_OK ? why : NULL;
    np_status waited = api_await_all(priced->machine, priced->executor, told);

    return status == NP_OK ? waited : status;
}

static bool sample_submit(struct priced_executor *priced, double *nanoseconds, np_error *why)
{
    np_status status = hold_workers(priced, why);
    double start = api_now();

    for (unsigned i = 0; i < SUBMITS && status == NP_OK; i++)
        status = submit(priced, count_run, why);
    *nanoseconds = (api_now() - start) / SUBMITS;
    return let_go(priced, status, why) == NP_OK;
}

static bool sample_steal(struct priced_executor *priced, double *nanoseconds, np_error *why)
{
    np_status status = hold_workers(priced, why);
    double start = api_now();

    atomic_store(&priced->run, 0);
    for (unsigned i = 0; i < STEALS && status == NP_OK; i++)
        status = submit(priced, count_run, why);
    if (status == NP_OK)
        status = api_await_count(priced->machine, &priced->run, STEALS, why);
    *nanoseconds = (api_now() - start) / STEALS;
    return let_go(priced, status, why) == NP_OK;
}

static bool sample_build(const struct priced_executor *priced, double *nanoseconds, np_error *why)
{
    const struct functions *api = &priced->machine->api;
    np_executor *executor = NULL;
    double start = api_now();
    np_status status = api->executor_create(priced->machine->topology, &priced->options, &executor, why);

    if (status == NP_OK)
        status = api->executor_destroy(executor, why);
    *nanoseconds = api_now() - start;
    return status == NP_OK;
}

static bool sample(void *state, double *nanoseconds, np_error *why)
{
    struct priced_executor *priced = state;

    switch (priced->kind) {
    case BUILD:
        return sample_build(priced, nanoseconds, why);
    case SUBMIT:
        return sample_submit(priced, nanoseconds, why);
    default:
        return sample_steal(priced, nanoseconds, why);
    }
}

static void end(void *state)
{
    struct priced_executor *priced = state;

    if (api_let_go(priced->machine, priced->executor))
        free(priced);
}

/* How many nodes have CPUs that this process may use. */
static unsigned nodes_with_cpus(const struct api_machine *machine)
{
    const struct functions *api = &machine->api;
    np_nodeset nodes = {0};
    unsigned count = 0;

    api->topology_nodes(machine->topology, &nodes, NULL);
    for (int node = api->nodeset_first(&nodes); node >= 0; node = api->nodeset_next(&nodes, node)) {
        np_cpuset cpus = {0}, usable = {0};
        api->topology_cpus_of_node(machine->topology, (unsigned)node, &cpus, NULL);
        api->topology_usable_cpus(machine->topology, &usable, NULL);
        api->cpuset_intersection(&cpus, &usable, &cpus, NULL);
        count += api->cpuset_first(&cpus) >= 0;
    }
    return count;
}

static const struct {
    const char *name;
    enum kind kind;
} kinds[] = {{"executor, build and end", BUILD}, {"submit", SUBMIT}, {"a task that is stolen", STEAL}};

static bool prepare(struct priced_executor *priced, np_error *why)
{
    if (priced->kind == STEAL && nodes_with_cpus(priced->machine) < 2) {
        failure(why, NP_NOT_AVAILABLE, "nobody to steal: this process may use the CPUs of one node only");
        return false;
    }
    /* Tasks go to one node; the workers of the others must not come for them, or must. */
    priced->options.steal = priced->kind == SUBMIT ? NP_STEAL_LOCAL_ONLY : NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE;
    priced->options.workers_per_node = priced->kind == BUILD ? 0 : 1;
    priced->workers = 1;
    return priced->kind == BUILD || priced->machine->api.executor_create(
                                        priced->machine->topology, &priced->options, &priced->executor, why) == NP_OK;
}

static void *begin(const struct api_machine *machine, const struct api_cost *cost, np_error *why)
{
    struct priced_executor *priced = calloc(1, sizeof *priced);
    double once;

    if (priced == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    priced->machine = machine;
    priced->kind = *(const enum kind *)cost->closure;
    priced->options.mode = (int32_t)cost->mode;
    if (prepare(priced, why) && sample(priced, &once, why))
        return priced;
    end(priced);
    return NULL;
}

size_t api_executor_costs(struct api_cost *costs, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        for (int mode = NP_SOFT; mode <= NP_STRICT && count < most; mode++) {
            struct api_cost *cost = &costs[count++];
            *cost = (struct api_cost){.mode = (np_mode)mode,
                .in_modes = true,
                .begin = begin,
                .sample = sample,
                .end = end,
                .closure = &kinds[i].kind};
            snprintf(cost->name, sizeof cost->name, "%s", kinds[i].name);
        }
    return count;
}
