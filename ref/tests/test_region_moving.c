/*
 * Regions whose pages the kernel is just moving, as its compaction does: for a moment they lie nowhere, and that is not
 * held against them. The moment is made up here: move_pages() and mbind() are the program's own, and say what the kernel
 * says of such pages as often as a test asks for, and then what it says.
 */
#include "../src/memory_linux.h"
#include "../src/node_memory.h"
#include "unit.h"
#include <errno.h>
#include <numaif.h>
#include <numaproof/capabilities.h>
#include <numaproof/region.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>

#define PAGES 600

static int moments;     /* How often the first page of those asked for is still on its way. */
static int looks;       /* How often it was asked for. */
static int failures;    /* How often mbind() comes upon one that is. */
static unsigned walked; /* How often it did. */

long __real_move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
long __real_mbind(
    void *start, unsigned long length, int mode, const unsigned long *mask, unsigned long maxnode, unsigned flags);
long __wrap_move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags);
long __wrap_mbind(
    void *start, unsigned long length, int mode, const unsigned long *mask, unsigned long maxnode, unsigned flags);

long __wrap_move_pages(int pid, unsigned long count, void **pages, const int *nodes, int *status, int flags)
{
    const long result = __real_move_pages(pid, count, pages, nodes, status, flags);
    looks++;
    if (moments > 0) {
        moments--;
        status[0] = -ENOENT;
    }
    return result;
}

long __wrap_mbind(
    void *start, unsigned long length, int mode, const unsigned long *mask, unsigned long maxnode, unsigned flags)
{
    if ((flags & MPOL_MF_STRICT) != 0 && failures > 0) {
        failures--;
        walked++;
        errno = EIO;
        return -1;
    }
    return __real_mbind(start, length, mode, mask, maxnode, flags);
}

static void reset(void)
{
    moments = looks = failures = 0;
    walked = 0;
}

static unsigned a_node(void)
{
    np_nodeset nodes = {0};
    EXPECT_NUMBER(memory_allowed_nodes(&nodes), 0);
    return (unsigned)np_nodeset_first(&nodes);
}

static bool hard_mode(void)
{
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    return capabilities.strict_memory_binding && capabilities.numa_balancing_disabled;
}

static np_region *region(np_mode mode, np_policy_kind kind, np_prefault prefault)
{
    np_region_options options = {
        .policy = {.kind = (int32_t)kind}, .mode = (int32_t)mode, .prefault = (int32_t)prefault};
    np_nodeset_add(&options.policy.nodes, a_node(), NULL);
    np_region *made = NULL;
    np_error error = {0};
    EXPECT_NUMBER(np_region_create(PAGES * memory_page_bytes(), &options, &made, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    return made;
}

static np_placement count(const np_region *of)
{
    np_placement placement = {0};
    EXPECT_NUMBER(np_region_verify(of, &placement, NULL, NULL), NP_OK);
    return placement;
}

static void a_moment_is_waited_for(void)
{
    reset();
    np_region *soft = region(NP_SOFT, NP_POLICY_BIND, NP_PREFAULT_TOUCH);
    moments = 5;
    const np_placement placement = count(soft);
    EXPECT_NUMBER(moments, 0);
    EXPECT_NUMBER(placement.absent, 0);
    EXPECT_NUMBER(placement.on_node[a_node()], PAGES);
    np_region_release(soft);
}

/* In memory without a place for good, as a page in the swap cache is: absent, and that is said in the end. */
static void not_for_ever(void)
{
    reset();
    np_region *soft = region(NP_SOFT, NP_POLICY_BIND, NP_PREFAULT_TOUCH);
    looks = 0;
    moments = 1000000;
    EXPECT_NUMBER(count(soft).absent, 2); /* The first of each 512. */
    EXPECT(looks > 2 && looks < 1000);
    np_region_release(soft);
}

static void what_is_absent_is_not_waited_for(void)
{
    reset();
    np_region *soft = region(NP_SOFT, NP_POLICY_BIND, NP_PREFAULT_NONE);
    EXPECT_NUMBER(count(soft).absent, PAGES);
    EXPECT_NUMBER(looks, 2);
    madvise(np_region_address(soft), PAGES * memory_page_bytes(), MADV_NOHUGEPAGE);
    memset(np_region_address(soft), 1, (PAGES - 1) * memory_page_bytes());
    looks = 0;
    EXPECT_NUMBER(count(soft).absent, 1);
    EXPECT_NUMBER(looks, 2);
    np_region_release(soft);
}

static void interleaved_strictly(void)
{
    reset();
    if (!hard_mode())
        return;
    moments = 3;
    np_region_release(region(NP_STRICT, NP_POLICY_INTERLEAVE, NP_PREFAULT_TOUCH));
    EXPECT_NUMBER(moments, 0);
}

/* Both walks of the first attempt fail, and the first of the second. */
static void sealed_in_the_end(void)
{
    static const np_policy_kind kinds[] = {NP_POLICY_BIND, NP_POLICY_PREFERRED};
    for (size_t i = 0; i < 2 && hard_mode(); i++) {
        reset();
        failures = 3;
        np_region_release(region(NP_STRICT, kinds[i], NP_PREFAULT_TOUCH));
        EXPECT_NUMBER(walked, 3);
    }
}

/* A kernel that never says yes is believed, and nothing is left behind. */
static void sealing_ends(void)
{
    reset();
    if (!hard_mode())
        return;
    np_region_options options = {.policy = {.kind = NP_POLICY_BIND}, .mode = NP_STRICT, .prefault = NP_PREFAULT_TOUCH};
    np_nodeset_add(&options.policy.nodes, a_node(), NULL);
    np_region *made = NULL;
    failures = 1000000;
    EXPECT_NUMBER(np_region_create(memory_page_bytes(), &options, &made, NULL), NP_HARD_MODE_UNAVAILABLE);
    EXPECT(walked > 2 && walked < 1000);
    EXPECT(made == NULL);
    reset();
}

static void look_at_node_memory(bool strict, int absent_moments, uint64_t expected)
{
    struct node_memory memory;
    void *block = NULL;
    uint64_t elsewhere = 99;
    np_error error = {0};
    node_memory_init(&memory, a_node(), strict ? NP_STRICT : NP_SOFT, 1);
    EXPECT_NUMBER(node_memory_take(&memory, 64, 64, &block, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
    moments = absent_moments;
    EXPECT_NUMBER(node_memory_look(&memory, &elsewhere, NULL), NP_OK);
    EXPECT_NUMBER(elsewhere, expected);
    moments = 0;
    node_memory_end(&memory);
}

/* What is absent for good comes back on its node where it is bound strictly, and else may not. */
static void node_memory_is_looked_at(void)
{
    reset();
    look_at_node_memory(false, 5, 0);
    look_at_node_memory(false, 1000000, 1);
    if (!hard_mode())
        return;
    look_at_node_memory(true, 5, 0);
    look_at_node_memory(true, 1000000, 0);
}

/* A submit grows the queue of a strict executor in a thread that has no privileges, while the kernel moves the page. */
static void grow_without_privileges(void)
{
    reset();
    unit_drop_capability(CAP_SYS_ADMIN);
    moments = 5;
    look_at_node_memory(true, 0, 0);
    EXPECT(looks > 5);
}

static void node_memory_grows_without_privileges(void)
{
    unit_in_child(grow_without_privileges);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"a moment is waited for", a_moment_is_waited_for},
        {"not for ever", not_for_ever},
        {"what is absent is not waited for", what_is_absent_is_not_waited_for},
        {"interleaved strictly", interleaved_strictly},
        {"sealed in the end", sealed_in_the_end},
        {"sealing ends", sealing_ends},
        {"node memory is looked at", node_memory_is_looked_at},
        {"node memory grows without privileges", node_memory_grows_without_privileges},
    };
    if (!hard_mode())
        puts("without hard mode: only soft regions are tested");
    return unit_main("moving pages", tests, sizeof tests / sizeof tests[0]);
}
