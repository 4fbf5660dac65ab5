/*
 * Sharded data and counters (SHARD-1, 2, 3).
 */
#include "executor_case.h"
#include "pin_case.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { THREADS = 4, EACH = 100000, SHARD_BYTES = 5000 };

static np_sharded *sharded_made(size_t bytes, np_mode mode, np_error *error)
{
    np_topology *topology = topology_here(error);
    np_sharded *sharded = NULL;

    EXPECT_OK(api->sharded_create(topology, bytes, mode, &sharded, error));
    EXPECT(sharded != NULL);
    api->topology_destroy(topology);
    return sharded;
}

/* Every byte of every shard is its own: zero at first, and not touched by writing to the others. */
static void expect_apart(const np_sharded *sharded, np_error *error)
{
    struct ids nodes = oracle_online_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        unsigned char *shard = NULL;
        EXPECT_WITH("node %d", node);
        EXPECT_OK(api->sharded_at(sharded, (unsigned)node, (void **)&shard, error));
        EXPECT_INT((uintptr_t)shard % 64, ==, 0);
        for (size_t i = 0; i < SHARD_BYTES; i++)
            if (shard[i] != 0)
                EXPECT_INT(shard[i], ==, 0);
        memset(shard, 0x55, SHARD_BYTES);
    }
}

static void expect_shards_placed(const np_sharded *sharded, struct ids nodes, np_error *error)
{
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        void *shard = NULL;
        EXPECT_OK(api->sharded_at(sharded, (unsigned)node, &shard, error));
        struct oracle_pages pages = oracle_pages(shard, SHARD_BYTES, oracle_page_bytes());
        EXPECT_WITH("node %d", node);
        EXPECT_INT(pages.absent, ==, 0);
        EXPECT_INT(pages.on_node[node], ==, pages.pages);
    }
}

CASE(sharded_one_shard_a_node, "each node has a zeroed shard on cache lines of its own", CLAUSES("SHARD-1"),
    NEEDS_NOTHING)
{
    np_sharded *sharded = sharded_made(SHARD_BYTES, NP_SOFT, error);
    np_enforcement got;
    void *shard = NULL;

    expect_apart(sharded, error);
    EXPECT_OK(api->sharded_enforcement(sharded, &got, error));
    EXPECT_HONEST(&got);
    EXPECT_INVALID(api->sharded_at(sharded, unknown_node(), &shard, error));
    EXPECT_INVALID(api->sharded_at(NULL, first_run_node(), &shard, error));
    api->sharded_destroy(sharded);
    api->sharded_destroy(NULL);
}

CASE(sharded_on_its_nodes, "each shard lies on its node", CLAUSES("SHARD-1"), NEEDS(.memory_nodes = 2))
{
    struct ids memory = oracle_memory_nodes(), allowed = oracle_allowed_nodes();
    np_sharded *sharded = sharded_made(SHARD_BYTES, NP_SOFT, error);

    expect_shards_placed(sharded, ids_and(&memory, &allowed), error);
    api->sharded_destroy(sharded);
}

CASE(sharded_strict, "strict shards lie on their nodes, or are refused", CLAUSES("SHARD-1", "LAW-1"),
    NEEDS(NEEDS_STRICT_REGION, .memory_where_cpus = true))
{
    struct ids online = oracle_online_nodes(), memory = oracle_memory_nodes();
    np_topology *topology = topology_here(error);
    np_sharded *sharded = NULL;
    np_enforcement got;

    if (!ids_equal(&online, &memory)) {
        EXPECT_REFUSED(api->sharded_create(topology, SHARD_BYTES, NP_STRICT, &sharded, error));
        return;
    }
    sharded = sharded_made(SHARD_BYTES, NP_STRICT, error);
    EXPECT_OK(api->sharded_enforcement(sharded, &got, error));
    EXPECT_LEVEL(&got, NP_LEVEL_STRICT);
    expect_shards_placed(sharded, online, error);
    api->sharded_destroy(sharded);
    fault_drop_capability(CAP_SYS_ADMIN);
    sharded = NULL;
    EXPECT_REFUSED(api->sharded_create(topology, SHARD_BYTES, NP_STRICT, &sharded, error));
    EXPECT_REASON("CAP_SYS_ADMIN");
}

CASE(sharded_wrong_arguments, "wrong arguments make no shards and no counter", CLAUSES("LAW-6"), NEEDS_NOTHING)
{
    np_topology *topology = topology_here(error);
    np_sharded *sharded = NULL;
    np_counter *counter = NULL;
    int64_t sum = 0;

    EXPECT_INVALID(api->sharded_create(topology, 0, NP_SOFT, &sharded, error));
    EXPECT_INVALID(api->sharded_create(topology, 64, (np_mode)2, &sharded, error));
    EXPECT_INVALID(api->sharded_create(NULL, 64, NP_SOFT, &sharded, error));
    EXPECT_INVALID(api->sharded_create(topology, 64, NP_SOFT, NULL, error));
    EXPECT_INVALID(api->counter_create(topology, (np_mode)2, &counter, error));
    EXPECT_INVALID(api->counter_create(NULL, NP_SOFT, &counter, error));
    EXPECT_INVALID(api->counter_create(topology, NP_SOFT, NULL, error));
    EXPECT(sharded == NULL && counter == NULL);
    EXPECT_OK(api->counter_create(topology, NP_SOFT, &counter, error));
    EXPECT_INVALID(api->counter_of_node(counter, unknown_node(), &sum, error));
    EXPECT_INVALID(api->counter_of_node(NULL, first_run_node(), &sum, error));
    api->counter_add(NULL, 1);
    EXPECT_INT(api->counter_sum(NULL), ==, 0);
    api->counter_destroy(NULL);
}

CASE(sharded_local_is_here, "the local shard is that of the node that the caller runs on", CLAUSES("SHARD-2"),
    NEEDS(.nodes = 2))
{
    np_sharded *sharded = sharded_made(SHARD_BYTES, NP_SOFT, error);
    struct ids nodes = nodes_to_run_on();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        void *shard = NULL;
        stand_on(cpus_to_run_on((unsigned)node));
        EXPECT_OK(api->sharded_at(sharded, (unsigned)node, &shard, error));
        EXPECT_WITH("node %d", node);
        EXPECT(api->sharded_local(sharded) == shard);
    }
    api->sharded_destroy(sharded);
}

static void add_one(unsigned node, void *shard, void *closure)
{
    (void)node;
    (void)closure;
    ++*(volatile long *)shard;
}

struct visits {
    long sum;
    struct ids nodes;
    unsigned times;
};

static void add_up(unsigned node, void *shard, void *closure)
{
    struct visits *visits = closure;

    visits->sum += *(volatile long *)shard;
    ids_add(&visits->nodes, node);
    visits->times++;
}

struct work {
    np_sharded *sharded;
    np_counter *counter;
    struct ids cpus;
};

static void *update_many(void *closure)
{
    struct work *work = closure;

    stand_on(work->cpus);
    for (int i = 0; i < EACH; i++)
        if (api->sharded_update(work->sharded, add_one, NULL, NULL) != NP_OK)
            case_failed("an update fails");
    return NULL;
}

/* As many threads as there may be, over all nodes. */
static void on_all_nodes(void *(*run)(void *), np_sharded *sharded, np_counter *counter)
{
    struct ids nodes = nodes_to_run_on();
    struct work work[THREADS];
    pthread_t threads[THREADS];
    int node = -1;

    for (int i = 0; i < THREADS; i++) {
        node = ids_next(&nodes, node) >= 0 ? ids_next(&nodes, node) : ids_first(&nodes);
        work[i] = (struct work){sharded, counter, cpus_to_run_on((unsigned)node)};
        EXPECT_INT(pthread_create(&threads[i], NULL, run, &work[i]), ==, 0);
    }
    for (int i = 0; i < THREADS; i++)
        EXPECT_INT(pthread_join(threads[i], NULL), ==, 0);
}

CASE(sharded_visit_sees_all, "updates are alone on their shard, and a visit of all shards sees every one",
    CLAUSES("SHARD-2"), NEEDS_NOTHING)
{
    np_sharded *sharded = sharded_made(sizeof(long), NP_SOFT, error);
    struct visits visits = {0};

    on_all_nodes(update_many, sharded, NULL);
    EXPECT_OK(api->sharded_visit(sharded, add_up, &visits, error));
    EXPECT_INT(visits.sum, ==, (long)THREADS * EACH);
    EXPECT_IDS(visits.nodes, oracle_online_nodes());
    EXPECT_INT(visits.times, ==, ids_count(&visits.nodes));
    EXPECT_INVALID(api->sharded_visit(sharded, NULL, &visits, error));
    EXPECT_INVALID(api->sharded_update(NULL, add_one, NULL, error));
    api->sharded_destroy(sharded);
}

static void *count_many(void *closure)
{
    struct work *work = closure;

    stand_on(work->cpus);
    for (int i = 0; i < EACH; i++) {
        api->counter_add(work->counter, 5);
        api->counter_subtract(work->counter, 2);
    }
    return NULL;
}

CASE(counter_loses_nothing, "a counter loses nothing under many threads; sum, by node and reset agree",
    CLAUSES("SHARD-3"), NEEDS_NOTHING)
{
    np_topology *topology = topology_here(error);
    np_counter *counter = NULL;
    struct ids nodes = oracle_online_nodes(), running = nodes_to_run_on();
    int64_t by_node = 0;

    EXPECT_OK(api->counter_create(topology, NP_SOFT, &counter, error));
    EXPECT_INT(api->counter_sum(counter), ==, 0);
    on_all_nodes(count_many, NULL, counter);
    EXPECT_INT(api->counter_sum(counter), ==, (int64_t)THREADS * EACH * 3);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        int64_t sum = -1;
        EXPECT_OK(api->counter_of_node(counter, (unsigned)node, &sum, error));
        EXPECT_WITH("node %d", node);
        if (!ids_has(&running, (unsigned)node))
            EXPECT_INT(sum, ==, 0);
        by_node += sum;
    }
    EXPECT_INT(by_node, ==, (int64_t)THREADS * EACH * 3);
    EXPECT_INT(api->counter_reset(counter), ==, (int64_t)THREADS * EACH * 3);
    EXPECT_INT(api->counter_sum(counter), ==, 0);
    api->counter_destroy(counter);
}

CASE(counter_by_node, "what is added on a node is counted on that node", CLAUSES("SHARD-3"), NEEDS(.nodes = 2))
{
    np_topology *topology = topology_here(error);
    np_counter *counter = NULL;
    struct ids nodes = nodes_to_run_on();

    EXPECT_OK(api->counter_create(topology, NP_SOFT, &counter, error));
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        stand_on(cpus_to_run_on((unsigned)node));
        api->counter_add(counter, node + 1);
    }
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        int64_t sum = -1;
        EXPECT_OK(api->counter_of_node(counter, (unsigned)node, &sum, error));
        EXPECT_INT(sum, ==, node + 1);
    }
    api->counter_destroy(counter);
}

/* A thread that adds until it is told to stop, and what it added. */
struct adder {
    pthread_t thread;
    np_counter *counter;
    const atomic_bool *stop;
    int64_t added;
};

static void *add_until_stopped(void *closure)
{
    struct adder *adder = closure;

    while (!atomic_load(adder->stop)) {
        api->counter_add(adder->counter, 5);
        api->counter_subtract(adder->counter, 2);
        adder->added += 3;
    }
    return NULL;
}

/* Resets count only where something had been added since the one before: those met the adders in the middle of their work. */
CASE(counter_reset_takes_all,
    "what is added while a counter is reset is in the result or in the counter, never in both", CLAUSES("SHARD-3"),
    NEEDS_NOTHING)
{
    enum { ADDERS = 2, MEETINGS = 100 };
    np_topology *topology = topology_here(error);
    np_counter *counter = NULL;
    struct adder adders[ADDERS];
    atomic_bool stop = false;
    int64_t taken = 0, added = 0;

    EXPECT_OK(api->counter_create(topology, NP_SOFT, &counter, error));
    for (int i = 0; i < ADDERS; i++) {
        adders[i] = (struct adder){.counter = counter, .stop = &stop};
        EXPECT_INT(pthread_create(&adders[i].thread, NULL, add_until_stopped, &adders[i]), ==, 0);
    }
    for (int met = 0; met < MEETINGS;) {
        int64_t some = api->counter_reset(counter);
        taken += some;
        met += some != 0;
        if (some == 0)
            sched_yield();
    }
    atomic_store(&stop, true);
    for (int i = 0; i < ADDERS; i++) {
        EXPECT_INT(pthread_join(adders[i].thread, NULL), ==, 0);
        added += adders[i].added;
    }
    taken += api->counter_reset(counter);
    EXPECT_INT(taken, ==, added);
    EXPECT_INT(api->counter_sum(counter), ==, 0);
    api->counter_destroy(counter);
}

CASE_LIST(sharded_cases, &sharded_one_shard_a_node, &sharded_on_its_nodes, &sharded_strict, &sharded_wrong_arguments,
    &sharded_local_is_here, &sharded_visit_sees_all, &counter_loses_nothing, &counter_by_node,
    &counter_reset_takes_all);
