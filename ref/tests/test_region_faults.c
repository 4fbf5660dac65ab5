/*
 * Regions in a process that lacks something: a capability, a system call, a limit, room on a node.
 *
 * A full node is simulated where one node is all there is: a filter answers the kernel's check of the placement
 * (MPOL_MF_STRICT) with the EIO that a page elsewhere would have given.
 */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <numaif.h>
#include <numaproof/numaproof.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEBIBYTE ((size_t)1 << 20)

/* A sanitizer maps terabytes of shadow, and records of threads: address space is then no measure, and not to be locked. */
#if defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static char refused[440];

static np_region_options bound(np_mode mode, np_prefault prefault)
{
    np_region_options options;
    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.prefault = (int32_t)prefault;
    options.policy.kind = NP_POLICY_BIND;
    unsigned long mask[NP_NODE_MAX / 64] = {0};
    get_mempolicy(NULL, mask, NP_NODE_MAX + 1, NULL, MPOL_F_MEMS_ALLOWED);
    for (unsigned node = 0; node < NP_NODE_MAX; node++)
        if ((mask[node / 64] >> node % 64 & 1) != 0) {
            np_nodeset_add(&options.policy.nodes, node, NULL);
            break;
        }
    return options;
}

static bool hard_mode(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    return capabilities.strict_memory_binding && capabilities.numa_balancing_disabled;
}

static size_t read_maps(char *text, size_t size)
{
    size_t length = 0;
    const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    for (ssize_t got = 1; got > 0 && length < size; length += (size_t)got)
        got = read(file, text + length, size - length);
    close(file);
    return length;
}

/* Address space that is mapped: what a leaked mapping would add to. The heap may grow for reasons of its own. */
static size_t mapped_bytes(void)
{
    static char text[1 << 20];
    size_t sum = 0;
    text[read_maps(text, sizeof text - 1)] = '\0';
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char *end = NULL;
        const unsigned long long start = strtoull(line, &end, 16);
        if (strstr(line, "[heap]") == NULL)
            sum += (size_t)(strtoull(end + 1, NULL, 16) - start);
    }
    return sum;
}

static void expect_refusal(const np_region_options *options, size_t bytes, const char *words)
{
    np_region *region = NULL;
    np_error error = {0};
    const size_t before = mapped_bytes();
    EXPECT_ERROR(np_region_create(bytes, options, &region, &error), NP_HARD_MODE_UNAVAILABLE, error, words);
    EXPECT(region == NULL);
    EXPECT_TEXT(error.operation, "region");
    if (!SANITIZED)
        EXPECT_NUMBER(mapped_bytes(), before);
    memcpy(refused, error.reason, sizeof refused);
}

/* Soft goes on (LAW-3): the region is usable, of the level given, and its reason has the words. */
static void expect_soft(const np_region_options *options, np_level level, const char *words)
{
    np_region *region = NULL;
    np_enforcement got = {0};
    EXPECT_NUMBER(np_region_create(MEBIBYTE, options, &region, NULL), NP_OK);
    EXPECT_NUMBER(np_region_enforcement(region, &got, NULL), NP_OK);
    EXPECT_NUMBER(got.level, level);
    EXPECT_PART(got.reason, words);
    memset(np_region_address(region), 1, MEBIBYTE);
    np_region_release(region);
}

static void expect_strict(const np_region_options *options, size_t bytes)
{
    np_region *region = NULL;
    np_error error = {0};
    np_enforcement got = {0};
    np_placement placement;
    EXPECT_NUMBER(np_region_create(bytes, options, &region, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    EXPECT_NUMBER(np_region_enforcement(region, &got, NULL), NP_OK);
    EXPECT_NUMBER(got.level, NP_LEVEL_STRICT);
    EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
    EXPECT_NUMBER(placement.absent, 0);
    EXPECT_NUMBER(placement.outside, 0);
    np_region_release(region);
}

/* MEM-6 */
static void without_sys_admin(void)
{
    unit_drop_capability(CAP_SYS_ADMIN);
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH);
    expect_refusal(&strict, MEBIBYTE, "CAP_SYS_ADMIN");
    EXPECT_PART(refused, "permission denied");
    const np_region_options soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    expect_soft(&soft, NP_LEVEL_BEST_EFFORT, "all 256 pages lie on");
}

/* MEM-7, MEM-8 */
static void without_mbind(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH), soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    unit_forbid(SYS_mbind, EPERM);
    if (hard_mode()) {
        expect_refusal(&strict, MEBIBYTE, "permission denied");
        EXPECT_PART(refused, "mbind");
    }
    expect_soft(&soft, NP_LEVEL_NONE, "permission denied");
}

static void without_get_mempolicy(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_NONE), soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    unit_forbid(SYS_get_mempolicy, EPERM);
    if (hard_mode()) {
        expect_refusal(&strict, MEBIBYTE, "permission denied");
        EXPECT_PART(refused, "get_mempolicy");
    }
    expect_soft(&soft, NP_LEVEL_BEST_EFFORT, "soft");
}

static void without_move_pages(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH), soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    unit_forbid(SYS_move_pages, ENOSYS);
    if (hard_mode()) {
        expect_refusal(&strict, MEBIBYTE, "permission denied");
        EXPECT_PART(refused, "move_pages");
    }
    expect_soft(&soft, NP_LEVEL_BEST_EFFORT, "all 256 pages lie on");
}

/* MEM-5 and LAW-2: a region that turned out not to fit is gone again, and the reason has the bytes. */
static void when_pages_lie_elsewhere(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_PARALLEL_TOUCH);
    unit_forbid_where(SYS_mbind, 5, MPOL_MF_STRICT, EIO);
    if (!hard_mode())
        return;
    expect_refusal(&strict, MEBIBYTE + 1, "1048577 bytes asked");
    EXPECT_PART(refused, "bytes free");
}

/* Kernels before 5.15, and before 5.14 */
static void without_preferred_many(void)
{
    unit_forbid_where(SYS_mbind, 2, MPOL_PREFERRED_MANY, EINVAL);
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH), soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    if (hard_mode())
        expect_strict(&strict, MEBIBYTE);
    expect_soft(&soft, NP_LEVEL_BEST_EFFORT, "all 256 pages lie on");
}

static void without_populate(void)
{
    unit_forbid_where(SYS_madvise, 2, MADV_POPULATE_WRITE, EINVAL);
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH), soft = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    if (hard_mode())
        expect_strict(&strict, MEBIBYTE);
    expect_soft(&soft, NP_LEVEL_BEST_EFFORT, "all 256 pages lie on");
}

/* MEM-12: the threads are a means; where none can be made, the pages are placed all the same. */
static void without_threads(void)
{
    unit_forbid(SYS_clone, EAGAIN);
    unit_forbid(SYS_clone3, EAGAIN);
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_PARALLEL_TOUCH);
    if (hard_mode())
        expect_strict(&strict, 3 * MEBIBYTE);
}

/* A folder has as many links as sub-folders, and two more: one sub-folder is one thread. */
static nlink_t threads(void)
{
    struct stat task;
    EXPECT(stat("/proc/self/task", &task) == 0);
    return task.st_nlink;
}

static void parallel_touch_leaves_nothing_behind(void)
{
    const np_region_options options = bound(NP_SOFT, NP_PREFAULT_PARALLEL_TOUCH);
    cpu_set_t before, after;
    EXPECT(sched_getaffinity(0, sizeof before, &before) == 0);
    const size_t mapped = mapped_bytes();
    np_region *first = NULL; /* With the first thread of all ThreadSanitizer makes one of its own. */
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &first, NULL), NP_OK);
    const nlink_t before_threads = threads();
    np_region_release(first);
    for (int i = 0; i < 20; i++) {
        np_region *region = NULL;
        EXPECT(np_region_create(40 * MEBIBYTE, &options, &region, NULL) == NP_OK);
        EXPECT(threads() == before_threads);
        np_region_release(region);
    }
    EXPECT(SANITIZED || mapped_bytes() == mapped);
    EXPECT(sched_getaffinity(0, sizeof after, &after) == 0);
    EXPECT(CPU_EQUAL(&before, &after));
}

/* MEM-13 */
static void the_threads_policy_stays(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_PARALLEL_TOUCH);
    unsigned long mask[NP_NODE_MAX / 64] = {0}, read[NP_NODE_MAX / 64] = {0};
    memcpy(mask, strict.policy.nodes.words, sizeof mask);
    int mode = 0;
    EXPECT(set_mempolicy(MPOL_INTERLEAVE, mask, NP_NODE_MAX + 1) == 0);
    np_region *region = NULL;
    if (np_region_create(MEBIBYTE, &strict, &region, NULL) == NP_OK)
        np_region_release(region);
    EXPECT(get_mempolicy(&mode, read, NP_NODE_MAX + 1, NULL, 0) == 0);
    EXPECT(mode == MPOL_INTERLEAVE && memcmp(mask, read, sizeof mask) == 0);
}

/* MEM-16 */
static void with_little_address_space(void)
{
    if (SANITIZED)
        return;
    const np_region_options soft = bound(NP_SOFT, NP_PREFAULT_NONE);
    const struct rlimit limit = {.rlim_cur = 64 * MEBIBYTE, .rlim_max = 64 * MEBIBYTE};
    EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
    np_region *region = NULL;
    np_error error = {0};
    EXPECT(np_region_create(128 * MEBIBYTE, &soft, &region, &error) == NP_ALLOCATION);
    EXPECT(strstr(error.reason, "134217728") != NULL && strstr(error.reason, "RLIMIT_AS") != NULL);
}

/* The kernel populates a mapping as it is made, here: the policy must have come first. */
static void when_all_memory_is_locked(void)
{
    if (SANITIZED)
        return;
    if (mlockall(MCL_FUTURE) != 0)
        return;
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_NONE);
    if (hard_mode())
        expect_strict(&strict, MEBIBYTE);
}

/*
 * MEM-6, LAW-9: balancing switched on, as far as this process can see: in a mount namespace of its own another setting,
 * which is not 0, stands in that one's place.
 */
static void with_balancing(void)
{
    const np_region_options strict = bound(NP_STRICT, NP_PREFAULT_TOUCH);
    np_region *region = NULL;
    if (!hard_mode() || unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return;
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &strict, &region, NULL), NP_OK);
    EXPECT_NUMBER(mount("/proc/sys/kernel/pid_max", "/proc/sys/kernel/numa_balancing", NULL, MS_BIND, NULL), 0);
    np_enforcement present = {0};
    EXPECT_NUMBER(np_region_verify(region, NULL, &present, NULL), NP_OK);
    EXPECT_NUMBER(present.level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present.reason, "NUMA balancing is enabled");
    np_region_release(region);
    expect_refusal(&strict, MEBIBYTE, "NUMA balancing is enabled");
}

/* Each in a child of its own: what it takes away is gone for good. */
#define IN_CHILD(name)                                                                                                 \
    static void name##_in_child(void)                                                                                  \
    {                                                                                                                  \
        unit_in_child(name);                                                                                           \
    }
IN_CHILD(without_sys_admin)
IN_CHILD(with_balancing)
IN_CHILD(without_mbind)
IN_CHILD(without_get_mempolicy)
IN_CHILD(without_move_pages)
IN_CHILD(when_pages_lie_elsewhere)
IN_CHILD(without_preferred_many)
IN_CHILD(without_populate)
IN_CHILD(without_threads)
IN_CHILD(parallel_touch_leaves_nothing_behind)
IN_CHILD(the_threads_policy_stays)
IN_CHILD(with_little_address_space)
IN_CHILD(when_all_memory_is_locked)

int main(void)
{
    static const struct unit_test tests[] = {
        {"without sys admin", without_sys_admin_in_child},
        {"with balancing", with_balancing_in_child},
        {"without mbind", without_mbind_in_child},
        {"without get mempolicy", without_get_mempolicy_in_child},
        {"without move pages", without_move_pages_in_child},
        {"when pages lie elsewhere", when_pages_lie_elsewhere_in_child},
        {"without preferred many", without_preferred_many_in_child},
        {"without populate", without_populate_in_child},
        {"without threads", without_threads_in_child},
        {"parallel touch leaves nothing behind", parallel_touch_leaves_nothing_behind_in_child},
        {"the threads policy stays", the_threads_policy_stays_in_child},
        {"with little address space", with_little_address_space_in_child},
        {"when all memory is locked", when_all_memory_is_locked_in_child},
    };
    return unit_main("regions under faults", tests, sizeof tests / sizeof tests[0]);
}
