/* Writing the files of a machine that is not here: see tree.h. */
#include "tree.h"

#include "unit.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
    const char *path;
    const char *text;
} files[] = {
    {"/proc/cmdline", "BOOT_IMAGE=/vmlinuz root=/dev/sda1 quiet\n"},
    {"/proc/meminfo", "MemTotal:       33554432 kB\nMemFree:        30000000 kB\nSwapTotal:             0 kB\n"},
    {"/proc/self/cgroup", "0::/user.slice/shell\n"},
    {"/proc/self/status", "Name:\tx\nUid:\t1000\t0\t0\t0\nCapEff:\t000001ffffffffff\n"
                          "Cpus_allowed_list:\t0-7\nMems_allowed_list:\t0-1\n"},
    {"/proc/sys/kernel/numa_balancing", "0\n"},
    {"/proc/sys/kernel/perf_event_paranoid", "2\n"},
    {"/proc/sys/vm/zone_reclaim_mode", "0\n"},
    {"/sys/devices/system/cpu/online", "0-7\n"},
    {"/sys/devices/system/cpu/present", "0-7\n"},
    {"/sys/devices/system/node/online", "0-1\n"},
    {"/sys/devices/system/node/node0/cpulist", "0-3\n"},
    {"/sys/devices/system/node/node0/distance", "10 21\n"},
    {"/sys/devices/system/node/node0/meminfo", "Node 0 MemTotal: 16777216 kB\nNode 0 MemFree: 15000000 kB\n"},
    {"/sys/devices/system/node/node0/numastat", "numa_hit 1\n"},
    {"/sys/devices/system/node/node1/cpulist", "4-7\n"},
    {"/sys/devices/system/node/node1/distance", "21 10\n"},
    {"/sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 16777216 kB\nNode 1 MemFree: 15000000 kB\n"},
    {"/sys/devices/system/node/node1/numastat", "numa_hit 1\n"},
    {"/sys/firmware/acpi/tables/SLIT", ""},
    {"/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"},
};

void tree_make(struct tree *tree)
{
    snprintf(tree->root, sizeof(tree->root), "/tmp/numaproof-tree-XXXXXX");
    EXPECT(mkdtemp(tree->root) != NULL);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        tree_change(tree, files[i].path, files[i].text);
    }
}

void tree_change(const struct tree *tree, const char *file, const char *text)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s%s", tree->root, file);
    if (text == NULL) {
        EXPECT(unlink(path) == 0);
        return;
    }
    for (char *slash = strchr(path + strlen(tree->root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        EXPECT(mkdir(path, 0700) == 0 || errno == EEXIST);
        *slash = '/';
    }
    FILE *stream = fopen(path, "we");
    EXPECT(stream != NULL);
    if (stream != NULL) {
        fputs(text, stream);
        fclose(stream);
    }
}

void tree_facts(const struct tree *tree, struct facts *facts)
{
    struct problem problem = {.text = ""};
    EXPECT(facts_collect(facts, tree->root, &problem));
    EXPECT_TEXT(problem.text, "");
    facts->probes = (struct probes){
        .hard_mode = true,
        .refusal = REFUSAL_HANDLED,
        .pages_located = true,
        .maps_readable = true,
    };
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

void tree_remove(const struct tree *tree)
{
    EXPECT(nftw(tree->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
}
