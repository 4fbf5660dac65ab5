/*
 * What is read of a made-up machine's zones: node 0 as on a server, with two low zones, node 1 with the one that most memory
 * is in. The file lies in a folder of the test's own (ZONEINFO, at compile time).
 */
#include "run_suites.h"
#include "zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* As Linux 6.1 writes it, but for lines that are of no matter here. */
static const char machine[] = "Node 0, zone      DMA\n"
                              "  per-node stats\n"
                              "      nr_inactive_anon 17\n"
                              "  pages free     3808\n"
                              "        boost    0\n"
                              "        min      5\n"
                              "        low      6\n"
                              "        high     7\n"
                              "        managed  3840\n"
                              "        protection: (0, 2900, 31000, 31000, 31000)\n"
                              "      nr_free_pages 3808\n"
                              "  pagesets\n"
                              "    cpu: 0\n"
                              "              count: 3\n"
                              "              high:  0\n"
                              "              batch: 1\n"
                              "    cpu: 12\n"
                              "              count: 4\n"
                              "  node_unreclaimable:  0\n"
                              "  start_pfn:           1\n"
                              "Node 0, zone    DMA32\n"
                              "  pages free     700000\n"
                              "        min      1000\n"
                              "        protection: (0, 0, 28000, 28000, 28000)\n"
                              "  pagesets\n"
                              "    cpu: 0\n"
                              "              count: 20\n"
                              "              high_min: 99\n"
                              "    cpu: 12\n"
                              "              count: 30\n"
                              "Node 0, zone   Normal\n"
                              "  pages free     7000000\n"
                              "        min      11000\n"
                              "        protection: (0, 0, 0, 0, 0)\n"
                              "  pagesets\n"
                              "    cpu: 0\n"
                              "              count: 100\n"
                              "    cpu: 12\n"
                              "              count: 200\n"
                              "Node 1, zone   Normal\n"
                              "  pages free     9000000\n"
                              "        min      13000\n"
                              "        protection: (0, 0, 0)\n"
                              "  pagesets\n"
                              "    cpu: 0\n"
                              "              count: 1000\n"
                              "    cpu: 12\n"
                              "              count: 0\n"
                              "Node 1, zone  Movable\n"
                              "  pages free     0\n"
                              "        min      32\n"
                              "        protection: (0, 0, 0)\n";

static uint64_t page;
static uint64_t lists[NP_CPU_MAX];

static void write_machine(void)
{
    FILE *file = fopen(ZONEINFO, "we");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_FATAL(fputs(machine, file) >= 0);
    fclose(file);
}

static void a_low_zone_keeps_its_protection(void)
{
    write_machine();
    CU_ASSERT_EQUAL(zones_reserve_bytes(0), (3808 + (1000 + 28000) + 11000) * page);
}

static void a_zone_without_pages_keeps_none(void)
{
    write_machine();
    CU_ASSERT_EQUAL(zones_reserve_bytes(1), 13000 * page);
    CU_ASSERT_EQUAL(zones_reserve_bytes(2), 0);
}

static void lists_are_summed_over_the_zones_of_a_node(void)
{
    write_machine();
    CU_ASSERT_TRUE_FATAL(zones_list_bytes(0, lists));
    CU_ASSERT_EQUAL(lists[0], 123 * page);
    CU_ASSERT_EQUAL(lists[1], 0);
    CU_ASSERT_EQUAL(lists[12], 234 * page);
    CU_ASSERT_TRUE_FATAL(zones_list_bytes(1, lists));
    CU_ASSERT_EQUAL(lists[0], 1000 * page);
    CU_ASSERT_EQUAL(lists[12], 0);
}

static void a_kernel_that_does_not_say_is_not_known(void)
{
    CU_ASSERT_EQUAL_FATAL(unlink(ZONEINFO), 0);
    CU_ASSERT_FALSE(zones_list_bytes(0, lists));
    CU_ASSERT_EQUAL(zones_reserve_bytes(0), 0);
}

int main(void)
{
    char folder[] = "/tmp/numaproof-zones-XXXXXX";
    CU_TestInfo tests[] = {{"a low zone keeps its protection", a_low_zone_keeps_its_protection},
        {"a zone without pages keeps none", a_zone_without_pages_keeps_none},
        {"lists are summed over the zones of a node", lists_are_summed_over_the_zones_of_a_node},
        {"a kernel that does not say is not known", a_kernel_that_does_not_say_is_not_known}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"zones", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int status = run_suites(suites);
    unlink(ZONEINFO);
    rmdir(folder);
    return status;
}
