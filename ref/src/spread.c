/*
 * Making the blocks, and saying where they came to lie.
 */
#include "spread.h"
#include "error_internal.h"
#include "hard_mode.h"
#include <stdlib.h>

static np_status check(const np_topology *topology, np_mode mode, const char *operation, np_error *error)
{
    if (topology == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "topology is NULL");
    if (mode != NP_SOFT && mode != NP_STRICT)
        return fail(error, NP_INVALID_ARGUMENT, 0, operation, "mode %d is neither NP_SOFT (0) nor NP_STRICT (1)", mode);
    if (!np_topology_is_this_machine(topology))
        return fail(error, NP_INVALID_ARGUMENT, 0, operation,
            "the topology is made from a description and is not this machine: there is no memory on its nodes");
    return mode == NP_STRICT ? hard_mode_require(HARD_REGION_NEEDS, operation, error) : NP_OK;
}

static np_status take_block(struct spread *spread, unsigned position, const np_topology *topology, np_mode mode,
    struct spread_size size, np_error *error)
{
    const unsigned node = spread->map.ids[position];
    np_cpuset cpus = {0};
    np_status status = np_topology_cpus_of_node(topology, node, &cpus, error);
    if (status != NP_OK)
        return status;
    size_t bytes;
    if (__builtin_mul_overflow(size.by_cpu, np_cpuset_count(&cpus), &bytes) ||
        __builtin_add_overflow(bytes, size.fixed, &bytes))
        return fail(error, NP_ALLOCATION, 0, "region", "the block for node %u is larger than any address space", node);
    node_memory_init(&spread->memory[position], node, mode, bytes);
    return node_memory_take(&spread->memory[position], bytes, APART, &spread->blocks[position], error);
}

static void describe(struct spread *spread)
{
    np_nodeset misplaced = {0};
    for (unsigned i = 0; i < spread->map.node_count; i++) {
        uint64_t elsewhere = 0;
        if (node_memory_look(&spread->memory[i], &elsewhere, NULL) != NP_OK || elsewhere > 0)
            np_nodeset_add(&misplaced, spread->map.ids[i], NULL);
    }
    if (np_nodeset_count(&misplaced) == 0)
        enforce(&spread->enforcement, NP_LEVEL_BEST_EFFORT,
            "soft mode: each node's pages lie on it, and nobody watches over them");
    else
        enforce(&spread->enforcement,
            np_nodeset_count(&misplaced) < spread->map.node_count ? NP_LEVEL_BEST_EFFORT : NP_LEVEL_NONE,
            "soft mode: the pages for nodes %s do not all lie on them", nodes_in_words(&misplaced).text);
}

np_status spread_init(struct spread *spread, const np_topology *topology, np_mode mode, struct spread_size size,
    const char *operation, np_error *error)
{
    np_status status = check(topology, mode, operation, error);
    if (status != NP_OK)
        return status;
    node_map_fill(&spread->map, topology);
    const unsigned count = spread->map.node_count;
    spread->memory = calloc(count, sizeof *spread->memory);
    spread->blocks = calloc(count, sizeof *spread->blocks);
    if (spread->memory == NULL || spread->blocks == NULL)
        status = fail(error, NP_ALLOCATION, 0, operation, "no memory for the records of %u nodes", count);
    for (unsigned i = 0; i < count && status == NP_OK; i++)
        status = take_block(spread, i, topology, mode, size, error);
    if (status != NP_OK) {
        spread_end(spread);
        return status;
    }
    if (mode == NP_STRICT)
        spread->enforcement = (np_enforcement){.level = NP_LEVEL_STRICT};
    else
        describe(spread);
    return NP_OK;
}

void spread_end(struct spread *spread)
{
    for (unsigned i = 0; spread->memory != NULL && i < spread->map.node_count; i++)
        node_memory_end(&spread->memory[i]);
    free(spread->memory);
    free(spread->blocks);
}
