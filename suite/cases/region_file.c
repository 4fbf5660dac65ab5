/*
 * Regions of files (MEM-17): the same clauses, for the pages that the call makes present.
 *
 * Three kinds of files, since a policy means another thing for each: a private mapping copies what is written, and the
 * copies are ordinary memory; a shared file in memory (tmpfs, memfd) obeys the policy of the range; the page cache of any
 * other file obeys none, so that strict may refuse it where a page cannot be moved, and must not lie about it.
 */
#include "region_case.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILE_BYTES  REGION_BYTES
#define PATTERN(at) ((char)('a' + (at) / 4096 % 26))

enum kind { IN_MEMORY, ON_DISK };

/* A file that is gone when it is closed, of FILE_BYTES bytes that tell where they are. */
static int file_made(enum kind kind)
{
    char name[] = "/tmp/numaproof-region.XXXXXX";
    int file = kind == IN_MEMORY ? memfd_create("numaproof region", MFD_CLOEXEC) : mkstemp(name);

    if (file < 0)
        case_error("no file for a region: %s", strerror(errno));
    if (kind == ON_DISK)
        unlink(name);
    if (ftruncate(file, (off_t)FILE_BYTES) != 0)
        case_error("the file cannot be made so long: %s", strerror(errno));
    return file;
}

static void fill(int file)
{
    static char block[4096];

    for (size_t at = 0; at < FILE_BYTES; at += sizeof block) {
        memset(block, PATTERN(at), sizeof block);
        if (pwrite(file, block, sizeof block, (off_t)at) != (ssize_t)sizeof block)
            case_error("the file cannot be written: %s", strerror(errno));
    }
}

static np_region *mapped(
    int file, np_sharing sharing, np_mode mode, np_policy policy, np_prefault prefault, np_error *error)
{
    np_region_options options = region_options_of(mode, policy, prefault);
    np_region *region = NULL;

    EXPECT_OK(api->region_map_file(file, sharing, 0, FILE_BYTES, &options, &region, error));
    EXPECT_INT(api->region_bytes(region), ==, FILE_BYTES);
    return region;
}

static void refused(int file, np_sharing sharing, np_policy policy, np_prefault prefault, np_error *error)
{
    np_region_options options = region_options_of(NP_STRICT, policy, prefault);
    np_region *region = NULL;

    EXPECT_REFUSED(api->region_map_file(file, sharing, 0, FILE_BYTES, &options, &region, error));
    EXPECT(region == NULL);
}

static void expect_content(const np_region *region)
{
    const char *start = api->region_address(region);

    for (size_t at = 0; at < FILE_BYTES; at += 4096)
        EXPECT_INT(start[at], ==, PATTERN(at));
}

CASE(region_file_is_the_file,
    "a region of a file shows its content; what is written reaches the file if shared and not if private, also when "
    "the "
    "descriptor is closed",
    CLAUSES("MEM-17", "MEM-1"), NEEDS_NOTHING)
{
    np_policy local = policy_of(NP_POLICY_LOCAL, ids_none());

    for (int kind = IN_MEMORY; kind <= ON_DISK; kind++) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            for (int prefault = NP_PREFAULT_NONE; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
                int file = file_made((enum kind)kind), mine = dup(file);
                char byte = 0;
                fill(file);
                np_region *region = mapped(mine, (np_sharing)sharing, NP_SOFT, local, (np_prefault)prefault, error);
                close(mine);
                EXPECT_WITH("kind %d, sharing %d, prefault %d", kind, sharing, prefault);
                expect_content(region);
                char *start = api->region_address(region);
                start[FILE_BYTES - 1] = '!';
                EXPECT_INT(pread(file, &byte, 1, FILE_BYTES - 1), ==, 1);
                EXPECT_INT(byte, ==, sharing == NP_FILE_SHARED ? '!' : PATTERN(FILE_BYTES - 1));
                api->region_release(region);
                EXPECT_INT(oracle_mapped_bytes(start, FILE_BYTES), ==, 0);
                close(file);
            }
        }
    }
}

CASE(region_file_from_an_offset, "a region of a part of a file is that part", CLAUSES("MEM-17"), NEEDS_NOTHING)
{
    np_region_options options = region_options_of(NP_SOFT, policy_of(NP_POLICY_LOCAL, ids_none()), NP_PREFAULT_TOUCH);
    np_region *region = NULL;
    size_t page = oracle_page_bytes();
    int file = file_made(IN_MEMORY);

    fill(file);
    EXPECT_OK(api->region_map_file(file, NP_FILE_SHARED, 3 * page, page + 1, &options, &region, error));
    EXPECT_INT(api->region_bytes(region), ==, page + 1);
    EXPECT_INT(*(const char *)api->region_address(region), ==, PATTERN(3 * page));
}

CASE(region_file_wrong_arguments,
    "a descriptor that will not do, a range past the end, a crooked offset, unknown sharing: invalid in both modes",
    CLAUSES("LAW-6", "MEM-17", "LAW-8"), NEEDS_NOTHING)
{
    int file = file_made(IN_MEMORY), readable = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int folder = open("/", O_RDONLY | O_CLOEXEC), device = open("/dev/zero", O_RDWR | O_CLOEXEC);
    const struct {
        int file, sharing;
        uint64_t offset;
        size_t bytes;
    } wrong[] = {
        {-1, NP_FILE_SHARED, 0, 1},
        {folder, NP_FILE_PRIVATE, 0, 1},
        {device, NP_FILE_SHARED, 0, 1},
        {readable, NP_FILE_SHARED, 0, 1},
        {file, 2, 0, 1},
        {file, NP_FILE_SHARED, 1, 1},
        {file, NP_FILE_SHARED, 0, 0},
        {file, NP_FILE_SHARED, 0, FILE_BYTES + 1},
        {file, NP_FILE_PRIVATE, FILE_BYTES, 1},
        {file, NP_FILE_PRIVATE, UINT64_MAX - 4095, 8192},
    };

    for (int mode = NP_SOFT; mode <= NP_STRICT; mode++) {
        np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
        np_region_options options = region_options_of((np_mode)mode, bind, NP_PREFAULT_TOUCH);
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            np_region *region = NULL;
            EXPECT_WITH("row %zu, mode %d", i, mode);
            EXPECT_INVALID(api->region_map_file(wrong[i].file, (np_sharing)wrong[i].sharing, wrong[i].offset,
                wrong[i].bytes, &options, &region, error));
            EXPECT(region == NULL);
        }
        EXPECT_INVALID(api->region_map_file(file, NP_FILE_SHARED, 0, 1, &options, NULL, error));
    }
}

CASE(region_file_strict_bind_each_node,
    "strict bind with prefault of copies of a file, and of a file in memory: every page lies on the node",
    CLAUSES("MEM-17", "MEM-2", "LAW-1"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            for (int prefault = NP_PREFAULT_TOUCH; prefault <= NP_PREFAULT_PARALLEL_TOUCH; prefault++) {
                np_policy bind = policy_of(NP_POLICY_BIND, ids_of((unsigned)node));
                int file = file_made(IN_MEMORY);
                np_region *region = mapped(file, (np_sharing)sharing, NP_STRICT, bind, (np_prefault)prefault, error);
                EXPECT_WITH("node %d, sharing %d, prefault %d", node, sharing, prefault);
                expect_all_on(region, ids_of((unsigned)node));
                np_enforcement enforcement = region_level(region, error);
                EXPECT_LEVEL(&enforcement, NP_LEVEL_STRICT);
                api->region_release(region);
                close(file);
            }
        }
    }
}

/*
 * The pages of the file exist already, on the first node. Strict bind to another brings them there or is refused; a private
 * mapping copies, and has no reason to refuse.
 */
CASE(region_file_pages_are_elsewhere,
    "strict bind of a file whose pages lie on another node is true, or refused and names the pages",
    CLAUSES("MEM-17", "LAW-1", "LAW-2"), NEEDS(NEEDS_STRICT_REGION, .memory_nodes = 2))
{
    struct ids here = ids_of(first_memory_node()), there = ids_of((unsigned)second_memory_node());

    for (int kind = IN_MEMORY; kind <= ON_DISK; kind++) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            int file = file_made((enum kind)kind);
            np_region_options options =
                region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, there), NP_PREFAULT_TOUCH);
            np_region *region = NULL;
            long set = oracle_call(SYS_set_mempolicy, MPOL_BIND, (long)here.words, ORACLE_NODE_MAX, 0, 0, 0);
            fill(file);
            if (set != 0 || oracle_call(SYS_set_mempolicy, MPOL_DEFAULT, 0, 0, 0, 0, 0) != 0)
                case_error("the thread's policy cannot be set");
            EXPECT_WITH("kind %d, sharing %d", kind, sharing);
            expect_prepare(error);
            np_status status = api->region_map_file(file, (np_sharing)sharing, 0, FILE_BYTES, &options, &region, error);
            if (sharing == NP_FILE_PRIVATE)
                EXPECT_INT(status, ==, NP_OK);
            if (status == NP_OK)
                expect_all_on(region, there);
            else
                EXPECT_INT(status, ==, NP_HARD_MODE_UNAVAILABLE);
            if (status == NP_OK)
                expect_content(region);
            api->region_release(region);
            close(file);
        }
    }
}

CASE(region_file_strict_untouched,
    "strict bind of a file without prefault is refused, or the pages that are touched later lie on the node",
    CLAUSES("MEM-17", "MEM-3", "LAW-1"), NEEDS(NEEDS_STRICT_REGION))
{
    struct ids nodes = usable_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            struct ids target = ids_of((unsigned)node);
            np_region_options options =
                region_options_of(NP_STRICT, policy_of(NP_POLICY_BIND, target), NP_PREFAULT_NONE);
            np_region *region = NULL;
            int file = file_made(IN_MEMORY);
            expect_prepare(error);
            np_status status = api->region_map_file(file, (np_sharing)sharing, 0, FILE_BYTES, &options, &region, error);
            EXPECT(status == NP_OK || status == NP_HARD_MODE_UNAVAILABLE);
            if (status == NP_OK) {
                memset(api->region_address(region), 0x5a, FILE_BYTES);
                expect_all_on(region, target);
            }
            api->region_release(region);
            close(file);
        }
    }
}

CASE(region_file_strict_absent_node, "strict bind of a file to an absent node is refused and named",
    CLAUSES("MEM-17", "MEM-4", "LAW-2"), NEEDS(NEEDS_STRICT_REGION))
{
    unsigned gone = absent_node();
    int file = file_made(IN_MEMORY);

    for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
        refused(file, (np_sharing)sharing, policy_of(NP_POLICY_BIND, ids_of(gone)), NP_PREFAULT_TOUCH, error);
        EXPECT_NAMES_ID(error->reason, gone);
    }
}

CASE(region_file_strict_without_admin, "a strict region of a file without CAP_SYS_ADMIN is refused, and named",
    CLAUSES("MEM-17", "MEM-6", "LAW-2"), NEEDS_NOTHING)
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
    int file = file_made(IN_MEMORY);

    fault_drop_capability(CAP_SYS_ADMIN);
    for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
        refused(file, (np_sharing)sharing, bind, NP_PREFAULT_TOUCH, error);
        EXPECT_REASON("CAP_SYS_ADMIN");
    }
}

CASE(region_file_strict_forbidden,
    "a strict region of a file is refused with permission denied where the policy call is forbidden, and leaves the "
    "file "
    "without a policy",
    CLAUSES("MEM-17", "MEM-7", "LAW-2"), NEEDS(NEEDS_STRICT_REGION, .faults = FAULT_SECCOMP))
{
    np_policy bind = policy_of(NP_POLICY_BIND, ids_of(first_memory_node()));
    int file = file_made(IN_MEMORY);

    fault_forbid(EPERM, SYS_mbind, SYS_set_mempolicy);
    for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
        refused(file, (np_sharing)sharing, bind, NP_PREFAULT_TOUCH, error);
        EXPECT_REASON("permission denied");
    }
    void *start = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, file, 0);
    if (start == MAP_FAILED)
        case_error("the file cannot be mapped: %s", strerror(errno));
    EXPECT_INT(oracle_policy_at(start).mode, ==, MPOL_DEFAULT);
}

CASE(region_file_soft_absent_node, "soft bind of a file to an absent node: usable, not strict, and the node named",
    CLAUSES("MEM-17", "MEM-8", "LAW-3"), NEEDS_NOTHING)
{
    unsigned gone = absent_node();

    for (int kind = IN_MEMORY; kind <= ON_DISK; kind++) {
        for (int sharing = NP_FILE_PRIVATE; sharing <= NP_FILE_SHARED; sharing++) {
            np_policy bind = policy_of(NP_POLICY_BIND, ids_of(gone));
            int file = file_made((enum kind)kind);
            fill(file);
            np_region *region = mapped(file, (np_sharing)sharing, NP_SOFT, bind, NP_PREFAULT_TOUCH, error);
            np_enforcement enforcement = region_level(region, error);
            EXPECT_INT(enforcement.level, !=, NP_LEVEL_STRICT);
            EXPECT_NAMES_ID(enforcement.reason, gone);
            expect_truthful(region, ids_of(gone), error);
            expect_content(region);
            api->region_release(region);
            close(file);
        }
    }
}

CASE_LIST(region_file_cases, &region_file_is_the_file, &region_file_from_an_offset, &region_file_wrong_arguments,
    &region_file_strict_bind_each_node, &region_file_pages_are_elsewhere, &region_file_strict_untouched,
    &region_file_strict_absent_node, &region_file_strict_without_admin, &region_file_strict_forbidden,
    &region_file_soft_absent_node);
