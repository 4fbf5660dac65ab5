/*
 * The prices of the small calls: looking something up in a topology, looking again at a pin, adding up a counter, a
 * shard under its lock, a snapshot of an executor's counts. Each is called many times for a sample.
 */
#include "api_costs.h"

#include "failure.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

struct small {
    const struct api_machine *machine;
    const struct call *call;
    np_pin *pin;
    np_counter *counter;
    np_sharded *sharded;
    np_executor *executor;
    unsigned cpu;
};

struct call {
    const char *name;
    unsigned times; /* Of a sample: some tenths of a millisecond. */
    bool in_modes;
    np_status (*make)(struct small *small, np_mode mode, np_error *why); /* What it needs; NULL for nothing. */
    np_status (*once)(struct small *small, np_error *why);
};

static np_status node_of_cpu(struct small *small, np_error *why)
{
    unsigned node;

    return small->machine->api.topology_node_of_cpu(small->machine->topology, small->cpu, &node, why);
}

static np_status cpus_of_node(struct small *small, np_error *why)
{
    np_cpuset cpus;

    return small->machine->api.topology_cpus_of_node(small->machine->topology, small->machine->node, &cpus, why);
}

static np_status distance(struct small *small, np_error *why)
{
    unsigned units, node = small->machine->node;

    return small->machine->api.topology_distance(small->machine->topology, node, node, &units, why);
}

static np_status make_pin(struct small *small, np_mode mode, np_error *why)
{
    return small->machine->api.pin_to_cpus(&small->machine->cpus, mode, &small->pin, why);
}

static np_status verify_pin(struct small *small, np_error *why)
{
    bool holds;

    return small->machine->api.pin_verify(small->pin, &holds, NULL, why);
}

static np_status make_counter(struct small *small, np_mode mode, np_error *why)
{
    return small->machine->api.counter_create(small->machine->topology, mode, &small->counter, why);
}

static np_status sum_counter(struct small *small, np_error *why)
{
    (void)why;
    (void)small->machine->api.counter_sum(small->counter);
    return NP_OK;
}

static np_status make_sharded(struct small *small, np_mode mode, np_error *why)
{
    return small->machine->api.sharded_create(small->machine->topology, 64, mode, &small->sharded, why);
}

static void leave_alone(unsigned node, void *shard, void *closure)
{
    (void)node;
    (void)shard;
    (void)closure;
}

static np_status update_shard(struct small *small, np_error *why)
{
    return small->machine->api.sharded_update(small->sharded, leave_alone, NULL, why);
}

static np_status make_executor(struct small *small, np_mode mode, np_error *why)
{
    const np_executor_options options = {.mode = (int32_t)mode};

    return small->machine->api.executor_create(small->machine->topology, &options, &small->executor, why);
}

static np_status look_at_health(struct small *small, np_error *why)
{
    return small->machine->api.executor_health(small->executor, NULL, NULL, why);
}

static const struct call calls[] = {
    {.name = "topology, node of a CPU", .times = 20000, .once = node_of_cpu},
    {.name = "topology, CPUs of a node", .times = 5000, .once = cpus_of_node},
    {.name = "topology, distance", .times = 20000, .once = distance},
    {.name = "pin verify", .times = 100, .in_modes = true, .make = make_pin, .once = verify_pin},
    {.name = "counter sum", .times = 2000, .make = make_counter, .once = sum_counter},
    {.name = "shard update", .times = 5000, .make = make_sharded, .once = update_shard},
    {.name = "executor health", .times = 100, .in_modes = true, .make = make_executor, .once = look_at_health},
};

static bool sample(void *state, double *nanoseconds, np_error *why)
{
    struct small *small = state;
    np_status status = NP_OK;
    double start = api_now();

    for (unsigned i = 0; i < small->call->times && status == NP_OK; i++)
        status = small->call->once(small, why);
    *nanoseconds = (api_now() - start) / small->call->times;
    return status == NP_OK;
}

static void end(void *state)
{
    struct small *small = state;
    const struct functions *api = &small->machine->api;

    api->pin_release(small->pin, NULL);
    api->counter_destroy(small->counter);
    api->sharded_destroy(small->sharded);
    api_let_go(small->machine, small->executor);
    free(small);
}

static void *begin(const struct api_machine *machine, const struct api_cost *cost, np_error *why)
{
    struct small *small = calloc(1, sizeof *small);
    double once;

    if (small == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    small->machine = machine;
    small->call = cost->closure;
    small->cpu = (unsigned)machine->api.cpuset_first(&machine->cpus);
    bool made = small->call->make == NULL || small->call->make(small, cost->mode, why) == NP_OK;
    if (made && sample(small, &once, why))
        return small;
    end(small);
    return NULL;
}

size_t api_small_costs(struct api_cost *costs, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (int mode = NP_SOFT; mode <= (calls[i].in_modes ? NP_STRICT : NP_SOFT) && count < most; mode++) {
            struct api_cost *cost = &costs[count++];
            *cost = (struct api_cost){.mode = (np_mode)mode,
                .in_modes = calls[i].in_modes,
                .begin = begin,
                .sample = sample,
                .end = end,
                .closure = &calls[i]};
            snprintf(cost->name, sizeof cost->name, "%s", calls[i].name);
        }
    return count;
}
