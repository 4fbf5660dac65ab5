/*
 * Node sets on their way to the kernel and back (SET-5): the program has its own mbind and get_mempolicy, which take the
 * place of libnuma's and read a mask as the kernel does, one bit less than the maxnode they are given.
 */
#include "../src/memory_linux.h"
#include "unit.h"
#include <errno.h>
#include <numaif.h>
#include <string.h>

static unsigned long seen[NP_NODE_MAX / 64 + 1];
static int seen_mode;
static unsigned seen_flags;

static void copy_as_the_kernel(unsigned long *to, const unsigned long *from, unsigned long maxnode)
{
    for (unsigned long bit = 0; bit + 1 < maxnode && bit < NP_NODE_MAX; bit++)
        if ((from[bit / 64] >> bit % 64 & 1) != 0)
            to[bit / 64] |= 1UL << bit % 64;
}

long mbind(
    void *start, unsigned long length, int mode, const unsigned long *mask, unsigned long maxnode, unsigned flags)
{
    (void)start, (void)length;
    memset(seen, 0, sizeof seen);
    seen_mode = mode;
    seen_flags = flags;
    if (mask != NULL)
        copy_as_the_kernel(seen, mask, maxnode);
    return 0;
}

long get_mempolicy(int *mode, unsigned long *mask, unsigned long maxnode, void *address, unsigned flags)
{
    (void)address, (void)flags;
    if (mode != NULL)
        *mode = seen_mode;
    copy_as_the_kernel(mask, seen, maxnode);
    return 0;
}

static void every_node_arrives(void)
{
    for (unsigned node = 0; node < NP_NODE_MAX; node++) {
        struct memory_policy policy = {.mode = MPOL_BIND}, read = {0};
        np_nodeset allowed;
        np_nodeset_add(&policy.nodes, node, NULL);
        np_nodeset_add(&policy.nodes, NP_NODE_MAX - 1 - node, NULL);
        EXPECT_NUMBER(memory_set_policy(NULL, 0, &policy), 0);
        EXPECT(memcmp(seen, policy.nodes.words, sizeof policy.nodes.words) == 0);
        EXPECT_NUMBER(memory_get_policy(NULL, &read), 0);
        EXPECT(memory_policy_equal(&read, &policy));
        EXPECT_NUMBER(memory_allowed_nodes(&allowed), 0);
        EXPECT(np_nodeset_equal(&allowed, &policy.nodes));
    }
}

static void modes_and_flags(void)
{
    struct memory_policy policy = {.mode = MPOL_PREFERRED}, read = {0};
    EXPECT_NUMBER(memory_check_policy(NULL, 0, &policy), 0);
    EXPECT_NUMBER(seen_flags, MPOL_MF_STRICT);
    /* A preferred policy without nodes is how kernels before 5.14 say local. */
    EXPECT_NUMBER(memory_get_policy(NULL, &read), 0);
    EXPECT_NUMBER(read.mode, MPOL_LOCAL);
    EXPECT_NUMBER(memory_enforce_policy(NULL, 0, &policy), 0);
    EXPECT_NUMBER(seen_flags, MPOL_MF_STRICT | MPOL_MF_MOVE);
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"every node arrives", every_node_arrives},
        {"modes and flags", modes_and_flags},
    };
    return unit_main("memory", tests, sizeof tests / sizeof tests[0]);
}
