/*
 * A sharded counter beside the one word that everybody adds to.
 *
 * Two threads on two CPUs add at the same time: the single word goes to and fro between their caches, the cells do not. One
 * thread alone pays for the choice of a cell, and is held to twice the plain addition. The word is added to atomically, in
 * relaxed order; both sides are checked to have lost nothing.
 */
#include "api_rows.h"
#include "failure.h"
#include "placement.h"

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define ADDITIONS   200000 /* Of each thread and sample: about a millisecond. */
#define THREADS_MAX 2

struct counters_state {
    const struct functions *api;
    np_counter *ours;
    alignas(128) _Atomic int64_t word; /* The baseline. */
    alignas(128) atomic_uint ready;    /* Threads that are on their CPU. */
    atomic_int go;                     /* 1: begin. -1: give up. */
    bool baseline;                     /* Which is added to now. */
    unsigned thread_count;
    struct adder {
        struct counters_state *state;
        unsigned cpu;
        double started, ended;
        bool in_place;
    } adders[THREADS_MAX];
};

static void add_all(struct counters_state *state)
{
    if (state->baseline)
        for (int i = 0; i < ADDITIONS; i++)
            atomic_fetch_add_explicit(&state->word, 1, memory_order_relaxed);
    else
        for (int i = 0; i < ADDITIONS; i++)
            state->api->counter_add(state->ours, 1);
}

static void *add(void *closure)
{
    struct adder *adder = closure;

    struct counters_state *state = adder->state;
    int go;

    adder->in_place = thread_move(adder->cpu);
    atomic_fetch_add(&state->ready, 1);
    while ((go = atomic_load(&state->go)) == 0)
        sched_yield();
    if (go < 0)
        return NULL;
    adder->started = api_now();
    add_all(state);
    adder->ended = api_now();
    adder->in_place = adder->in_place && thread_is_in_place(adder->cpu);
    return NULL;
}

/* Start them all, and let them begin together. How many could be started: they have given up if it is not all. */
static unsigned run_threads(struct counters_state *state)
{
    pthread_t threads[THREADS_MAX];
    unsigned started = 0;

    atomic_store(&state->ready, 0);
    atomic_store(&state->go, 0);
    while (started < state->thread_count && pthread_create(&threads[started], NULL, add, &state->adders[started]) == 0)
        started++;
    while (atomic_load(&state->ready) < started)
        sched_yield();
    atomic_store(&state->go, started == state->thread_count ? 1 : -1);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started;
}

/* From when the first begins to when the last ends: an addition's share of the time that all threads take together. */
static bool time_additions(const struct counters_state *state, double *nanoseconds, np_error *why)
{
    double first = state->adders[0].started, last = state->adders[0].ended;

    for (unsigned i = 0; i < state->thread_count; i++) {
        const struct adder *adder = &state->adders[i];
        if (!adder->in_place) {
            failure(why, NP_SYSTEM, "an adding thread could not be held to CPU %u", adder->cpu);
            return false;
        }
        first = adder->started < first ? adder->started : first;
        last = adder->ended > last ? adder->ended : last;
    }
    *nanoseconds = (last - first) / ADDITIONS / state->thread_count;
    return true;
}

static bool sample(void *closure, bool baseline, double *nanoseconds, np_error *why)
{
    struct counters_state *state = closure;

    state->baseline = baseline;
    unsigned started = run_threads(state);
    if (started < state->thread_count) {
        failure(why, NP_SYSTEM, "only %u of %u threads could be started", started, state->thread_count);
        return false;
    }
    int64_t sum = baseline ? atomic_exchange(&state->word, 0) : state->api->counter_reset(state->ours);
    int64_t expected = (int64_t)ADDITIONS * started;
    if (sum != expected) {
        failure(why, NP_SYSTEM, "%" PRId64 " additions were made and %" PRId64 " counted", expected, sum);
        return false;
    }
    return time_additions(state, nanoseconds, why);
}

static void end(void *closure)
{
    struct counters_state *state = closure;

    state->api->counter_destroy(state->ours);
    free(state);
}

static void *begin(const struct api_machine *machine, unsigned threads, np_error *why)
{
    const struct functions *api = &machine->api;
    struct counters_state *state = aligned_alloc(128, sizeof *state);

    if (state == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    *state = (struct counters_state){.api = api, .thread_count = threads};
    if (api->counter_create(machine->topology, NP_SOFT, &state->ours, why) != NP_OK) {
        free(state);
        return NULL;
    }
    int cpu = -1;
    for (unsigned i = 0; i < threads; i++) {
        cpu = cpu < 0 ? api->cpuset_first(&machine->cpus) : api->cpuset_next(&machine->cpus, cpu);
        state->adders[i] = (struct adder){.state = state, .cpu = (unsigned)cpu};
    }
    if (cpu >= 0)
        return state;
    failure(why, NP_SYSTEM, "node %u has fewer than the %u CPUs that %u threads need", machine->node, threads, threads);
    end(state);
    return NULL;
}

static void *begin_shared(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    (void)row;
    return begin(machine, 2, why);
}

static void *begin_alone(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    (void)row;
    return begin(machine, 1, why);
}

static const struct api_row rows[] = {
    {.name = "counter, two threads",
        .baseline = "one atomic word that both add to",
        .speed_up = true,
        .bound = {RATIO_AT_LEAST, 3},
        .begin = begin_shared,
        .sample = sample,
        .end = end},
    {.name = "counter, one thread",
        .baseline = "one atomic word",
        .bound = {RATIO_AT_MOST, 2},
        .begin = begin_alone,
        .sample = sample,
        .end = end},
};

const struct api_rows api_counter_rows = {rows, sizeof rows / sizeof rows[0]};
