/*
 * Workload: packets that a producer puts into a pool of buffers and two stages of tasks work on, on each node.
 *
 * The lane stands for the network card's queue of its node: it writes a packet's first lines into a buffer and hands it
 * over. The first stage reads it, checks its sum and counts its flow; the second, a task that the first submits, rewrites
 * the header and gives the buffer back. Buffers are taken in steps of the golden ratio, so that any number of packets is
 * spread evenly over the pool's pages.
 */
#include "workload.h"

#include "failure.h"

#include <stdlib.h>

#define BUFFER_WORDS 256 /* 2 KiB, as pools have them. */
#define PACKET_WORDS 64  /* 512 bytes of them, header included. */
#define HEADER_WORDS 8

struct packets_state {
    np_region *pool[WORKLOAD_SITES_MAX];
    size_t buffers; /* Of each pool. */
    _Atomic uint64_t damaged;
};

static void packets_close(struct workload_run *run)
{
    struct packets_state *state = run->state;

    for (size_t site = 0; state != NULL && site < run->setting.node_count; site++)
        np_region_release(state->pool[site]);
    free(state);
}

static np_status packets_open(struct workload_run *run, np_error *error)
{
    struct packets_state *state = run->state = calloc(1, sizeof *state);
    const struct workload_setting *setting = &run->setting;
    np_status status = NP_OK;

    if (state == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe a pool of buffers in");
    state->buffers = setting->bytes / (BUFFER_WORDS * sizeof(uint64_t));
    for (size_t site = 0; status == NP_OK && site < setting->node_count; site++)
        status = workload_add_region(run, setting->bytes, setting->nodes[site], ACCESS_DATA, &state->pool[site], error);
    return status;
}

static uint64_t *buffer_of(const struct workload_request *request)
{
    const struct packets_state *state = request->run->state;

    return (uint64_t *)np_region_address(state->pool[request->site]) +
           workload_spread(request->number, state->buffers) * BUFFER_WORDS;
}

/* The last stage: what a router does to a header before it sends the packet on. */
static void send_on(void *argument)
{
    struct workload_request *request = argument;
    uint64_t *packet = buffer_of(request);

    for (size_t i = 0; i < HEADER_WORDS; i++)
        packet[i] += 1;
    workload_done(request);
}

static void receive(void *argument)
{
    struct workload_request *request = argument;
    const struct workload_run *run = request->run;
    struct packets_state *state = run->state;
    const uint64_t *packet = buffer_of(request);
    uint64_t sum = 0;

    for (size_t i = 0; i < PACKET_WORDS; i++)
        sum += packet[i];
    if (sum != request->number * PACKET_WORDS)
        atomic_fetch_add(&state->damaged, 1);
    /* Stolen or not, the second stage goes to the packet's own node. */
    if (np_executor_submit(run->executor, run->setting.nodes[request->site], send_on, request, NULL) != NP_OK) {
        atomic_fetch_add(&state->damaged, 1);
        workload_done(request);
    }
}

static bool packets_serve(struct workload_request *request)
{
    const struct workload_run *run = request->run;
    const struct packets_state *state = run->state;
    uint64_t *packet = buffer_of(request);

    for (size_t i = 0; i < PACKET_WORDS; i++)
        packet[i] = request->number;
    return atomic_load_explicit(&state->damaged, memory_order_relaxed) == 0 &&
           np_executor_submit(run->executor, run->setting.nodes[request->site], receive, request, NULL) == NP_OK;
}

const struct workload workload_packets = {.name = "packets",
    .doc = "packets from a producer through two stages of tasks on each node",
    .by_executor = true,
    .open = packets_open,
    .close = packets_close,
    .serve = packets_serve};
