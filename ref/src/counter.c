/*
 * Counters with a cell for each CPU.
 *
 * An addition goes to the cell of the CPU that the thread runs on: the line is in that CPU's cache, and nobody else writes
 * to it but a thread that was moved in between. So the addition is atomic, which costs little on a line of one's own, and
 * relaxed: a sum that must see an addition is ordered after it by whatever told the one thread that the other is done.
 */
#include "error_internal.h"
#include "linux_thread.h"
#include "spread.h"
#include <numaproof/sharded.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define OPERATION "counter"

struct cell {
    alignas(APART) _Atomic uint64_t value;
};

struct np_counter {
    /* By CPU; those beyond the last, and those that the topology does not know, share the first node's first cell. */
    unsigned cpu_count;
    struct cell **cells;
    struct cell *others;

    unsigned *cell_counts; /* Of each block. */
    struct spread spread;
};

/* A block is an array of cells: one that belongs to no CPU, and one for each CPU of the node. */
static np_status assign_cells(np_counter *counter, np_error *error)
{
    const struct node_map *map = &counter->spread.map;
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++)
        if (map->positions_of_cpus[cpu] != NO_POSITION)
            counter->cpu_count = cpu + 1;
    counter->cells = calloc(counter->cpu_count, sizeof(struct cell *));
    counter->cell_counts = calloc(map->node_count, sizeof *counter->cell_counts);
    if (counter->cells == NULL || counter->cell_counts == NULL)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "no memory for the cells of %u CPUs", counter->cpu_count);
    for (unsigned i = 0; i < map->node_count; i++)
        counter->cell_counts[i] = 1;
    counter->others = counter->spread.blocks[0];
    for (unsigned cpu = 0; cpu < counter->cpu_count; cpu++) {
        const unsigned position = map->positions_of_cpus[cpu];
        counter->cells[cpu] = counter->others;
        if (position != NO_POSITION)
            counter->cells[cpu] = (struct cell *)counter->spread.blocks[position] + counter->cell_counts[position]++;
    }
    return NP_OK;
}

np_status np_counter_create(const np_topology *topology, np_mode mode, np_counter **counter, np_error *error)
{
    if (counter == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "counter is NULL");
    np_counter *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "no memory for the record of the counter");
    const struct spread_size size = {.fixed = sizeof(struct cell), .by_cpu = sizeof(struct cell)};
    np_status status = spread_init(&made->spread, topology, mode, size, OPERATION, error);
    if (status != NP_OK) {
        free(made);
        return status;
    }
    status = assign_cells(made, error);
    if (status != NP_OK) {
        np_counter_destroy(made);
        return status;
    }
    *counter = made;
    return NP_OK;
}

void np_counter_destroy(np_counter *counter)
{
    if (counter == NULL)
        return;
    spread_end(&counter->spread);
    free(counter->cells);
    free(counter->cell_counts);
    free(counter);
}

static void add(np_counter *counter, uint64_t amount)
{
    if (counter == NULL)
        return;
    const unsigned cpu = (unsigned)linux_cpu_now();
    struct cell *cell = cpu < counter->cpu_count ? counter->cells[cpu] : counter->others;
    atomic_fetch_add_explicit(&cell->value, amount, memory_order_relaxed);
}

void np_counter_add(np_counter *counter, int64_t amount)
{
    add(counter, (uint64_t)amount);
}

void np_counter_subtract(np_counter *counter, int64_t amount)
{
    add(counter, -(uint64_t)amount);
}

static uint64_t sum_of_node(const np_counter *counter, unsigned position)
{
    const struct cell *cells = counter->spread.blocks[position];
    uint64_t sum = 0;
    for (unsigned i = 0; i < counter->cell_counts[position]; i++)
        sum += atomic_load_explicit(&cells[i].value, memory_order_relaxed);
    return sum;
}

int64_t np_counter_sum(const np_counter *counter)
{
    uint64_t sum = 0;
    for (unsigned i = 0; counter != NULL && i < counter->spread.map.node_count; i++)
        sum += sum_of_node(counter, i);
    return (int64_t)sum;
}

np_status np_counter_of_node(const np_counter *counter, unsigned node, int64_t *sum, np_error *error)
{
    if (counter == NULL || sum == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", counter == NULL ? "counter" : "sum");
    const unsigned position = node_map_of_node(&counter->spread.map, node);
    if (position == NO_POSITION)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "the counter's topology has no node %u", node);
    *sum = (int64_t)sum_of_node(counter, position);
    return NP_OK;
}

int64_t np_counter_reset(np_counter *counter)
{
    uint64_t sum = 0;
    for (unsigned i = 0; counter != NULL && i < counter->spread.map.node_count; i++) {
        struct cell *cells = counter->spread.blocks[i];
        for (unsigned j = 0; j < counter->cell_counts[i]; j++)
            sum += atomic_exchange_explicit(&cells[j].value, 0, memory_order_relaxed);
    }
    return (int64_t)sum;
}

np_status np_counter_enforcement(const np_counter *counter, np_enforcement *enforcement, np_error *error)
{
    if (counter == NULL || enforcement == NULL)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, "%s is NULL", counter == NULL ? "counter" : "enforcement");
    *enforcement = counter->spread.enforcement;
    return NP_OK;
}
