/*
 * Facts from files: node ids with gaps, limits of groups, broken files, and who may be called emulated.
 */
#include "facts.h"
#include "identity.h"
#include "tree.h"
#include "unit.h"

static void ids_with_gaps(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_change(&tree, "/sys/devices/system/node/online", "0,4\n");
    tree_change(&tree, "/sys/devices/system/node/node4/cpulist", "\n");
    tree_change(&tree, "/sys/devices/system/node/node4/meminfo", "Node 4 MemTotal: 1024 kB\n");
    tree_change(&tree, "/sys/devices/system/node/node4/distance", "28 10\n");
    tree_facts(&tree, &facts);
    EXPECT_NUMBER(facts.nodes.count, 2);
    EXPECT_NUMBER(facts.nodes.list[1].id, 4);
    EXPECT_NUMBER(facts.nodes.list[1].memory_bytes, 1 << 20);
    EXPECT_NUMBER(np_cpuset_count(&facts.nodes.list[1].cpus), 0);
    EXPECT_NUMBER(nodes_distance(&facts.nodes, 0, 1), 21);
    EXPECT_NUMBER(nodes_distance(&facts.nodes, 1, 0), 28);
    facts_free(&facts);
    tree_remove(&tree);
}

/* A distance that is not told is unknown, and never 0. */
static void unknown_distances(void)
{
    static const char *const rows[] = {"21\n", "21 10 30\n", "21 ten\n", "0 10\n", "\n"};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tree tree;
        struct facts facts;
        tree_make(&tree);
        tree_change(&tree, "/sys/devices/system/node/node1/distance", rows[i]);
        tree_facts(&tree, &facts);
        EXPECT_NUMBER(nodes_distance(&facts.nodes, 1, 0), -1);
        EXPECT_NUMBER(nodes_distance(&facts.nodes, 0, 1), 21);
        facts_free(&facts);
        tree_remove(&tree);
    }
}

static void broken_files(void)
{
    static const struct {
        const char *file;
        const char *text;
        const char *named;
    } rows[] = {
        {"/sys/devices/system/node/online", "0-\n", "/sys/devices/system/node/online"},
        {"/sys/devices/system/node/online", "\n", "names no node"},
        {"/sys/devices/system/node/node1/cpulist", "4-x\n", "node1/cpulist"},
        {"/sys/devices/system/cpu/online", "7-0\n", "cpu/online"},
        {"/proc/self/status", "Cpus_allowed_list:\t0-99999\n", "/proc/self/status"},
        {"/proc/self/status", NULL, "/proc/self/status"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tree tree;
        struct facts facts;
        struct problem problem = {.text = ""};
        tree_make(&tree);
        tree_change(&tree, rows[i].file, rows[i].text);
        EXPECT(!facts_collect(&facts, tree.root, &problem));
        EXPECT_NUMBER(problem.status, STATUS_CANNOT_RUN);
        EXPECT_PART(problem.text, rows[i].named);
        tree_remove(&tree);
    }
}

static void limits_of_groups(void)
{
    static const struct {
        const char *groups;
        const char *file;
        const char *text;
        const char *limit;
    } rows[] = {
        {"0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max", "1000\n", "1000"},
        {"0::/a/b\n", "/sys/fs/cgroup/a/memory.max", "2000\n", "2000"},
        {"0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max", "max\n", "unlimited"},
        {"0::/a/b\n", "/sys/fs/cgroup/elsewhere", "", ""},
        {"4:memory:/a\n0::/\n", "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "3000\n", "3000"},
        {"4:memory:/a\n", "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n", "unlimited"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tree tree;
        struct facts facts;
        tree_make(&tree);
        tree_change(&tree, "/proc/self/cgroup", rows[i].groups);
        tree_change(&tree, rows[i].file, rows[i].text);
        tree_facts(&tree, &facts);
        EXPECT_TEXT(facts.limits.group_memory, rows[i].limit);
        facts_free(&facts);
        tree_remove(&tree);
    }
}

/* The least limit on the way up holds, wherever it stands. */
static void least_limit(void)
{
    struct tree tree;
    struct facts facts;
    tree_make(&tree);
    tree_change(&tree, "/sys/fs/cgroup/user.slice/shell/memory.max", "5000\n");
    tree_change(&tree, "/sys/fs/cgroup/user.slice/memory.max", "4000\n");
    tree_facts(&tree, &facts);
    EXPECT_TEXT(facts.limits.group_memory, "4000");
    facts_free(&facts);
    tree_remove(&tree);
}

/* A label without the kernel's word for it is a stray file: a host must not be taken for a guest. */
static void who_is_our_guest(void)
{
    struct tree tree;
    struct identity identity;
    tree_make(&tree);
    tree_change(&tree, "/etc/numaproof-emulated.json",
        "{\"machine\": \"two-nodes\", \"accelerator\": \"kvm\", \"qemu\": \"7.2\"}\n");
    identity_read(&identity, tree.root);
    EXPECT(!identity.our_guest);
    tree_change(&tree, "/proc/cmdline", "quiet numaproof.guest=1\n");
    identity_read(&identity, tree.root);
    EXPECT(identity.our_guest && identity.emulated);
    EXPECT_TEXT(identity.machine, "two-nodes");
    EXPECT_TEXT(identity.qemu, "7.2");
    tree_change(&tree, "/etc/numaproof-emulated.json", "{\"mach");
    identity_read(&identity, tree.root);
    EXPECT(identity.emulated);
    EXPECT_TEXT(identity.machine, "unknown");
    tree_remove(&tree);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"node ids with gaps", ids_with_gaps},
        {"unknown distances", unknown_distances},
        {"broken files", broken_files},
        {"limits of control groups", limits_of_groups},
        {"the least limit", least_limit},
        {"who is our guest", who_is_our_guest},
    };
    return unit_main("facts", tests, sizeof(tests) / sizeof(tests[0]));
}
