/*
 * A sample of latency: so many loads along a chain, from where the last sample left it, so that no part of it is warmer
 * than another. Before and after, the thread's CPU is checked and every page of the buffer is asked for.
 *
 * A sample is a mean of tens of thousands of loads. What single loads do is seen beside it: after each sample some batches
 * are timed one by one, each as short as the clock allows, and counted in a histogram.
 */
#include "chains.h"

#include "access.h"

#include <stdio.h>
#include <time.h>

#define WARM_UP_LOADS 2048
#define BATCHES       128
/* Reading the clock costs a fraction of a load of memory, which so many share. */
#define BATCH_LOADS CHASE_STEP

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Places evenly along the chain, which is walked once all around and must be one cycle of all its elements. */
static void find_places(struct chain *chain)
{
    size_t length = 0, apart = chain->elements / CHASE_CHAINS;
    void *place = chain->start;

    apart = apart > 0 ? apart : 1;
    do {
        if (length % apart == 0 && length / apart < CHASE_CHAINS)
            chain->evenly[length / apart] = place;
        place = *(void **)place;
        length++;
    } while (place != (void *)chain->start && length <= chain->elements);
    if (length != chain->elements)
        snprintf(chain->why, sizeof chain->why, "the chain is not one cycle of %zu loads", chain->elements);
}

static void begin_at_places(struct chain *chain, size_t chains)
{
    chain->chains = chains;
    for (size_t i = 0; i < chains; i++)
        chain->places[i] = chain->evenly[i * CHASE_CHAINS / chains];
}

void chain_lay(struct chain *chain, struct buffer *buffer, size_t offset, size_t bytes, const struct chase_order *order,
    size_t chains, struct random *random)
{
    *chain = (struct chain){.buffer = buffer,
        .start = buffer->start + offset,
        .elements = chase_elements(bytes, order),
        .warm_up = WARM_UP_LOADS,
        .loads = CHASE_STEP};
    if (chase_lay(chain->start, bytes, order, random))
        find_places(chain);
    else
        snprintf(chain->why, sizeof chain->why, "no memory to shuffle %zu lines in", chain->elements);
    begin_at_places(chain, chains);
}

void chain_split(struct chain *chain, const struct chain *other, size_t chains)
{
    *chain = *other;
    begin_at_places(chain, chains);
}

/* Many misses at once, and prefetched: for large memories far sooner done than by following the chain. */
static void read_all(const struct chain *chain, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += CHASE_LINE)
        (void)*(volatile const char *)(chain->start + i);
}

static double time_loads(struct chain *chain, size_t loads)
{
    if (chain->is_read_first)
        read_all(chain, chain->elements * CHASE_LINE);
    chase_run_many(chain->places, chain->chains, chain->warm_up);
    double start = now_ns();
    chase_run_many(chain->places, chain->chains, loads);
    return (now_ns() - start) / (double)(loads * chain->chains);
}

/* An interruption must not pass for slow memory. */
static double quickest(struct chain *chain, size_t loads)
{
    double best = time_loads(chain, loads);

    for (unsigned try = 0; try < 2; try++) {
        double again = time_loads(chain, loads);
        best = again < best ? again : best;
    }
    return best;
}

void chain_choose_loads(struct chain *chain, double ns)
{
    size_t loads = 16 * (size_t)CHASE_STEP, most = (size_t)1 << 20;

    if (chain->why[0] != '\0')
        return;
    double each = quickest(chain, loads);
    while (each * (double)(loads * chain->chains) < ns / 4 && loads < most) {
        loads *= 2;
        each = quickest(chain, loads);
    }
    loads = (size_t)(ns / each) / chain->chains / CHASE_STEP * CHASE_STEP;
    chain->loads = loads < 16 * (size_t)CHASE_STEP ? 16 * (size_t)CHASE_STEP : loads > most ? most : loads;
}

static bool is_in_place(struct cell *cell, const struct chain_cell *self)
{
    size_t elsewhere;

    cell->state = BENCH_MISPLACED;
    if (!thread_is_in_place(self->cpu))
        snprintf(cell->reason, sizeof cell->reason, "the measuring thread was moved off CPU %u", self->cpu);
    else if (!buffer_is_in_place(self->chain->buffer, &elsewhere))
        snprintf(cell->reason, sizeof cell->reason, "%zu pages of the buffer are no longer on node %u", elsewhere,
            self->chain->buffer->node);
    else
        cell->state = BENCH_NOT_CONVERGED;
    return cell->state != BENCH_MISPLACED;
}

static void time_single_loads(struct chain_cell *self)
{
    void **place = &self->chain->places[0];

    for (unsigned i = 0; i < BATCHES; i++) {
        double start = now_ns();
        *place = chase_run(*place, BATCH_LOADS);
        bench_histogram_add(self->histogram, (now_ns() - start) / BATCH_LOADS);
    }
    self->loads_made += (uint64_t)BATCHES * BATCH_LOADS;
}

bool chain_cell_sample(struct cell *cell, double *sample)
{
    struct chain_cell *self = cell->closure;
    struct chain *chain = self->chain;

    if (!thread_move(self->cpu)) {
        cell->state = BENCH_NOT_RUN;
        snprintf(cell->reason, sizeof cell->reason, "the kernel does not let this process run on CPU %u", self->cpu);
        return false;
    }
    if (!is_in_place(cell, self))
        return false;
    access_arm(chain->buffer->start, chain->buffer->bytes);
    *sample = time_loads(chain, chain->loads);
    if (self->histogram != NULL)
        time_single_loads(self);
    access_disarm();
    self->loads_made += (chain->loads + chain->warm_up / CHASE_STEP * CHASE_STEP) * chain->chains;
    return is_in_place(cell, self);
}
