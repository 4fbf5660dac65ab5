/*
 * Buffers for a server: on each node a pool of its own, and every thread takes from the pool of the node that it is on.
 *
 * Hard mode where it can be had. Where it is refused the reason is printed once and the pool goes on in soft mode: slower
 * perhaps, and never silently so. That is the pattern of every program that must start on any machine.
 */
#include <numaproof/numaproof.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_BYTES 4096
#define BUFFER_COUNT 64

/* The buffers of a node are linked through their first bytes while nobody uses them. */
struct buffer {
    struct buffer *next;
};

struct pool {
    np_region *region;
    struct buffer *unused;
};

/* One for each node id: ids may have gaps, so they are not positions. */
static struct pool *pools[NP_NODE_MAX];

static np_status create_region(unsigned node, np_mode mode, np_region **region, np_error *error)
{
    np_region_options options;
    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.prefault = NP_PREFAULT_TOUCH;
    options.policy.kind = NP_POLICY_BIND;
    np_nodeset_add(&options.policy.nodes, node, NULL);
    return np_region_create((size_t)BUFFER_BYTES * BUFFER_COUNT, &options, region, error);
}

static struct pool *create_pool(unsigned node)
{
    np_error error;
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return NULL;
    np_status status = create_region(node, NP_STRICT, &pool->region, &error);
    if (status == NP_HARD_MODE_UNAVAILABLE) {
        printf("node %u goes on in soft mode: %s\n", node, error.reason);
        status = create_region(node, NP_SOFT, &pool->region, &error);
    }
    if (status != NP_OK) {
        fprintf(stderr, "node %u: %s\n", node, error.reason);
        free(pool);
        return NULL;
    }
    char *bytes = np_region_address(pool->region);
    for (size_t i = 0; i < BUFFER_COUNT; i++) {
        struct buffer *buffer = (struct buffer *)(void *)(bytes + i * BUFFER_BYTES);
        buffer->next = pool->unused;
        pool->unused = buffer;
    }
    return pool;
}

/* A buffer of the node that this thread is on, NULL when there is none. */
static void *take(const np_topology *topology)
{
    unsigned node;
    const int cpu = sched_getcpu();
    if (cpu < 0 || np_topology_node_of_cpu(topology, (unsigned)cpu, &node, NULL) != NP_OK || pools[node] == NULL)
        return NULL;
    struct buffer *buffer = pools[node]->unused;
    if (buffer != NULL)
        pools[node]->unused = buffer->next;
    return buffer;
}

int main(void)
{
    np_error error;
    np_topology *topology;
    if (np_topology_discover(&topology, &error) != NP_OK) {
        fprintf(stderr, "%s: %s\n", error.operation, error.reason);
        return 1;
    }
    np_nodeset nodes;
    np_topology_usable_nodes(topology, &nodes, NULL);
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node))
        pools[node] = create_pool((unsigned)node);

    unsigned taken = 0;
    while (take(topology) != NULL)
        taken++;
    printf("took %u buffers of the nearest node\n", taken);

    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node)) {
        if (pools[node] != NULL)
            np_region_release(pools[node]->region);
        free(pools[node]);
    }
    np_topology_destroy(topology);
    return taken > 0 ? 0 : 1;
}
