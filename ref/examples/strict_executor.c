/*
 * Workers that are pinned to their nodes, for certain, and a task on each node.
 *
 * When np_executor_create() returns NP_OK in strict mode, every worker exists and is pinned to the CPUs of its node; where
 * it cannot be so not one thread is left. A task that is submitted to a node begins on that node: here each says where
 * it ran.
 */
#include <numaproof/numaproof.h>
#include <sched.h>
#include <stdio.h>

static int complain(const np_error *error)
{
    fprintf(stderr, "%s: %s: %s\n", error->operation, np_status_name((np_status)error->code), error->reason);
    return 1;
}

static void say_where(void *argument)
{
    printf("node %u: on CPU %d\n", *(const unsigned *)argument, sched_getcpu());
}

/* A task for each node with CPUs that this process may use. What a task is given must live until it has run. */
static np_status submit_everywhere(
    np_executor *executor, const np_topology *topology, unsigned numbers[NP_NODE_MAX], np_error *error)
{
    np_nodeset nodes;
    np_cpuset usable, cpus;
    np_status status = np_topology_nodes(topology, &nodes, error);
    if (status == NP_OK)
        status = np_topology_usable_cpus(topology, &usable, error);
    for (int node = np_nodeset_first(&nodes); status == NP_OK && node >= 0; node = np_nodeset_next(&nodes, node)) {
        numbers[node] = (unsigned)node;
        np_topology_cpus_of_node(topology, numbers[node], &cpus, NULL);
        np_cpuset_intersection(&cpus, &usable, &cpus, NULL);
        if (np_cpuset_count(&cpus) > 0)
            status = np_executor_submit(executor, numbers[node], say_where, &numbers[node], error);
    }
    return status;
}

int main(void)
{
    static unsigned numbers[NP_NODE_MAX];
    np_error error;
    np_topology *topology;
    if (np_topology_discover(&topology, &error) != NP_OK)
        return complain(&error);

    np_executor_options options;
    np_executor_options_init(&options);
    options.mode = NP_STRICT;
    options.workers_per_node = 1;
    np_executor *executor = NULL;
    np_status status = np_executor_create(topology, &options, &executor, &error);
    if (status == NP_OK)
        status = submit_everywhere(executor, topology, numbers, &error);
    if (status == NP_OK)
        status = np_executor_shutdown(executor, &error);
    np_executor_destroy(executor, NULL);
    np_topology_destroy(topology);
    return status == NP_OK ? 0 : complain(&error);
}
