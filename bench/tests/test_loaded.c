/*
 * Loaded latency on a machine of many CPUs a node, made up: its nodes, its sizes and its teams go through this file (--wrap).
 */
#include "failure.h"
#include "nodes.h"
#include "run_suites.h"
#include "sizes.h"
#include "stream_choice.h"
#include "team.h"

#include <string.h>

#define CPUS        1000
#define CHUNK_BYTES 4096

static size_t bytes, members;

np_status __wrap_nodes_discover(struct nodes *nodes, np_error *error);
size_t __wrap_nodes_cpus(unsigned id, unsigned *cpus, size_t most);
void __wrap_sizes_find(const struct size_rule *rule, const struct nodes *nodes, double own_seconds,
    struct bench_options *options, struct bench_report *report, struct sizing *sizing);
void __wrap_stream_choose(struct stream_choice *choice, size_t size, const struct nodes *nodes);
np_status __wrap_team_make(struct team **team, const unsigned *cpus, size_t count, np_error *error);

np_status __wrap_nodes_discover(struct nodes *nodes, np_error *error)
{
    (void)error;
    memset(nodes, 0, sizeof *nodes);
    nodes->count = 1;
    nodes->node[0] = (struct node){.has_memory = true};
    return NP_OK;
}

size_t __wrap_nodes_cpus(unsigned id, unsigned *cpus, size_t most)
{
    size_t count = 0;

    (void)id;
    for (; count < CPUS && count < most; count++)
        cpus[count] = (unsigned)count;
    return count;
}

void __wrap_sizes_find(const struct size_rule *rule, const struct nodes *nodes, double own_seconds,
    struct bench_options *options, struct bench_report *report, struct sizing *sizing)
{
    (void)rule, (void)nodes, (void)own_seconds, (void)options, (void)report;
    *sizing = (struct sizing){.bytes = bytes};
}

void __wrap_stream_choose(struct stream_choice *choice, size_t size, const struct nodes *nodes)
{
    (void)size, (void)nodes;
    memset(choice, 0, sizeof *choice);
}

/* This machine has no such CPUs: what was asked for is known, and that is all. */
np_status __wrap_team_make(struct team **team, const unsigned *cpus, size_t count, np_error *error)
{
    (void)team, (void)cpus;
    members = count;
    return failure(error, NP_SYSTEM, "there is no such CPU");
}

static size_t members_with(size_t of_array)
{
    const struct bench_options options = {.quick = true, .seconds = 1};
    struct bench_report report = {0};
    np_error error = {0};

    bytes = of_array;
    members = 0;
    CU_ASSERT_EQUAL(bench_loaded(&options, &report, &error), NP_SYSTEM);
    CU_ASSERT_STRING_EQUAL(error.reason, "there is no such CPU");
    bench_report_free(&report);
    return members;
}

/* Of arrays that are short, as where there is little memory, not all CPUs of a large node get a part: some stay at rest. */
static void each_member_has_a_chunk_for_itself(void)
{
    CU_ASSERT_EQUAL(members_with((size_t)2 << 20), ((size_t)2 << 20) / CHUNK_BYTES);
    CU_ASSERT_EQUAL(members_with((size_t)32 << 20), CPUS);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"each member has a chunk for itself", each_member_has_a_chunk_for_itself}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"loaded", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return run_suites(suites);
}
