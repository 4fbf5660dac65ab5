/*
 * Workload: bursts of packets that a producer puts into a pool of buffers and two stages of tasks work on, on each node.
 *
 * The lane stands for the network card's queue of its node: it writes packets into buffers and hands a burst of them over, as
 * cards and their drivers do. The first stage reads the packets and checks their sums; the second, a task that the first
 * submits, rewrites their headers and gives the buffers back. A burst's buffers lie side by side; bursts are taken in steps of
 * the golden ratio, so that any number of them is spread evenly over the pool's pages.
 *
 * Of any 64 bursts in a row no two take the same place among 144 or more: multiples of the golden ratio lie at least
 * 1 / (sqrt(5) n) apart for differences below n. So the ring keeps bursts under way from meeting.
 */
#include "workload.h"

#include "failure.h"

#include <stdlib.h>

#define BUFFER_WORDS 256 /* 2 KiB, as pools have them. */
#define PACKET_WORDS 188 /* 1504 bytes of them: full frames. */
#define BURST        16  /* Packets, side by side. */
#define BURSTS_LEAST 144
#define HEADER_WORDS 8

struct packets_state {
    np_region *pool[WORKLOAD_SITES_MAX];
    size_t bursts; /* That each pool has room for. */
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
    state->bursts = setting->bytes / (BURST * BUFFER_WORDS * sizeof(uint64_t));
    if (state->bursts < BURSTS_LEAST)
        return failure(
            error, NP_INVALID_ARGUMENT, "a pool of %zu bytes is too small for the packets under way", setting->bytes);
    for (size_t site = 0; status == NP_OK && site < setting->node_count; site++)
        status = workload_add_region(run, setting->bytes, setting->nodes[site], ACCESS_DATA, &state->pool[site], error);
    return status;
}

/* Among all bursts of the site: burst @which of a request. */
static uint64_t number_of(const struct workload_request *request, uint64_t which)
{
    return request->number * request->run->setting.work + which;
}

/* Its first buffer. */
static uint64_t *burst_of(const struct workload_request *request, uint64_t which)
{
    const struct packets_state *state = request->run->state;

    return (uint64_t *)np_region_address(state->pool[request->site]) +
           workload_spread(number_of(request, which), state->bursts) * BURST * BUFFER_WORDS;
}

/* The last stage: what a router does to headers before it sends packets on. */
static void send_on(void *argument)
{
    struct workload_request *request = argument;

    for (uint64_t which = 0; which < request->run->setting.work; which++) {
        uint64_t *buffers = burst_of(request, which);
        for (size_t packet = 0; packet < BURST; packet++)
            for (size_t i = 0; i < HEADER_WORDS; i++)
                buffers[packet * BUFFER_WORDS + i] += 1;
    }
    workload_done(request);
}

/* How many packets of a burst are not as they were brought in. */
static uint64_t count_damaged(const struct workload_request *request, uint64_t which)
{
    const uint64_t *buffers = burst_of(request, which);
    uint64_t damaged = 0;

    for (size_t packet = 0; packet < BURST; packet++) {
        uint64_t sum = 0;
        for (size_t i = 0; i < PACKET_WORDS; i++)
            sum += buffers[packet * BUFFER_WORDS + i];
        damaged += sum != (number_of(request, which) + packet) * PACKET_WORDS;
    }
    return damaged;
}

static void receive(void *argument)
{
    struct workload_request *request = argument;
    const struct workload_run *run = request->run;
    struct packets_state *state = run->state;
    uint64_t damaged = 0;

    for (uint64_t which = 0; which < run->setting.work; which++)
        damaged += count_damaged(request, which);
    /* Stolen or not, the second stage goes to the packet's own node. */
    bool goes_on =
        np_executor_submit(run->executor, run->setting.nodes[request->site], send_on, request, NULL) == NP_OK;
    if (damaged > 0 || !goes_on)
        atomic_fetch_add(&state->damaged, 1);
    if (!goes_on)
        workload_done(request);
}

static void bring_in(const struct workload_request *request, uint64_t which)
{
    uint64_t *buffers = burst_of(request, which);

    for (size_t packet = 0; packet < BURST; packet++)
        for (size_t i = 0; i < PACKET_WORDS; i++)
            buffers[packet * BUFFER_WORDS + i] = number_of(request, which) + packet;
}

static bool packets_serve(struct workload_request *request)
{
    const struct workload_run *run = request->run;
    const struct packets_state *state = run->state;

    for (uint64_t which = 0; which < run->setting.work; which++)
        bring_in(request, which);
    return atomic_load_explicit(&state->damaged, memory_order_relaxed) == 0 &&
           np_executor_submit(run->executor, run->setting.nodes[request->site], receive, request, NULL) == NP_OK;
}

const struct workload workload_packets = {.name = "packets",
    .doc = "bursts of packets from a producer through two stages of tasks on each node",
    .ring = 64,
    .delayed_work = 8,
    .by_executor = true,
    .open = packets_open,
    .close = packets_close,
    .serve = packets_serve};
