/*
 * Sharded data and counters: where they lie, what is local, and that nothing is lost. Under ThreadSanitizer too.
 */
#include "unit.h"
#include <numaif.h>
#include <numaproof/capabilities.h>
#include <numaproof/sharded.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>

#define THREADS 4
#define EACH    50000

static np_topology *topology;
static np_nodeset nodes;

static void wrong_arguments(void)
{
    np_sharded *sharded = NULL;
    np_counter *counter = NULL;
    np_error error = {0};
    void *shard = NULL;
    int64_t sum = 0;
    EXPECT_ERROR(np_sharded_create(NULL, 1, NP_SOFT, &sharded, &error), NP_INVALID_ARGUMENT, error, "topology");
    EXPECT_ERROR(np_sharded_create(topology, 0, NP_SOFT, &sharded, &error), NP_INVALID_ARGUMENT, error, "0 bytes");
    EXPECT_ERROR(np_sharded_create(topology, 1, (np_mode)5, &sharded, &error), NP_INVALID_ARGUMENT, error, "mode 5");
    EXPECT_ERROR(np_sharded_create(topology, 1, NP_SOFT, NULL, &error), NP_INVALID_ARGUMENT, error, "sharded");
    EXPECT_ERROR(np_sharded_create(topology, SIZE_MAX, NP_SOFT, &sharded, &error), NP_ALLOCATION, error, "bytes");
    EXPECT_ERROR(np_sharded_create(topology, SIZE_MAX / 4, NP_SOFT, &sharded, &error), NP_ALLOCATION, error, "bytes");
    EXPECT_ERROR(np_sharded_at(NULL, 0, &shard, &error), NP_INVALID_ARGUMENT, error, "sharded is NULL");
    EXPECT_ERROR(np_sharded_update(NULL, NULL, NULL, &error), NP_INVALID_ARGUMENT, error, "sharded is NULL");
    EXPECT(np_sharded_local(NULL) == NULL);
    np_sharded_destroy(NULL);
    EXPECT(sharded == NULL);

    EXPECT_ERROR(np_counter_create(NULL, NP_SOFT, &counter, &error), NP_INVALID_ARGUMENT, error, "topology");
    EXPECT_ERROR(np_counter_create(topology, NP_SOFT, NULL, &error), NP_INVALID_ARGUMENT, error, "counter");
    EXPECT_ERROR(np_counter_of_node(NULL, 0, &sum, &error), NP_INVALID_ARGUMENT, error, "counter");
    np_counter_add(NULL, 1);
    EXPECT(np_counter_sum(NULL) == 0 && np_counter_reset(NULL) == 0);
    np_counter_destroy(NULL);
    EXPECT_NUMBER(np_counter_create(topology, NP_SOFT, &counter, NULL), NP_OK);
    EXPECT_ERROR(np_counter_of_node(counter, 1023, &sum, &error), NP_INVALID_ARGUMENT, error, "1023");
    np_counter_destroy(counter);
}

static void expect_on_node(void *address, unsigned node)
{
    int at = -1;
    EXPECT(get_mempolicy(&at, NULL, 0, address, MPOL_F_NODE | MPOL_F_ADDR) == 0);
    EXPECT_NUMBER(at, node);
}

static void shards_lie_on_their_nodes(void)
{
    np_sharded *sharded = NULL;
    np_error error = {0};
    EXPECT_NUMBER(np_sharded_create(topology, 10000, NP_SOFT, &sharded, NULL), NP_OK);
    np_enforcement got = {.level = -1};
    EXPECT_NUMBER(np_sharded_enforcement(sharded, &got, NULL), NP_OK);
    EXPECT(got.level != NP_LEVEL_STRICT && got.reason[0] != '\0');
    void *before = NULL;
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node)) {
        char *shard = NULL;
        np_node description;
        EXPECT_NUMBER(np_sharded_at(sharded, (unsigned)node, (void **)&shard, NULL), NP_OK);
        np_topology_node(topology, (unsigned)node, &description, NULL);
        EXPECT(shard != before && (size_t)shard % 128 == 0);
        for (int i = 0; i < 10000; i++)
            EXPECT(shard[i] == 0);
        if (description.usable && description.has_memory)
            expect_on_node(shard, (unsigned)node);
        memset(shard, 1, 10000);
        before = shard;
    }
    EXPECT_ERROR(np_sharded_at(sharded, 1023, &before, &error), NP_INVALID_ARGUMENT, error, "1023");
    np_sharded_destroy(sharded);
}

static void strict_asks_for_privileges(void)
{
    np_sharded *sharded = NULL;
    np_counter *counter = NULL;
    np_error error = {0};
    unit_drop_capability(CAP_SYS_ADMIN);
    EXPECT_ERROR(
        np_sharded_create(topology, 64, NP_STRICT, &sharded, &error), NP_HARD_MODE_UNAVAILABLE, error, "CAP_SYS_ADMIN");
    EXPECT_TEXT(error.operation, "sharded data");
    EXPECT_ERROR(
        np_counter_create(topology, NP_STRICT, &counter, &error), NP_HARD_MODE_UNAVAILABLE, error, "CAP_SYS_ADMIN");
    EXPECT_TEXT(error.operation, "counter");
}

static void strict_says_so(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    unit_in_child(strict_asks_for_privileges);
    if (!np_capabilities_supports_hard_mode(&capabilities))
        return;
    np_sharded *sharded = NULL;
    np_counter *counter = NULL;
    np_enforcement got = {.level = -1};
    EXPECT_NUMBER(np_sharded_create(topology, 64, NP_STRICT, &sharded, NULL), NP_OK);
    EXPECT_NUMBER(np_counter_create(topology, NP_STRICT, &counter, NULL), NP_OK);
    np_sharded_enforcement(sharded, &got, NULL);
    EXPECT_NUMBER(got.level, NP_LEVEL_STRICT);
    np_counter_enforcement(counter, &got, NULL);
    EXPECT_NUMBER(got.level, NP_LEVEL_STRICT);
    np_sharded_destroy(sharded);
    np_counter_destroy(counter);
}

static void add_one(unsigned node, void *shard, void *closure)
{
    (void)node;
    (void)closure;
    ++*(long *)shard;
}

static void add_up(unsigned node, void *shard, void *sum)
{
    (void)node;
    *(long *)sum += *(long *)shard;
}

static np_sharded *shared;

static void *update_many(void *closure)
{
    for (int i = 0; i < EACH; i++)
        np_sharded_update(shared, add_one, NULL, NULL);
    return closure;
}

/* Plain additions, which only the lock of the shard makes right. */
static void updates_are_alone_and_visits_see_them(void)
{
    pthread_t threads[THREADS];
    EXPECT_NUMBER(np_sharded_create(topology, sizeof(long), NP_SOFT, &shared, NULL), NP_OK);
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, update_many, NULL) == 0);
    long sum = 0;
    EXPECT_NUMBER(np_sharded_visit(shared, add_up, &sum, NULL), NP_OK);
    EXPECT(sum >= 0 && sum <= THREADS * EACH);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    sum = 0;
    EXPECT_NUMBER(np_sharded_visit(shared, add_up, &sum, NULL), NP_OK);
    EXPECT_NUMBER(sum, THREADS * EACH);
    np_sharded_destroy(shared);
}

static void visit_within(unsigned node, void *shard, void *status)
{
    (void)node;
    (void)shard;
    *(np_status *)status = np_sharded_visit(shared, add_up, &(long){0}, NULL);
}

static void a_visit_does_not_wait_for_itself(void)
{
    np_status status = NP_OK;
    EXPECT_NUMBER(np_sharded_create(topology, sizeof(long), NP_SOFT, &shared, NULL), NP_OK);
    EXPECT_NUMBER(np_sharded_visit(shared, visit_within, &status, NULL), NP_OK);
    EXPECT_NUMBER(status, NP_INVALID_ARGUMENT);
    np_sharded_destroy(shared);
}

static np_counter *counted;

static void *count_many(void *closure)
{
    for (int i = 0; i < EACH; i++) {
        np_counter_add(counted, 3);
        np_counter_subtract(counted, 2);
    }
    return closure;
}

static void counters_lose_nothing(void)
{
    pthread_t threads[THREADS];
    EXPECT_NUMBER(np_counter_create(topology, NP_SOFT, &counted, NULL), NP_OK);
    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, count_many, NULL) == 0);
    int64_t taken = 0;
    for (int i = 0; i < 100; i++)
        taken += np_counter_reset(counted);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    int64_t by_node = 0;
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node)) {
        int64_t sum = 0;
        EXPECT_NUMBER(np_counter_of_node(counted, (unsigned)node, &sum, NULL), NP_OK);
        by_node += sum;
    }
    EXPECT_NUMBER(np_counter_sum(counted), by_node);
    EXPECT_NUMBER(taken + np_counter_reset(counted), THREADS * EACH);
    EXPECT_NUMBER(np_counter_sum(counted), 0);
    np_counter_destroy(counted);
}

static void counters_wrap(void)
{
    EXPECT_NUMBER(np_counter_create(topology, NP_SOFT, &counted, NULL), NP_OK);
    np_counter_subtract(counted, INT64_MIN);
    np_counter_add(counted, -1);
    EXPECT(np_counter_sum(counted) == INT64_MAX);
    np_counter_add(counted, 1);
    EXPECT(np_counter_reset(counted) == INT64_MIN);
    np_counter_destroy(counted);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"wrong arguments", wrong_arguments},
        {"shards lie on their nodes", shards_lie_on_their_nodes},
        {"strict says so", strict_says_so},
        {"updates are alone, and visits see them", updates_are_alone_and_visits_see_them},
        {"a visit does not wait for itself", a_visit_does_not_wait_for_itself},
        {"counters lose nothing", counters_lose_nothing},
        {"counters wrap", counters_wrap},
    };
    if (np_topology_discover(&topology, NULL) != NP_OK || np_topology_nodes(topology, &nodes, NULL) != NP_OK)
        return EXIT_FAILURE;
    const int result = unit_main("sharded", tests, sizeof tests / sizeof tests[0]);
    np_topology_destroy(topology);
    return result;
}
