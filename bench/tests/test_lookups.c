/*
 * Lookups in a topology allocate nothing: this program has its own malloc, which counts.
 */
#include "run_suites.h"

#include <numaproof/numaproof.h>

#include <errno.h>
#include <stdlib.h>

/* glibc's own, behind the names that a program may replace. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *block);

static _Thread_local unsigned long allocations;

/* Seen by the libraries, or they would go on with glibc's. */
#pragma GCC visibility push(default)

void *malloc(size_t bytes)
{
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    allocations++;
    return __libc_realloc(block, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    allocations++;
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **block, size_t alignment, size_t bytes)
{
    allocations++;
    *block = __libc_memalign(alignment, bytes);
    return *block != NULL ? 0 : ENOMEM;
}

void free(void *block)
{
    __libc_free(block);
}

#pragma GCC visibility pop

static np_topology *topology;

static void the_count_counts(void)
{
    unsigned long before = allocations;
    np_topology *made = NULL;

    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&made, NULL), NP_OK);
    CU_ASSERT_TRUE(allocations > before);
    np_topology_destroy(made);
}

/* Of every node and CPU, and of ids that there are none of: an error is made without memory too. */
static void look_everything_up(void)
{
    np_nodeset nodes;
    np_cpuset cpus;
    np_node description;
    np_performance performance;
    np_error error;
    unsigned value;

    np_topology_nodes(topology, &nodes, &error);
    np_topology_cpus(topology, &cpus, &error);
    np_topology_usable_cpus(topology, &cpus, &error);
    np_topology_usable_nodes(topology, &nodes, &error);
    (void)np_topology_node_count(topology);
    (void)np_topology_is_this_machine(topology);
    for (unsigned node = 0; node < NP_NODE_MAX; node++) {
        np_topology_node(topology, node, &description, &error);
        np_topology_cpus_of_node(topology, node, &cpus, &error);
        np_topology_distance(topology, node, 0, &value, &error);
        np_topology_performance(topology, node, 0, &performance, &error);
        for (int group = NP_GROUP_CORE; group <= NP_GROUP_SOCKET; group++) {
            np_topology_group_count(topology, (np_group)group, node, &value, &error);
            np_topology_group(topology, (np_group)group, node, 0, &cpus, &error);
        }
    }
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++) {
        np_topology_node_of_cpu(topology, cpu, &value, &error);
        np_topology_group_of_cpu(topology, NP_GROUP_CACHE, cpu, &cpus, &error);
    }
}

static void lookups_allocate_nothing(void)
{
    CU_ASSERT_EQUAL_FATAL(np_topology_discover(&topology, NULL), NP_OK);
    unsigned long before = allocations;
    look_everything_up();
    CU_ASSERT_EQUAL(allocations, before);
    np_topology_destroy(topology);
}

int main(void)
{
    CU_TestInfo lookups[] = {{"the count counts", the_count_counts},
        {"lookups allocate nothing", lookups_allocate_nothing}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"lookups", NULL, NULL, NULL, NULL, lookups}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
