/*
 * Counters with a cell for each CPU.
 *
 * An addition goes to the cell of the CPU that the thread runs on, whose line is in that CPU's cache. Only threads on that
 * CPU write to it, so that with a restartable sequence (linux_rseq.h) a plain addition is enough; where there is none the
 * addition is atomic. A thread that is interrupted again and again, as under a debugger that steps, and a CPU that the
 * topology does not know, add atomically to a cell of the node that is no CPU's.
 *
 * Nobody but the adders writes to a cell: a reset, which comes from another CPU, would lose what is added meanwhile.
 * Cells only grow (or wrap), and a reset moves the `base` that they are counted from. Who reads takes the base first and the cells
 * after it: they are then at least what that base was made of.
 */
#include "error_internal.h"
#include "linux_rseq.h"
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
    _Atomic uint64_t **cells; /* By CPU; NULL of those that the topology does not know. */
    unsigned cpu_count;
    unsigned rseq_count; /* Of the first so many CPUs, cells are added to in restartable sequences: all, or none. */

    unsigned *cell_counts;   /* Of each block. */
    _Atomic uint64_t *bases; /* Of each block: what its cells held at the last reset. */
    struct spread spread;
};

/* A block is an array of cells: one that belongs to no CPU, and one for each CPU of the node. */
static np_status assign_cells(np_counter *counter, np_error *error)
{
    const struct node_map *map = &counter->spread.map;
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++)
        if (map->positions_of_cpus[cpu] != NO_POSITION)
            counter->cpu_count = cpu + 1;
    counter->cells = calloc(counter->cpu_count, sizeof *counter->cells);
    counter->cell_counts = calloc(map->node_count, sizeof *counter->cell_counts);
    counter->bases = calloc(map->node_count, sizeof *counter->bases);
    if (counter->cells == NULL || counter->cell_counts == NULL || counter->bases == NULL)
        return fail(error, NP_ALLOCATION, 0, OPERATION, "no memory for the cells of %u CPUs", counter->cpu_count);
    for (unsigned i = 0; i < map->node_count; i++)
        counter->cell_counts[i] = 1;
    for (unsigned cpu = 0; cpu < counter->cpu_count; cpu++) {
        const unsigned position = map->positions_of_cpus[cpu];
        if (position == NO_POSITION)
            continue;
        struct cell *cells = counter->spread.blocks[position];
        counter->cells[cpu] = &cells[counter->cell_counts[position]++].value;
    }
    counter->rseq_count = linux_has_rseq() ? counter->cpu_count : 0;
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
    free(counter->bases);
    free(counter);
}

/* Where additions from @cpu are atomic: its own cell where nobody adds to that otherwise, else one that is no CPU's. */
static _Atomic uint64_t *cell_for_all(const np_counter *counter, int cpu)
{
    const bool known = (unsigned)cpu < counter->cpu_count && counter->cells[cpu] != NULL;
    if (known && counter->rseq_count == 0)
        return counter->cells[cpu];
    struct cell *cells = counter->spread.blocks[known ? counter->spread.map.positions_of_cpus[cpu] : 0];
    return &cells[0].value;
}

static __attribute__((noinline)) void add_all_the_same(np_counter *counter, uint64_t amount)
{
    enum { ATTEMPTS = 8 };
    for (int attempt = 0; counter->rseq_count > 0 && attempt < ATTEMPTS; attempt++)
        if (linux_add_on_cpu(counter->cells, counter->rseq_count, amount))
            return;
    atomic_fetch_add_explicit(cell_for_all(counter, linux_cpu_now()), amount, memory_order_relaxed);
}

static inline void add(np_counter *counter, uint64_t amount)
{
    if (counter == NULL)
        return;
    if (counter->rseq_count == 0 || !linux_add_on_cpu(counter->cells, counter->rseq_count, amount))
        add_all_the_same(counter, amount);
}

void np_counter_add(np_counter *counter, int64_t amount)
{
    add(counter, (uint64_t)amount);
}

void np_counter_subtract(np_counter *counter, int64_t amount)
{
    add(counter, -(uint64_t)amount);
}

/* What was ever added there. */
static uint64_t total_of_node(const np_counter *counter, unsigned position)
{
    const struct cell *cells = counter->spread.blocks[position];
    uint64_t total = 0;
    for (unsigned i = 0; i < counter->cell_counts[position]; i++)
        total += atomic_load_explicit(&cells[i].value, memory_order_relaxed);
    return total;
}

static uint64_t sum_of_node(const np_counter *counter, unsigned position)
{
    const uint64_t base = atomic_load_explicit(&counter->bases[position], memory_order_acquire);
    return total_of_node(counter, position) - base;
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

/* Of resets that meet, the one whose exchange fails takes what has come since the other's. */
static uint64_t reset_node(np_counter *counter, unsigned position)
{
    uint64_t base = atomic_load_explicit(&counter->bases[position], memory_order_acquire);
    uint64_t total;
    do
        total = total_of_node(counter, position);
    while (!atomic_compare_exchange_weak_explicit(
        &counter->bases[position], &base, total, memory_order_acq_rel, memory_order_acquire));
    return total - base;
}

int64_t np_counter_reset(np_counter *counter)
{
    uint64_t sum = 0;
    for (unsigned i = 0; counter != NULL && i < counter->spread.map.node_count; i++)
        sum += reset_node(counter, i);
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
