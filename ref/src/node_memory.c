/*
 * Regions cut into blocks.
 *
 * A region costs some system calls and, by the page, the clearing of memory; blocks cost an addition. Each new region is
 * twice the one before, up to 4 MiB, so that what is small stays small and a long queue grows at the price
 * of clearing its pages.
 */
#include "node_memory.h"
#include "error_internal.h"
#include "hard_mode.h"
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES_MAX ((size_t)4 << 20)

void node_memory_init(struct node_memory *memory, unsigned node, np_mode mode, size_t first_bytes)
{
    *memory = (struct node_memory){
        .taking = PTHREAD_MUTEX_INITIALIZER, .node = node, .strict = mode == NP_STRICT, .first_bytes = first_bytes};
}

static np_status count_elsewhere(const np_region *region, uint64_t *elsewhere, np_error *error)
{
    np_placement *placement = malloc(sizeof *placement);
    if (placement == NULL)
        return fail(error, NP_ALLOCATION, 0, "node memory", "no memory for the count of a region's pages");
    np_enforcement present;
    const np_status status = np_region_verify(region, placement, &present, error);
    /* What is swapped out of a region that is strict comes back where it belongs, and of any other it may not. */
    if (status == NP_OK)
        *elsewhere = placement->outside + (present.level == NP_LEVEL_STRICT ? 0 : placement->absent);
    free(placement);
    return status;
}

static np_status create_softly(const struct node_memory *memory, size_t bytes, np_region **region, np_error *error)
{
    np_region_options options = {.policy = {.kind = NP_POLICY_BIND}, .mode = NP_SOFT, .prefault = NP_PREFAULT_TOUCH};
    np_nodeset_add(&options.policy.nodes, memory->node, NULL);
    return np_region_create(bytes, &options, region, error);
}

static np_status create_strictly(const struct node_memory *memory, size_t bytes, np_region **region, np_error *error)
{
    np_region_options options = {.policy = {.kind = NP_POLICY_BIND}, .mode = NP_STRICT, .prefault = NP_PREFAULT_TOUCH};
    np_nodeset_add(&options.policy.nodes, memory->node, NULL);
    np_error refusal;
    np_status status = np_region_create(bytes, &options, region, &refusal);
    if (status != NP_HARD_MODE_UNAVAILABLE || hard_mode_require(HARD_REGION_NEEDS, "region", NULL) == NP_OK) {
        if (status != NP_OK && error != NULL)
            *error = refusal;
        return status;
    }
    /* The owner was made with the privileges that this thread lacks. The promise is kept without them, or not at all. */
    status = create_softly(memory, bytes, region, error);
    if (status != NP_OK)
        return status;
    uint64_t elsewhere = 0;
    status = count_elsewhere(*region, &elsewhere, error);
    if (status == NP_OK && elsewhere > 0)
        status = fail(error, NP_HARD_MODE_UNAVAILABLE, 0, "region",
            "%llu pages of %zu bytes for node %u were not to be had on it", (unsigned long long)elsewhere, bytes,
            memory->node);
    if (status != NP_OK)
        np_region_release(*region);
    return status;
}

static np_status add_chunk(struct node_memory *memory, size_t bytes, np_error *error)
{
    size_t size = memory->chunks == NULL ? memory->first_bytes : 2 * np_region_bytes(memory->chunks->region);
    if (size > CHUNK_BYTES_MAX)
        size = CHUNK_BYTES_MAX;
    if (size < bytes)
        size = bytes;
    struct node_memory_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL)
        return fail(error, NP_ALLOCATION, 0, "node memory", "no memory for the record of a region");
    const np_status status = memory->strict ? create_strictly(memory, size, &chunk->region, error)
                                            : create_softly(memory, size, &chunk->region, error);
    if (status != NP_OK) {
        free(chunk);
        return status;
    }
    chunk->next = memory->chunks;
    memory->chunks = chunk;
    return NP_OK;
}

static np_status take(struct node_memory *memory, size_t bytes, size_t alignment, void **block, np_error *error)
{
    struct node_memory_chunk *chunk = memory->chunks;
    size_t start = chunk == NULL ? 0 : (chunk->used + alignment - 1) & ~(alignment - 1);
    if (chunk == NULL || start > np_region_bytes(chunk->region) || np_region_bytes(chunk->region) - start < bytes) {
        const np_status status = add_chunk(memory, bytes, error);
        if (status != NP_OK)
            return status;
        chunk = memory->chunks;
        start = 0;
    }
    *block = (char *)np_region_address(chunk->region) + start;
    chunk->used = start + bytes;
    return NP_OK;
}

np_status node_memory_take(struct node_memory *memory, size_t bytes, size_t alignment, void **block, np_error *error)
{
    pthread_mutex_lock(&memory->taking);
    const np_status status = take(memory, bytes, alignment, block, error);
    pthread_mutex_unlock(&memory->taking);
    return status;
}

void node_memory_end(struct node_memory *memory)
{
    while (memory->chunks != NULL) {
        struct node_memory_chunk *chunk = memory->chunks;
        memory->chunks = chunk->next;
        np_region_release(chunk->region);
        free(chunk);
    }
}

np_status node_memory_look(struct node_memory *memory, uint64_t *elsewhere, np_error *error)
{
    np_status status = NP_OK;
    uint64_t total = 0;
    pthread_mutex_lock(&memory->taking);
    for (const struct node_memory_chunk *chunk = memory->chunks; chunk != NULL && status == NP_OK;
         chunk = chunk->next) {
        uint64_t found = 0;
        status = count_elsewhere(chunk->region, &found, error);
        total += found;
    }
    pthread_mutex_unlock(&memory->taking);
    if (status == NP_OK)
        *elsewhere = total;
    return status;
}
