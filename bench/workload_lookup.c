/*
 * Workload: a key-value store with a shard on each node, served by the executor's workers of that node.
 *
 * A request gets the values of many keys at once, as clients of such stores do, so that it is memory and not the handing
 * over that takes its time. A shard is a table of records of 1 KiB, where a key's record is found by its hash and the next
 * ones are looked at after a collision. The keys are those that the request's number stands for, all of them in the table:
 * a miss would be a defect of ours, and is checked for.
 */
#include "workload.h"

#include "failure.h"

#include <numaproof/sharded.h>
#include <stdlib.h>

#define KEYS_A_REQUEST 64
#define VALUE_WORDS    127 /* With the key 1 KiB, the record of the Yahoo cloud serving benchmark. */

struct record {
    uint64_t key; /* 0: none. */
    uint64_t value[VALUE_WORDS];
};

struct lookup_state {
    np_sharded *sharded;
    struct record *table[WORKLOAD_SITES_MAX];
    size_t slots; /* Of each table; a power of two. */
    size_t keys;  /* In each: half as many. */
    _Atomic uint64_t lost;
};

/* The finaliser of MurmurHash3. */
static uint64_t hash(uint64_t key)
{
    key = (key ^ key >> 33) * UINT64_C(0xff51afd7ed558ccd);
    key = (key ^ key >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return key ^ key >> 33;
}

static struct record *find(struct record *table, size_t slots, uint64_t key)
{
    size_t slot = hash(key) & (slots - 1);

    while (table[slot].key != 0 && table[slot].key != key)
        slot = (slot + 1) & (slots - 1);
    return &table[slot];
}

static void fill(const struct lookup_state *state, struct record *table)
{
    for (uint64_t key = 1; key <= state->keys; key++) {
        struct record *record = find(table, state->slots, key);
        record->key = key;
        for (size_t i = 0; i < VALUE_WORDS; i++)
            record->value[i] = key;
    }
}

static void lookup_close(struct workload_run *run)
{
    struct lookup_state *state = run->state;

    if (state != NULL)
        np_sharded_destroy(state->sharded);
    free(state);
}

static np_status lookup_open(struct workload_run *run, np_error *error)
{
    struct lookup_state *state = run->state = calloc(1, sizeof *state);
    const struct workload_setting *setting = &run->setting;

    if (state == NULL)
        return failure(error, NP_ALLOCATION, "no memory to describe a table in");
    for (state->slots = 1; 2 * state->slots * sizeof(struct record) <= setting->bytes;)
        state->slots *= 2;
    state->keys = state->slots / 2;
    size_t bytes = state->slots * sizeof(struct record);
    np_status status = np_sharded_create(setting->topology, bytes, setting->mode, &state->sharded, error);
    for (size_t site = 0; status == NP_OK && site < setting->node_count; site++) {
        void *shard;
        status = np_sharded_at(state->sharded, setting->nodes[site], &shard, error);
        if (status != NP_OK)
            break;
        state->table[site] = shard;
        workload_add_range(run, shard, bytes, setting->nodes[site], ACCESS_DATA);
        fill(state, shard);
    }
    return status;
}

/* Of a value, all of which is read: every word is the key. */
static uint64_t differing_words(const struct record *record)
{
    uint64_t differing = 0;

    for (size_t i = 0; i < VALUE_WORDS; i++)
        differing += record->value[i] != record->key;
    return differing;
}

static void get_keys(void *argument)
{
    struct workload_request *request = argument;
    struct lookup_state *state = request->run->state;
    uint64_t keys = (uint64_t)KEYS_A_REQUEST * request->run->setting.work, sum = 0;

    for (uint64_t i = 0; i < keys; i++) {
        uint64_t key = hash(request->number * keys + i) % state->keys + 1;
        const struct record *record = find(state->table[request->site], state->slots, key);
        sum += record->key == key ? differing_words(record) : 1;
    }
    if (sum != 0)
        atomic_fetch_add(&state->lost, sum);
    workload_done(request);
}

static bool lookup_serve(struct workload_request *request)
{
    const struct workload_run *run = request->run;
    const struct lookup_state *state = run->state;

    return atomic_load_explicit(&state->lost, memory_order_relaxed) == 0 &&
           np_executor_submit(run->executor, run->setting.nodes[request->site], get_keys, request, NULL) == NP_OK;
}

const struct workload workload_lookup = {.name = "lookup",
    .doc = "a key-value store with a shard on each node, 64 keys a request, through the executor",
    .by_executor = true,
    .ring = 1024,
    .delayed_work = 8,
    .open = lookup_open,
    .close = lookup_close,
    .serve = lookup_serve};
