/*
 * How much room there is, read from texts: a machine's zones, and cgroups in a folder made for the test.
 */
#include "../src/room.h"
#include "unit.h"
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static np_nodeset nodes(const char *list)
{
    np_nodeset set;
    EXPECT_NUMBER(np_nodeset_parse(list, &set, NULL), NP_OK);
    return set;
}

/* Two nodes, the first with two zones; figures that the lines hold in a real zoneinfo too, the others left out. */
static const char zones[] = "Node 0, zone    DMA32\n"
                            "  per-node stats\n"
                            "      nr_inactive_file 999\n"
                            "      nr_slab_reclaimable 100\n"
                            "  pages free     1000\n"
                            "        min      10\n"
                            "        low      20\n"
                            "        high     30\n"
                            "        protection: (0, 70, 70)\n"
                            "      nr_free_pages 1000\n"
                            "      nr_zone_inactive_file 40\n"
                            "      nr_zone_active_file 20\n"
                            "  pagesets\n"
                            "    cpu: 0\n"
                            "              count: 64\n"
                            "              high:  378\n"
                            "              batch: 63\n"
                            "Node 0, zone   Normal\n"
                            "  pages free     5\n"
                            "        low      20\n"
                            "        high     30\n"
                            "        protection: (0, 0, 0)\n"
                            "Node 1, zone   Normal\n"
                            "  per-node stats\n"
                            "      nr_slab_reclaimable 10\n"
                            "  pages free     2000\n"
                            "        low      40\n"
                            "        high     60\n"
                            "        protection: (0, 0, 0)\n";

static struct room room_on(const char *list)
{
    char text[sizeof zones];
    memcpy(text, zones, sizeof zones);
    const np_nodeset set = nodes(list);
    return room_in_zones(text, &set);
}

static void zones_of_the_nodes_add_up(void)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    EXPECT_NUMBER(room_on("0").free_bytes, 1005 * page);
    /* 1000 - 30 - 70 free, 60 - 20 of files, 100 / 2 - 30 of slabs; nothing of the zone below its watermark. */
    EXPECT_NUMBER(room_on("0").available_bytes, (900 + 40 + 20) * page);
    EXPECT_NUMBER(room_on("1").available_bytes, 1940 * page);
    EXPECT_NUMBER(room_on("0-1").available_bytes, (960 + 1940) * page);
    EXPECT_NUMBER(room_on("2").available_bytes, 0);
    EXPECT_NUMBER(room_on("").free_bytes, 0);
}

static void this_machine_has_room(void)
{
    struct room room = {0};
    np_nodeset all;
    memset(&all, 0xff, sizeof all);
    EXPECT_NUMBER(room_on_nodes(&all, &room), 0);
    EXPECT(room.free_bytes > 0);
    EXPECT(room.available_bytes > 0);
    np_error error = {0};
    EXPECT_NUMBER(room_for(1, 1, &error), NP_OK);
    EXPECT_NUMBER(room_for(UINT64_MAX, 77, &error), NP_ALLOCATION);
    EXPECT_PART(error.reason, "77 bytes");
}

/* A tree of cgroup files below a temporary folder. */
static char root[] = "/tmp/np_room_test.XXXXXX";

static void put(const char *directory, const char *file, const char *text)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s%s", root, directory);
    for (char *slash = strchr(path + sizeof root, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s%s/%s", root, directory, file);
    FILE *out = fopen(path, "w");
    EXPECT(out != NULL);
    EXPECT(fputs(text, out) >= 0);
    EXPECT_NUMBER(fclose(out), 0);
}

static struct cgroup_room room_at(const char *self)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%s", self);
    return room_in_cgroup_at(root, text);
}

static void the_tightest_cgroup_counts(void)
{
    put("/top", "memory.max", "1000000\n");
    put("/top", "memory.current", "900000\n");
    put("/top", "memory.stat", "anon 5\ninactive_file 50000\nactive_file 10000\nfile 77\n");
    put("/top/own", "memory.max", "5000000\n");
    put("/top/own", "memory.current", "100\n");
    put("/top/free", "memory.max", "max\n");
    put("/top/free", "memory.current", "100\n");
    struct cgroup_room room = room_at("0::/top/own\n");
    EXPECT(room.limited);
    EXPECT_NUMBER(room.available_bytes, 160000);
    EXPECT_NUMBER(room.limit_bytes, 1000000);
    EXPECT_TEXT(room.name, "/top");
    EXPECT_NUMBER(room_at("0::/top/free\n").available_bytes, 160000);
    EXPECT(!room_at("0::/\n").limited);
    EXPECT(!room_at("0::/elsewhere\n").limited);
    EXPECT(!room_at("nonsense\n").limited);
    EXPECT(!room_at("").limited);
}

static void version_1_is_read_where_it_has_the_controller(void)
{
    put("/memory/box", "memory.limit_in_bytes", "4096000\n");
    put("/memory/box", "memory.usage_in_bytes", "5000000\n");
    put("/memory/box", "memory.stat", "inactive_file 1\ntotal_inactive_file 1000000\ntotal_active_file 0\n");
    put("/memory", "memory.limit_in_bytes", "9223372036854771712\n");
    put("/memory", "memory.usage_in_bytes", "7\n");
    struct cgroup_room room = room_at("5:cpu,cpuacct:/top\n4:memory:/box\n0::/top/own\n");
    EXPECT(room.limited);
    EXPECT_NUMBER(room.available_bytes, 96000);
    EXPECT_TEXT(room.name, "/box");
    /* A container's own cgroup, mounted as if it were the root, while the path is the host's. */
    put("/memory", "memory.limit_in_bytes", "1000\n");
    room = room_at("4:memory:/docker/123\n");
    EXPECT_NUMBER(room.available_bytes, 993);
    EXPECT_TEXT(room.name, "/");
}

/* How many reads this process has made, as the kernel counts them; 0 where it does not. */
static uint64_t reads(void)
{
    char text[512] = "";
    FILE *io = fopen("/proc/self/io", "re");
    const size_t length = io != NULL ? fread(text, 1, sizeof text - 1, io) : 0;
    if (io != NULL)
        fclose(io);
    const char *count = length > 0 ? strstr(text, "syscr:") : NULL;
    return count != NULL ? strtoull(count + strlen("syscr:"), NULL, 10) : 0;
}

/* How many a small request makes. Asking twice for the count makes some itself. */
static uint64_t reads_of_a_request(void)
{
    const uint64_t first = reads(), second = reads();
    EXPECT_NUMBER(room_for(4096, 4096, NULL), NP_OK);
    return reads() - second - (second - first);
}

static void look_again(void)
{
    EXPECT(reads_of_a_request() > 0);
}

/* A small request that follows another reads nothing; one in a fork does, as what was seen is spent only once. */
static void a_fork_looks_for_itself(void)
{
    if (reads() == 0)
        return;
    while (reads_of_a_request() > 0)
        continue;
    unit_in_child(look_again);
}

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *where)
{
    (void)what, (void)kind, (void)where;
    return remove(path);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"zones of the nodes add up", zones_of_the_nodes_add_up},
        {"this machine has room", this_machine_has_room},
        {"the tightest cgroup counts", the_tightest_cgroup_counts},
        {"version 1 is read where it has the controller", version_1_is_read_where_it_has_the_controller},
        {"a fork looks for itself", a_fork_looks_for_itself},
    };
    if (mkdtemp(root) == NULL)
        return EXIT_FAILURE;
    const int status = unit_main("room", tests, sizeof tests / sizeof tests[0]);
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 ? status : EXIT_FAILURE;
}
