/*
 * The system calls behind memory_linux.h.
 *
 * libnuma's numaif.h gives mbind, get_mempolicy and move_pages as the kernel has them; nothing of its own state is used.
 */
#include "memory_linux.h"
#include "linux.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <numaif.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* One bit of maxnode is lost in the kernel; see the header. */
#define KERNEL_MAXNODE (NP_NODE_MAX + 1)

/* The wrappers take unsigned longs, a node set has 64-bit words: bits stand at the same places if these agree. */
static_assert(sizeof(unsigned long) == sizeof(uint64_t), "node sets go to the kernel as they are");

struct kernel_mask {
    unsigned long words[NP_NODE_MAX / 64];
};

static struct kernel_mask mask_of(const np_nodeset *nodes)
{
    struct kernel_mask mask;
    memcpy(mask.words, nodes->words, sizeof mask.words);
    return mask;
}

static np_nodeset nodes_of(const struct kernel_mask *mask)
{
    np_nodeset nodes;
    memcpy(nodes.words, mask->words, sizeof nodes.words);
    return nodes;
}

bool memory_policy_equal(const struct memory_policy *a, const struct memory_policy *b)
{
    return a->mode == b->mode && np_nodeset_equal(&a->nodes, &b->nodes);
}

size_t memory_page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

int memory_reserve(size_t bytes, void **address)
{
    void *reserved = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (reserved == MAP_FAILED)
        return errno;
    *address = reserved;
    return 0;
}

int memory_open(void *address, size_t bytes)
{
    return mprotect(address, bytes, PROT_READ | PROT_WRITE) == 0 ? 0 : errno;
}

int memory_unmap(void *address, size_t bytes)
{
    return munmap(address, bytes) == 0 ? 0 : errno;
}

int memory_refuse_huge(void *address, size_t bytes)
{
    return madvise(address, bytes, MADV_NOHUGEPAGE) == 0 ? 0 : errno;
}

static int apply(void *address, size_t bytes, const struct memory_policy *policy, unsigned flags)
{
    struct kernel_mask mask = mask_of(&policy->nodes);
    /* An empty set is given as no set: MPOL_LOCAL and MPOL_DEFAULT take no other. */
    const unsigned long *nodes = np_nodeset_count(&policy->nodes) > 0 ? mask.words : NULL;
    return mbind(address, bytes, policy->mode, nodes, nodes != NULL ? KERNEL_MAXNODE : 0, flags) == 0 ? 0 : errno;
}

int memory_set_policy(void *address, size_t bytes, const struct memory_policy *policy)
{
    return apply(address, bytes, policy, 0);
}

int memory_check_policy(void *address, size_t bytes, const struct memory_policy *policy)
{
    return apply(address, bytes, policy, MPOL_MF_STRICT);
}

int memory_enforce_policy(void *address, size_t bytes, const struct memory_policy *policy)
{
    return apply(address, bytes, policy, MPOL_MF_STRICT | MPOL_MF_MOVE);
}

int memory_get_policy(const void *address, struct memory_policy *policy)
{
    struct kernel_mask mask = {{0}};
    int mode = MPOL_DEFAULT;
    if (get_mempolicy(&mode, mask.words, KERNEL_MAXNODE, (void *)(uintptr_t)address, MPOL_F_ADDR) != 0)
        return errno;
    policy->mode = mode;
    policy->nodes = nodes_of(&mask);
    /* Before Linux 5.14 a local policy reads back as a preferred one without nodes. */
    if (mode == MPOL_PREFERRED && np_nodeset_count(&policy->nodes) == 0)
        policy->mode = MPOL_LOCAL;
    return 0;
}

/* The part of the range that one line of /proc/self/maps ("55d0-55e0 rw-p ...") covers, if any. */
static bool covered(const char *line, uintptr_t start, uintptr_t end, uintptr_t *from, uintptr_t *to)
{
    char *rest = NULL;
    const uintptr_t first = (uintptr_t)strtoull(line, &rest, 16);
    if (*rest != '-')
        return false;
    const uintptr_t past = (uintptr_t)strtoull(rest + 1, NULL, 16);
    *from = first > start ? first : start;
    *to = past < end ? past : end;
    return *from < *to;
}

int memory_range_policy(
    const void *address, size_t bytes, const struct memory_policy *expected, struct memory_policy *found)
{
    char *text = NULL;
    int error = linux_read_long_text(AT_FDCWD, "/proc/self/maps", &text);
    if (error != 0)
        return error;
    const uintptr_t end = (uintptr_t)address + bytes;
    uintptr_t reached = (uintptr_t)address;
    *found = *expected;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL && error == 0; line = strsep(&rest, "\n")) {
        uintptr_t from = 0, to = 0;
        if (!covered(line, reached, end, &from, &to))
            continue;
        if (from > reached)
            break;
        error = memory_get_policy((const void *)from, found);
        reached = to;
        if (error != 0 || !memory_policy_equal(found, expected))
            break;
    }
    free(text);
    if (error == 0 && reached < end && memory_policy_equal(found, expected))
        *found = (struct memory_policy){.mode = MPOL_DEFAULT};
    return error == EFAULT ? 0 : error;
}

int memory_current_node(unsigned *node)
{
    unsigned cpu = 0;
    return getcpu(&cpu, node) == 0 ? 0 : errno;
}

int memory_allowed_nodes(np_nodeset *nodes)
{
    struct kernel_mask mask = {{0}};
    if (get_mempolicy(NULL, mask.words, KERNEL_MAXNODE, NULL, MPOL_F_MEMS_ALLOWED) != 0)
        return errno;
    *nodes = nodes_of(&mask);
    return 0;
}

/* For kernels before 5.14, which do not know MADV_POPULATE_WRITE, and filters that forbid it. */
static void touch(volatile unsigned char *address, size_t bytes)
{
    size_t step = memory_page_bytes();
    for (size_t offset = 0; offset < bytes; offset += step)
        address[offset] = address[offset];
}

int memory_populate(void *address, size_t bytes)
{
    int result;
    do {
        result = madvise(address, bytes, MADV_POPULATE_WRITE);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    if (result == 0)
        return 0;
    if (errno != EINVAL && errno != EPERM && errno != ENOSYS)
        return errno;
    touch(address, bytes);
    return 0;
}

int memory_locate(const void *address, size_t stride, size_t count, int *nodes)
{
    assert(count <= MEMORY_LOCATE_MAX);
    void *pages[MEMORY_LOCATE_MAX];
    for (size_t i = 0; i < count; i++)
        pages[i] = (unsigned char *)(uintptr_t)address + i * stride;
    return move_pages(0, count, pages, NULL, nodes, 0) < 0 ? errno : 0;
}

int memory_all_present(const void *address, size_t bytes, bool *present)
{
    unsigned char pages[4096];
    size_t page = memory_page_bytes();
    unsigned char *start = (unsigned char *)(uintptr_t)address;
    for (size_t done = 0; done < bytes; done += sizeof pages * page) {
        size_t count = (bytes - done) / page < sizeof pages ? (bytes - done) / page : sizeof pages;
        if (mincore(start + done, count * page, pages) != 0)
            return errno;
        for (size_t i = 0; i < count; i++) {
            if ((pages[i] & 1) == 0) {
                *present = false;
                return 0;
            }
        }
    }
    *present = true;
    return 0;
}
