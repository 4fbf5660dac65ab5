/*
 * Regions of other memory than plain pages: huge pages, locked pages, files (MEM-11, MEM-14, MEM-17).
 *
 * The pools of huge pages are the administrator's, and this test changes no setting: it finds them as they are, and what
 * it can say without them is that strict refuses and soft goes on. What needs full or half-full pools is the suite's.
 */
#include "unit.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <numaif.h>
#include <numaproof/numaproof.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MEBIBYTE ((size_t)1 << 20)

static bool hard_mode(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    return capabilities.strict_memory_binding && capabilities.numa_balancing_disabled;
}

/* Bound to all nodes there are, which is one on most machines that run this. */
static np_region_options bound(np_mode mode, np_prefault prefault)
{
    np_region_options options;
    np_region_options_init(&options);
    options.mode = (int32_t)mode;
    options.prefault = (int32_t)prefault;
    options.policy.kind = NP_POLICY_BIND;
    get_mempolicy(NULL, options.policy.nodes.words, NP_NODE_MAX + 1, NULL, MPOL_F_MEMS_ALLOWED);
    return options;
}

/* What the region got when it was made, with its reason in @reason, and what is true of it now. */
static np_level level_of(const np_region *region, char reason[508])
{
    np_enforcement got = {0};
    EXPECT_NUMBER(np_region_enforcement(region, &got, NULL), NP_OK);
    memcpy(reason, got.reason, sizeof got.reason);
    return (np_level)got.level;
}

static np_enforcement present(const np_region *region)
{
    np_enforcement now = {0};
    EXPECT_NUMBER(np_region_verify(region, NULL, &now, NULL), NP_OK);
    return now;
}

/* MEM-11: with enough huge pages or without, never something in between. */
static void huge_pages_or_a_refusal(void)
{
    static const size_t sizes[] = {[NP_HUGE_PAGES_2MIB] = 2 * MEBIBYTE, [NP_HUGE_PAGES_1GIB] = 1024 * MEBIBYTE};
    for (int kind = NP_HUGE_PAGES_2MIB; kind <= NP_HUGE_PAGES_1GIB; kind++) {
        np_region_options options = bound(NP_STRICT, NP_PREFAULT_TOUCH);
        options.huge_pages = kind;
        np_region *region = NULL;
        np_error error = {0};
        np_placement placement;
        if (hard_mode() && np_region_create(MEBIBYTE, &options, &region, &error) == NP_OK) {
            EXPECT_NUMBER((uintptr_t)np_region_address(region) % sizes[kind], 0);
            EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
            EXPECT_NUMBER(placement.page_bytes, sizes[kind]);
            EXPECT_NUMBER(placement.pages, 1);
        } else if (hard_mode()) {
            EXPECT_NUMBER(error.code, NP_HARD_MODE_UNAVAILABLE);
            EXPECT_PART(error.reason, kind == NP_HUGE_PAGES_2MIB ? "2097152" : "1073741824");
        }
        np_region_release(region);
    }
}

static void soft_does_with_ordinary_pages(void)
{
    np_region_options options = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    np_region *region = NULL;
    np_error error = {0};
    char reason[508] = "";
    options.huge_pages = NP_HUGE_PAGES_2MIB;
    EXPECT_NUMBER(np_region_create(3 * MEBIBYTE, &options, &region, &error), NP_OK);
    EXPECT_NUMBER(level_of(region, reason), NP_LEVEL_BEST_EFFORT);
    np_placement placement = {0};
    EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
    if (placement.page_bytes != 2 * MEBIBYTE)
        EXPECT_PART(reason, "2 huge pages of 2097152 bytes are not to be had");
    memset(np_region_address(region), 1, 3 * MEBIBYTE);
    np_region_release(region);
}

/* Without populating by madvise() there is still no SIGBUS: an error, or ordinary pages. */
static void huge_pages_without_populate(void)
{
    unit_forbid_where(SYS_madvise, 2, MADV_POPULATE_WRITE, EINVAL);
    soft_does_with_ordinary_pages();
    huge_pages_or_a_refusal();
}

static void transparent_huge_pages_are_aligned(void)
{
    np_region_options options = bound(NP_SOFT, NP_PREFAULT_TOUCH);
    options.huge_pages = NP_HUGE_PAGES_TRANSPARENT_ON;
    for (int i = 0; i < 5; i++) {
        np_region *region = NULL;
        EXPECT_NUMBER(np_region_create(5 * MEBIBYTE + 1, &options, &region, NULL), NP_OK);
        unsigned char *address = np_region_address(region);
        EXPECT_NUMBER((uintptr_t)address % (2 * MEBIBYTE), 0);
        memset(address, 1, 5 * MEBIBYTE + 1);
        np_region_release(region);
        EXPECT(msync(address, 1, MS_ASYNC) != 0 && errno == ENOMEM);
    }
}

/* MEM-14 */
static void a_locked_region_knows_that_it_is(void)
{
    np_region_options options = bound(NP_STRICT, NP_PREFAULT_TOUCH);
    options.lock = 1;
    np_region *region = NULL;
    if (!hard_mode() || np_region_create(MEBIBYTE, &options, &region, NULL) != NP_OK)
        return;
    EXPECT_NUMBER(present(region).level, NP_LEVEL_STRICT);
    unsigned char *address = np_region_address(region);
    EXPECT(msync(address, MEBIBYTE, MS_INVALIDATE) != 0 && errno == EBUSY);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    /* Not munlock(), which AddressSanitizer makes do nothing. */
    EXPECT_NUMBER(syscall(SYS_munlock, address + 3 * page, page), 0);
    EXPECT_NUMBER(present(region).level, NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(present(region).reason, "no longer locked");
    np_region_release(region);
}

static void lock_without_the_right(void)
{
    const struct rlimit limit = {.rlim_cur = 65536, .rlim_max = 65536};
    EXPECT_NUMBER(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
    unit_drop_capability(CAP_IPC_LOCK);
    np_region_options options = bound(NP_STRICT, NP_PREFAULT_TOUCH);
    options.lock = 1;
    np_region *region = NULL;
    np_error error = {0};
    char reason[508] = "";
    if (hard_mode()) {
        EXPECT_ERROR(np_region_create(MEBIBYTE, &options, &region, &error), NP_HARD_MODE_UNAVAILABLE, error,
            "RLIMIT_MEMLOCK is 65536");
        EXPECT_PART(error.reason, "CAP_IPC_LOCK");
        EXPECT_NUMBER(np_region_create(32768, &options, &region, &error), NP_OK);
        np_region_release(region);
    }
    options.mode = NP_SOFT;
    EXPECT_NUMBER(np_region_create(MEBIBYTE, &options, &region, &error), NP_OK);
    EXPECT_NUMBER(level_of(region, reason), NP_LEVEL_BEST_EFFORT);
    EXPECT_PART(reason, "not locked");
    np_region_release(region);
}

static void lock_needs_a_right(void)
{
    unit_in_child(lock_without_the_right);
}

static void populate_is_not_needed(void)
{
    unit_in_child(huge_pages_without_populate);
}

/* A file of three pages and a bit, "aaa...bbb...ccc...d", in memory (tmpfs) or in the page cache. */
static int make_file(bool in_memory)
{
    char name[] = "np_region_kinds.XXXXXX";
    const int file = in_memory ? memfd_create("np_region_kinds", MFD_CLOEXEC) : mkstemp(name);
    if (!in_memory)
        unlink(name);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *content = malloc(3 * page + 1);
    for (size_t i = 0; i <= 3 * page; i++)
        content[i] = (char)('a' + i / page);
    EXPECT_NUMBER(write(file, content, 3 * page + 1), 3 * page + 1);
    free(content);
    return file;
}

static char byte_at(int file, size_t offset)
{
    char byte = 0;
    EXPECT_NUMBER(pread(file, &byte, 1, (off_t)offset), 1);
    return byte;
}

/* MEM-17: content, what reaches the file, and the level, for each mode and way. */
static void check_file(int file, np_sharing sharing, np_mode mode, np_prefault prefault)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const np_region_options options = bound(mode, prefault);
    np_region *region = NULL;
    np_error error = {0};
    EXPECT_NUMBER(np_region_map_file(file, sharing, page, 2 * page + 1, &options, &region, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    char *address = np_region_address(region);
    EXPECT(address != NULL && address[0] == 'b' && address[page] == 'c' && address[2 * page] == 'd');
    char reason[508];
    EXPECT_NUMBER(level_of(region, reason), mode == NP_STRICT ? NP_LEVEL_STRICT : NP_LEVEL_BEST_EFFORT);
    np_placement placement;
    EXPECT_NUMBER(np_region_verify(region, &placement, NULL, NULL), NP_OK);
    EXPECT_NUMBER(placement.pages, 3);
    EXPECT_NUMBER(placement.outside, 0);
    if (prefault != NP_PREFAULT_NONE)
        EXPECT_NUMBER(placement.absent, 0);
    address[1] = 'X';
    EXPECT_NUMBER(byte_at(file, page + 1), sharing == NP_FILE_SHARED ? 'X' : 'b');
    address[1] = 'b';
    np_region_release(region);
}

static void files_are_mapped_and_placed(void)
{
    for (int in_memory = 0; in_memory <= 1; in_memory++) {
        const int file = make_file(in_memory);
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
                check_file(file, (np_sharing)sharing, NP_SOFT, (np_prefault)prefault);
                if (hard_mode() && prefault != NP_PREFAULT_NONE)
                    check_file(file, (np_sharing)sharing, NP_STRICT, (np_prefault)prefault);
            }
        }
        close(file);
    }
}

/* What strict cannot promise of a file's pages that are not there yet, and what it can. */
static void untouched_files_are_refused(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const np_region_options options = bound(NP_STRICT, NP_PREFAULT_NONE);
    const int files[] = {make_file(false), make_file(true), memfd_create("np_region_kinds", MFD_CLOEXEC)};
    np_region *region = NULL;
    np_error error = {0};
    for (size_t i = 0; i < 2; i++) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            EXPECT_NUMBER(np_region_map_file(files[i], (np_sharing)sharing, 0, page, &options, &region, &error),
                NP_HARD_MODE_UNAVAILABLE);
            EXPECT(!hard_mode() || strstr(error.reason, "prefault") != NULL);
        }
    }
    EXPECT_NUMBER(ftruncate(files[2], (off_t)page), 0);
    if (hard_mode()) {
        EXPECT_NUMBER(np_region_map_file(files[2], NP_FILE_SHARED, 0, page, &options, &region, &error), NP_OK);
        EXPECT_NUMBER(present(region).level, NP_LEVEL_STRICT);
        np_region_release(region);
    }
    for (size_t i = 0; i < 3; i++)
        close(files[i]);
}

/* LAW-2: a refused region leaves no policy in a file that all processes share. */
static void a_refusal_leaves_the_file_alone(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const np_region_options options = bound(NP_STRICT, NP_PREFAULT_TOUCH);
    const int file = make_file(true);
    unit_forbid(SYS_move_pages, EPERM);
    np_region *region = NULL;
    np_error error = {0};
    EXPECT_NUMBER(
        np_region_map_file(file, NP_FILE_SHARED, 0, page, &options, &region, &error), NP_HARD_MODE_UNAVAILABLE);
    EXPECT(!hard_mode() || strstr(error.reason, "move_pages") != NULL);
    void *address = mmap(NULL, page, PROT_READ, MAP_SHARED, file, 0);
    int mode = -1;
    EXPECT_NUMBER(get_mempolicy(&mode, NULL, 0, address, MPOL_F_ADDR), 0);
    EXPECT_NUMBER(mode, MPOL_DEFAULT);
}

static void refusals_leave_files_alone(void)
{
    unit_in_child(a_refusal_leaves_the_file_alone);
}

/* LAW-6 */
static void wrong_files_are_wrong(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    const int file = make_file(true), readable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    const int folder = open("/", O_RDONLY | O_CLOEXEC), device = open("/dev/zero", O_RDWR | O_CLOEXEC);
    const struct {
        int file;
        int sharing;
        uint64_t offset;
        size_t bytes;
    } wrong[] = {{-1, NP_FILE_SHARED, 0, 1}, {folder, NP_FILE_PRIVATE, 0, 1}, {device, NP_FILE_SHARED, 0, 1},
        {readable, NP_FILE_SHARED, 0, 1}, {file, 2, 0, 1}, {file, -1, 0, 1}, {file, NP_FILE_SHARED, 1, 1},
        {file, NP_FILE_SHARED, 0, 0}, {file, NP_FILE_SHARED, 0, 3 * page + 2}, {file, NP_FILE_SHARED, 4 * page, 1},
        {file, NP_FILE_SHARED, UINT64_MAX - page + 1, 2 * page}, {file, NP_FILE_PRIVATE, page, SIZE_MAX / 2}};
    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        const np_region_options options = bound((np_mode)mode, NP_PREFAULT_TOUCH);
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            np_region *region = NULL;
            EXPECT_NUMBER(np_region_map_file(wrong[i].file, (np_sharing)wrong[i].sharing, wrong[i].offset,
                              wrong[i].bytes, &options, &region, NULL),
                NP_INVALID_ARGUMENT);
            EXPECT(region == NULL);
        }
    }
    EXPECT_NUMBER(np_region_map_file(file, NP_FILE_SHARED, 0, 1, NULL, NULL, NULL), NP_INVALID_ARGUMENT);
    np_region *region = NULL;
    EXPECT_NUMBER(np_region_map_file(readable, NP_FILE_PRIVATE, 0, 4, NULL, &region, NULL), NP_OK);
    EXPECT(memcmp(np_region_address(region), "\177ELF", 4) == 0);
    np_region_release(region);
    close(file), close(readable), close(folder), close(device);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"huge pages or a refusal", huge_pages_or_a_refusal},
        {"soft does with ordinary pages", soft_does_with_ordinary_pages},
        {"populate is not needed", populate_is_not_needed},
        {"transparent huge pages are aligned", transparent_huge_pages_are_aligned},
        {"a locked region knows that it is", a_locked_region_knows_that_it_is},
        {"lock needs a right", lock_needs_a_right},
        {"files are mapped and placed", files_are_mapped_and_placed},
        {"untouched files are refused", untouched_files_are_refused},
        {"refusals leave files alone", refusals_leave_files_alone},
        {"wrong files are wrong", wrong_files_are_wrong},
    };
    return unit_main("kinds of regions", tests, sizeof tests / sizeof tests[0]);
}
