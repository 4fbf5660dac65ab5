/*
 * What was promised, held against every single access: pins, tasks, regions and shards by the access counter alone
 * (EXEC-4, PIN-2, MEM-2, MEM-3, MEM-9, SHARD-1).
 *
 * None of these cases asks the kernel where a thread runs or a page lies. Each makes a known number of accesses and wants
 * that number on the right pair of nodes, and nothing anywhere else.
 */
#include "executor_case.h"
#include "oracle_access.h"
#include "pin_case.h"
#include "region_case.h"

#include <sys/mman.h>

/* Run time of a case grows with the nodes of the machine: well under a second on eight, emulated. */
enum { TASKS = 3000, LOADS = 8, PASSES = 3 };

#define NEEDS_COUNTER .access_counter = true

/* LOADS loads and one store, whatever the compiler makes of the code around them. */
static void access_line(void *line)
{
    volatile uint64_t *word = line;

    for (int i = 0; i < LOADS; i++)
        (void)*word;
    *word = 1;
}

/* One access in each page of a range. */
static void write_pages(unsigned char *start, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += oracle_page_bytes())
        *(volatile unsigned char *)(start + i) = 1;
}

/* From the CPUs of @initiator: @expected accesses to memory of @target, and none to any other. */
static void expect_only_to(const struct oracle_accesses *seen, int initiator, int target, uint64_t expected)
{
    for (int node = 0; node < ORACLE_ACCESS_NODES; node++) {
        EXPECT_WITH("accesses of node %d's CPUs to node %d's memory, by the access counter", initiator, node);
        EXPECT_INT(seen->of[initiator][node], ==, node == target ? expected : 0);
    }
    EXPECT_INT(seen->unknown, ==, 0);
}

/* Every node with CPUs made @expected accesses to its own memory, and none to another's; nobody else made any. */
static void expect_only_local(const struct oracle_accesses *seen, struct ids nodes, uint64_t expected)
{
    for (int node = 0; node < ORACLE_ACCESS_NODES; node++)
        expect_only_to(seen, node, node, ids_has(&nodes, (unsigned)node) ? expected : 0);
}

static struct ids nodes_with_both(void)
{
    struct ids run = nodes_to_run_on(), memory = usable_memory_nodes();

    return ids_and(&run, &memory);
}

/* A page for each node, by its id, touched first by a thread that stands there. */
static unsigned char *page_for_each(struct ids nodes)
{
    size_t bytes = ORACLE_ACCESS_NODES * oracle_page_bytes();
    struct ids before = own_affinity();
    unsigned char *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (pages == MAP_FAILED)
        case_error("no memory for %zu bytes", bytes);
    madvise(pages, bytes, MADV_NOHUGEPAGE);
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        stand_on(cpus_to_run_on((unsigned)node));
        pages[(size_t)node * oracle_page_bytes()] = 1;
    }
    stand_on(before);
    return pages;
}

CASE(access_tasks_stay_on_their_node, "no access of a node's tasks ever comes from another node's CPUs",
    CLAUSES("EXEC-4", "EXEC-1", "LAW-1"), NEEDS(NEEDS_STRICT_EXECUTOR, NEEDS_COUNTER, .nodes = 2))
{
    np_executor_options options = executor_options_of(NP_STRICT, NP_STEAL_LOCAL_ONLY, 0);
    struct ids nodes = nodes_with_both();
    unsigned char *pages = page_for_each(nodes);
    np_executor *executor = executor_made(&options, error);

    oracle_watch_accesses(pages, ORACLE_ACCESS_NODES * oracle_page_bytes());
    for (int i = 0; i < TASKS; i++)
        for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
            submitted(executor, (unsigned)node, access_line, pages + (size_t)node * oracle_page_bytes(), error);
    finished(executor, error);
    struct oracle_accesses seen = oracle_accesses();
    oracle_ignore_accesses();
    expect_only_local(&seen, nodes, TASKS * (LOADS + 1));
    executor_ended(executor, error);
}

CASE(access_pinned_thread_stays, "every access of a strictly pinned thread comes from the CPUs of its node",
    CLAUSES("PIN-2", "PIN-7", "LAW-1"), NEEDS(NEEDS_STRICT_PIN, NEEDS_COUNTER))
{
    struct ids nodes = nodes_with_both();
    unsigned char *pages = page_for_each(nodes);

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        np_pin *pin = pinned(cpus_to_run_on((unsigned)node), NP_STRICT, error);
        oracle_watch_accesses(pages, ORACLE_ACCESS_NODES * oracle_page_bytes());
        for (int i = 0; i < TASKS; i++)
            access_line(pages + (size_t)node * oracle_page_bytes());
        struct oracle_accesses seen = oracle_accesses();
        oracle_ignore_accesses();
        expect_only_local(&seen, ids_of((unsigned)node), TASKS * (LOADS + 1));
        released(pin, error);
    }
}

/* Every page of a strict region on @target, written to from each node that has CPUs. */
static void expect_region_on(unsigned target, np_prefault prefault, np_error *error)
{
    np_region *region =
        region_made(REGION_BYTES, NP_STRICT, policy_of(NP_POLICY_BIND, ids_of(target)), prefault, error);
    unsigned char *start = api->region_address(region);
    struct ids initiators = nodes_to_run_on(), before = own_affinity();

    for (int node = ids_first(&initiators); node >= 0; node = ids_next(&initiators, node)) {
        stand_on(cpus_to_run_on((unsigned)node));
        /* The pages come into being first, so that no access is made again after a fault. */
        write_pages(start, REGION_BYTES);
        oracle_watch_accesses(start, REGION_BYTES);
        for (int pass = 0; pass < PASSES; pass++)
            write_pages(start, REGION_BYTES);
        struct oracle_accesses seen = oracle_accesses();
        oracle_ignore_accesses();
        expect_only_to(&seen, node, (int)target, PASSES * REGION_BYTES / oracle_page_bytes());
    }
    stand_on(before);
    api->region_release(region);
}

CASE(access_region_is_on_its_node, "every access to a strict region reaches the memory of its node",
    CLAUSES("MEM-2", "MEM-3", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, NEEDS_COUNTER))
{
    struct ids targets = usable_memory_nodes();

    for (int node = ids_first(&targets); node >= 0; node = ids_next(&targets, node)) {
        expect_region_on((unsigned)node, NP_PREFAULT_TOUCH, error);
        expect_region_on((unsigned)node, NP_PREFAULT_NONE, error);
    }
}

CASE(access_interleave_is_even, "a sweep of a strictly interleaved region reaches each node as often as any other",
    CLAUSES("MEM-9", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, NEEDS_COUNTER, .memory_nodes = 2))
{
    struct ids targets = usable_memory_nodes();
    uint64_t sum = 0, pages = REGION_BYTES / oracle_page_bytes(), share = pages / ids_count(&targets);
    np_region *region =
        region_made(REGION_BYTES, NP_STRICT, policy_of(NP_POLICY_INTERLEAVE, targets), NP_PREFAULT_TOUCH, error);
    unsigned home = first_run_node();

    stand_on(cpus_to_run_on(home));
    oracle_watch_accesses(api->region_address(region), REGION_BYTES);
    write_pages(api->region_address(region), REGION_BYTES);
    struct oracle_accesses seen = oracle_accesses();
    oracle_ignore_accesses();
    for (int node = ids_first(&targets); node >= 0; node = ids_next(&targets, node)) {
        EXPECT_WITH("accesses to node %d's memory, by the access counter", node);
        EXPECT_INT(seen.of[home][node], >=, share);
        EXPECT_INT(seen.of[home][node], <=, share + 1);
        sum += seen.of[home][node];
    }
    EXPECT_INT(sum, ==, pages);
    api->region_release(region);
}

CASE(access_shard_is_local, "the local shard is reached on the caller's own node, and nowhere else",
    CLAUSES("SHARD-1", "SHARD-2", "LAW-1"), NEEDS(NEEDS_STRICT_REGION, NEEDS_COUNTER))
{
    struct ids nodes = nodes_with_both();
    np_topology *topology = topology_here(error);
    np_sharded *sharded = NULL;

    EXPECT_OK(api->sharded_create(topology, oracle_page_bytes(), NP_STRICT, &sharded, error));
    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        stand_on(cpus_to_run_on((unsigned)node));
        void *shard = api->sharded_local(sharded);
        EXPECT(shard != NULL);
        access_line(shard);
        oracle_watch_accesses(shard, oracle_page_bytes());
        for (int i = 0; i < TASKS; i++)
            access_line(shard);
        struct oracle_accesses seen = oracle_accesses();
        oracle_ignore_accesses();
        expect_only_local(&seen, ids_of((unsigned)node), TASKS * (LOADS + 1));
    }
    api->sharded_destroy(sharded);
    api->topology_destroy(topology);
}

CASE_LIST(access_cases, &access_tasks_stay_on_their_node, &access_pinned_thread_stays, &access_region_is_on_its_node,
    &access_interleave_is_even, &access_shard_is_local);
