/*
 * What the cases on executors share; see executor_case.h.
 */
#include "executor_case.h"

#include <stdlib.h>

struct ids cpus_to_run_on(unsigned node)
{
    struct ids cpus = oracle_cpus_of_node(node), allowed = oracle_allowed_cpus(), online = oracle_online_cpus();

    cpus = ids_and(&cpus, &allowed);
    return ids_and(&cpus, &online);
}

struct ids nodes_to_run_on(void)
{
    struct ids nodes = oracle_online_nodes(), with_cpus = ids_none();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = cpus_to_run_on((unsigned)node);
        if (ids_count(&cpus) > 0)
            ids_add(&with_cpus, (unsigned)node);
    }
    return with_cpus;
}

unsigned first_run_node(void)
{
    struct ids nodes = nodes_to_run_on();

    return (unsigned)ids_first(&nodes);
}

int second_run_node(void)
{
    struct ids nodes = nodes_to_run_on();

    return ids_next(&nodes, ids_first(&nodes));
}

unsigned unknown_node(void)
{
    struct ids online = oracle_online_nodes();

    for (unsigned node = 0; node < NP_NODE_MAX; node++)
        if (!ids_has(&online, node))
            return node;
    case_skipped("needs an id that is no node; this machine has all %d", NP_NODE_MAX);
}

np_topology *topology_here(np_error *error)
{
    np_topology *topology = NULL;

    EXPECT_OK(api->topology_discover(&topology, error));
    return topology;
}

np_executor_options executor_options_of(np_mode mode, np_steal steal, unsigned workers_per_node)
{
    np_executor_options options = {
        .mode = (int32_t)mode, .steal = (int32_t)steal, .workers_per_node = workers_per_node};

    return options;
}

np_executor *executor_made(const np_executor_options *options, np_error *error)
{
    np_topology *topology = topology_here(error);
    np_executor *executor = NULL;

    EXPECT_OK(api->executor_create(topology, options, &executor, error));
    EXPECT(executor != NULL);
    api->topology_destroy(topology);
    return executor;
}

void executor_ended(np_executor *executor, np_error *error)
{
    EXPECT_OK(api->executor_destroy(executor, error));
}

void submitted(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error)
{
    EXPECT_OK(api->executor_submit(executor, node, task, argument, error));
}

void submitted_times(
    np_executor *executor, unsigned node, np_task *task, void *argument, unsigned times, np_error *error)
{
    while (times-- > 0)
        submitted(executor, node, task, argument, error);
}

void finished(np_executor *executor, np_error *error)
{
    EXPECT_OK(api->executor_wait(executor, NP_NO_TIMEOUT, error));
}

np_enforcement executor_level(const np_executor *executor, np_error *error)
{
    np_enforcement got;

    memset(&got, 0xff, sizeof got);
    EXPECT_OK(api->executor_enforcement(executor, &got, error));
    EXPECT_HONEST(&got);
    return got;
}

struct threads threads_now(void)
{
    struct threads threads;

    threads.count = oracle_threads(threads.ids);
    return threads;
}

struct threads threads_since(const struct threads *then)
{
    struct threads now = threads_now(), since = {.count = 0};

    for (size_t i = 0; i < now.count; i++) {
        bool known = false;
        for (size_t j = 0; j < then->count && !known; j++)
            known = now.ids[i] == then->ids[j];
        if (!known)
            since.ids[since.count++] = now.ids[i];
    }
    return since;
}

void run_task(void *closure)
{
    struct run *run = closure;

    atomic_store(&run->thread, oracle_self());
    atomic_store(&run->cpu, oracle_here().cpu);
    atomic_fetch_add(&run->times, 1);
}

void count_task(void *count)
{
    atomic_fetch_add((atomic_ulong *)count, 1);
}

void gate_made(struct gate *gate)
{
    sem_init(&gate->come, 0, 0);
    sem_init(&gate->through, 0, 0);
}

void gate_task(void *closure)
{
    struct gate *gate = closure;

    sem_post(&gate->come);
    while (sem_wait(&gate->through) != 0)
        continue;
}

void gate_await(struct gate *gate, unsigned tasks)
{
    while (tasks > 0)
        if (sem_wait(&gate->come) == 0)
            tasks--;
}

void gate_opened(struct gate *gate, unsigned tasks)
{
    while (tasks-- > 0)
        sem_post(&gate->through);
}

np_node_statistics counts_of_all(const np_executor *executor, np_error *error)
{
    static np_node_statistics all[NP_NODE_MAX];
    np_node_statistics total;
    size_t count = 0;

    EXPECT_OK(api->statistics_snapshot(executor, all, NP_NODE_MAX, &count, error));
    EXPECT_OK(api->statistics_total(all, count, &total, error));
    return total;
}

np_node_statistics counts_of(const np_executor *executor, unsigned node, np_error *error)
{
    static np_node_statistics all[NP_NODE_MAX];
    size_t count = 0;

    EXPECT_OK(api->statistics_snapshot(executor, all, NP_NODE_MAX, &count, error));
    for (size_t i = 0; i < count; i++)
        if (all[i].node == node)
            return all[i];
    case_failed("a snapshot of %zu nodes has no node %u", count, node);
}
