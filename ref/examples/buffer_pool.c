/*
 * Buffers for a server: on each node a pool of its own, and every thread takes from the pool of the node that it is on.
 * A buffer goes back to where it came from, whoever gives it back, and wherever.
 *
 * Hard mode where it can be had. Where it is refused the reason is printed once and the pool goes on in soft mode: slower
 * perhaps, and never silently so. That is the pattern of every program that must start on any machine.
 */
#include <numaproof/numaproof.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_BYTES 4096
#define BUFFER_COUNT 64
#define THREAD_COUNT 4

/* The buffers of a node are linked through their first bytes while nobody uses them. */
struct buffer {
    struct buffer *next;
};

struct pool {
    np_region *region;
    pthread_mutex_t lock;
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
    pthread_mutex_init(&pool->lock, NULL);
    char *bytes = np_region_address(pool->region);
    for (size_t i = 0; i < BUFFER_COUNT; i++) {
        struct buffer *buffer = (struct buffer *)(void *)(bytes + i * BUFFER_BYTES);
        buffer->next = pool->unused;
        pool->unused = buffer;
    }
    return pool;
}

static void destroy_pool(struct pool *pool)
{
    if (pool == NULL)
        return;
    np_region_release(pool->region);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* The pool of the node that this thread is on at the moment, NULL where there is none. */
static struct pool *local_pool(const np_topology *topology)
{
    unsigned node;
    const int cpu = sched_getcpu();
    if (cpu < 0 || np_topology_node_of_cpu(topology, (unsigned)cpu, &node, NULL) != NP_OK)
        return NULL;
    return pools[node];
}

/* A buffer of the pool, NULL when all are taken. */
static void *take(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct buffer *buffer = pool->unused;
    if (buffer != NULL)
        pool->unused = buffer->next;
    pthread_mutex_unlock(&pool->lock);
    return buffer;
}

static void give_back(struct pool *pool, void *bytes)
{
    struct buffer *buffer = bytes;
    pthread_mutex_lock(&pool->lock);
    buffer->next = pool->unused;
    pool->unused = buffer;
    pthread_mutex_unlock(&pool->lock);
}

/* Serves a few requests, each with a buffer of the node that the thread is on when the request comes. */
static void *serve(void *closure)
{
    unsigned served = 0;
    for (unsigned request = 0; request < 1000; request++) {
        struct pool *pool = local_pool(closure);
        char *buffer = pool != NULL ? take(pool) : NULL;
        if (buffer == NULL)
            continue;
        snprintf(buffer, BUFFER_BYTES, "request %u", request);
        give_back(pool, buffer);
        served++;
    }
    return served == 1000 ? closure : NULL;
}

/* Whether every request of every thread got a buffer. */
static int serve_all(np_topology *topology)
{
    pthread_t threads[THREAD_COUNT];
    unsigned started = 0, well = 0;
    while (started < THREAD_COUNT && pthread_create(&threads[started], NULL, serve, topology) == 0)
        started++;
    for (unsigned i = 0; i < started; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        well += result != NULL;
    }
    printf("%u of %u threads had a buffer of their node for each request\n", well, THREAD_COUNT);
    return well == THREAD_COUNT;
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
    np_topology_nodes(topology, &nodes, NULL);
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node))
        pools[node] = create_pool((unsigned)node);

    const int well = serve_all(topology);
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node))
        destroy_pool(pools[node]);
    np_topology_destroy(topology);
    return well ? 0 : 1;
}
