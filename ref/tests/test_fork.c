/*
 * What a forked child has of its parent's objects, header by header. Pins (test_pin_threads.c) and executors
 * (test_executor.c) have tests of their own, since they are bound to threads.
 *
 * The child's expectations are the test's; what the child does must not be seen by the parent, and is looked for after it.
 */
#include "unit.h"
#include <numaproof/numaproof.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES ((size_t)1 << 20)

static np_topology *topology;
static np_region *region;
static np_sharded *sharded;
static np_counter *counter;
static np_devices *devices;
static np_executor *executor;
static unsigned node_count;

static bool hard_mode(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    return np_capabilities_supports_hard_mode(&capabilities);
}

static np_region_options bound(int32_t lock)
{
    np_region_options options;
    np_region_options_init(&options);
    options.policy.kind = NP_POLICY_BIND;
    np_topology_usable_nodes(topology, &options.policy.nodes, NULL);
    options.prefault = NP_PREFAULT_TOUCH;
    options.mode = hard_mode() ? NP_STRICT : NP_SOFT;
    options.lock = lock;
    return options;
}

static void use_pictures(void)
{
    np_device device;
    EXPECT_NUMBER(np_topology_node_count(topology), node_count);
    EXPECT(np_topology_is_this_machine(topology));
    if (np_devices_count(devices) > 0)
        EXPECT_NUMBER(np_devices_at(devices, 0, &device, NULL), NP_OK);
    np_topology_destroy(topology);
    np_devices_destroy(devices);
    EXPECT_NUMBER(np_topology_discover(&topology, NULL), NP_OK);
    np_topology_destroy(topology);
}

static void pictures_are_copied(void)
{
    EXPECT_NUMBER(np_devices_discover(&devices, NULL), NP_OK);
    node_count = np_topology_node_count(topology);
    unit_in_child(use_pictures);
    EXPECT_NUMBER(np_topology_node_count(topology), node_count);
    np_devices_destroy(devices);
}

/* CAP-1: the child has what it has, whatever its parent was told. */
static void detect_without_nice(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    unit_drop_capability(CAP_SYS_NICE);
    np_capabilities_detect(&capabilities);
    EXPECT(!capabilities.strict_cpu_affinity);
}

static void capabilities_are_not_remembered(void)
{
    np_capabilities before, after;
    np_capabilities_detect(&before);
    unit_in_child(detect_without_nice);
    np_capabilities_detect(&after);
    EXPECT(memcmp(&before, &after, sizeof before) == 0);
}

/* Pages are shared until they are written, and counted then as before; the copies lie where the policy says. */
static void use_region(void)
{
    char *address = np_region_address(region);
    np_placement placement;
    EXPECT(address[0] == 'p' && address[BYTES - 1] == 'p');
    memset(address, 'c', BYTES);
    EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
    EXPECT_NUMBER(placement.outside, 0);
    EXPECT_NUMBER(placement.absent, 0);
    np_region_release(region);
    np_region *own = NULL;
    const np_region_options options = bound(0);
    EXPECT_NUMBER(np_region_create(BYTES, &options, &own, NULL), NP_OK);
    np_region_release(own);
}

static void regions_are_copied(void)
{
    const np_region_options options = bound(0);
    EXPECT_NUMBER(np_region_create(BYTES, &options, &region, NULL), NP_OK);
    char *address = np_region_address(region);
    memset(address, 'p', BYTES);
    unit_in_child(use_region);
    EXPECT(address[0] == 'p' && address[BYTES - 1] == 'p');
    np_enforcement present;
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, hard_mode() ? NP_LEVEL_STRICT : NP_LEVEL_BEST_EFFORT);
    np_region_release(region);
}

/* mlock(2): "Memory locks are not inherited by a child". */
static void look_at_locked(void)
{
    np_enforcement present;
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present.reason, "no longer locked");
}

static void locks_are_not_inherited(void)
{
    const np_region_options options = bound(1);
    if (!hard_mode() || np_region_create(BYTES, &options, &region, NULL) != NP_OK)
        return;
    unit_in_child(look_at_locked);
    np_enforcement present;
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_STRICT);
    np_region_release(region);
}

static void write_to_file(void)
{
    memset(np_region_address(region), 'c', BYTES);
    np_region_release(region);
}

static void shared_files_stay_shared(void)
{
    const int file = memfd_create("np_fork", MFD_CLOEXEC);
    const np_region_options options = bound(0);
    EXPECT_NUMBER(ftruncate(file, (off_t)BYTES), 0);
    EXPECT_NUMBER(np_region_map_file(file, NP_FILE_SHARED, 0, BYTES, &options, &region, NULL), NP_OK);
    unit_in_child(write_to_file);
    EXPECT(((char *)np_region_address(region))[BYTES - 1] == 'c');
    np_region_release(region);
    close(file);
}

static void add_one(unsigned node, void *shard, void *closure)
{
    (void)node, (void)closure;
    ++*(long *)shard;
}

static void add_up(unsigned node, void *shard, void *sum)
{
    (void)node;
    *(long *)sum += *(long *)shard;
}

static long sum_of_shards(void)
{
    long sum = 0;
    EXPECT_NUMBER(np_sharded_visit(sharded, add_up, &sum, NULL), NP_OK);
    return sum;
}

static void use_sharded(void)
{
    EXPECT_NUMBER(np_sharded_update(sharded, add_one, NULL, NULL), NP_OK);
    EXPECT_NUMBER(sum_of_shards(), 2);
    np_counter_add(counter, 5);
    EXPECT_NUMBER(np_counter_sum(counter), 12);
    EXPECT_NUMBER(np_counter_reset(counter), 12);
    np_sharded_destroy(sharded);
    np_counter_destroy(counter);
}

static void sharded_data_is_copied(void)
{
    EXPECT_NUMBER(np_sharded_create(topology, sizeof(long), NP_SOFT, &sharded, NULL), NP_OK);
    EXPECT_NUMBER(np_counter_create(topology, NP_SOFT, &counter, NULL), NP_OK);
    EXPECT_NUMBER(np_sharded_update(sharded, add_one, NULL, NULL), NP_OK);
    np_counter_add(counter, 7);
    unit_in_child(use_sharded);
    EXPECT_NUMBER(sum_of_shards(), 1);
    EXPECT_NUMBER(np_counter_sum(counter), 7);
    np_sharded_destroy(sharded);
    np_counter_destroy(counter);
}

static void do_nothing(void *argument)
{
    (void)argument;
}

static uint64_t submitted(void)
{
    np_node_statistics nodes[NP_NODE_MAX], total;
    size_t count = 0;
    EXPECT_NUMBER(np_statistics_snapshot(executor, nodes, NP_NODE_MAX, &count, NULL), NP_OK);
    EXPECT_NUMBER(np_statistics_total(nodes, count, &total, NULL), NP_OK);
    return total.submitted;
}

static void look_for_counts(void)
{
    size_t count = 0;
    EXPECT_NUMBER(np_statistics_snapshot(executor, NULL, 0, &count, NULL), NP_SHUT_DOWN);
    EXPECT_NUMBER(np_executor_submit_local(executor, do_nothing, NULL, NULL), NP_SHUT_DOWN);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

static void counts_stay_with_the_parent(void)
{
    const np_executor_options options = {.workers_per_node = 1};
    EXPECT_NUMBER(np_executor_create(topology, &options, &executor, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_submit_local(executor, do_nothing, NULL, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    unit_in_child(look_for_counts);
    EXPECT_NUMBER(np_executor_submit_local(executor, do_nothing, NULL, NULL), NP_OK);
    EXPECT_NUMBER(submitted(), 2);
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"pictures are copied", pictures_are_copied},
        {"capabilities are not remembered", capabilities_are_not_remembered},
        {"regions are copied", regions_are_copied},
        {"locks are not inherited", locks_are_not_inherited},
        {"shared files stay shared", shared_files_stay_shared},
        {"sharded data is copied", sharded_data_is_copied},
        {"counts stay with the parent", counts_stay_with_the_parent},
    };
    if (np_topology_discover(&topology, NULL) != NP_OK)
        return EXIT_FAILURE;
    const int status = unit_main("fork", tests, sizeof tests / sizeof tests[0]);
    np_topology_destroy(topology);
    return status;
}
