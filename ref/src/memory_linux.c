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

/* Give back what lies before and after the aligned part of a reservation that was made larger by @alignment. */
static void *trim(unsigned char *reserved, size_t bytes, size_t alignment)
{
    const size_t before = (alignment - (uintptr_t)reserved % alignment) % alignment;
    if (before > 0)
        munmap(reserved, before);
    if (before < alignment)
        munmap(reserved + before + bytes, alignment - before);
    return reserved + before;
}

int memory_reserve(const struct memory_mapping *mapping, void **address)
{
    const bool anonymous = mapping->file < 0;
    int flags = (mapping->shared ? MAP_SHARED : MAP_PRIVATE) | (anonymous ? MAP_ANONYMOUS : 0);
    if (mapping->huge_bytes > 0)
        flags |= MAP_HUGETLB | __builtin_ctzll(mapping->huge_bytes) << MAP_HUGE_SHIFT;
    void *reserved =
        mmap(NULL, mapping->bytes + mapping->alignment, PROT_NONE, flags, mapping->file, (off_t)mapping->offset);
    if (reserved == MAP_FAILED)
        return errno;
    *address = mapping->alignment > 0 ? trim(reserved, mapping->bytes, mapping->alignment) : reserved;
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

int memory_advise_huge(void *address, size_t bytes, bool huge)
{
    return madvise(address, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) == 0 ? 0 : errno;
}

int memory_lock(void *address, size_t bytes)
{
    return mlock2(address, bytes, MLOCK_ONFAULT) == 0 ? 0 : errno;
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

static int get_policy(const void *address, unsigned flags, struct memory_policy *policy)
{
    struct kernel_mask mask = {{0}};
    int mode = MPOL_DEFAULT;
    if (get_mempolicy(&mode, mask.words, KERNEL_MAXNODE, (void *)(uintptr_t)address, flags) != 0)
        return errno;
    policy->mode = mode;
    policy->nodes = nodes_of(&mask);
    /* Before Linux 5.14 a local policy reads back as a preferred one without nodes. */
    if (mode == MPOL_PREFERRED && np_nodeset_count(&policy->nodes) == 0)
        policy->mode = MPOL_LOCAL;
    return 0;
}

int memory_get_policy(const void *address, struct memory_policy *policy)
{
    return get_policy(address, MPOL_F_ADDR, policy);
}

int memory_get_thread_policy(struct memory_policy *policy)
{
    return get_policy(NULL, 0, policy);
}

/*
 * A locked mapping is one that msync() will not invalidate (EBUSY); for any other it does nothing, as long as it is not
 * also asked to write (MS_SYNC). The only other way to learn it is smaps, which walks all page tables of the process.
 */
bool memory_is_locked(const void *address)
{
    const uintptr_t page = (uintptr_t)address & ~(uintptr_t)(memory_page_bytes() - 1);
    return msync((void *)page, 1, MS_INVALIDATE) != 0 && errno == EBUSY;
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

/* Look at the mapping that has @from; false where it is not as expected, and the search over. */
static bool look_at_one(
    uintptr_t from, const struct memory_standing *expected, struct memory_standing *found, int *error)
{
    *error = memory_get_policy((const void *)from, &found->policy);
    if (expected->locked && !memory_is_locked((const void *)from))
        found->locked = false;
    return *error == 0 && memory_policy_equal(&found->policy, &expected->policy);
}

int memory_look(
    const void *address, size_t bytes, const struct memory_standing *expected, struct memory_standing *found)
{
    char *text = NULL;
    int error = linux_read_long_text(AT_FDCWD, "/proc/self/maps", &text);
    if (error != 0)
        return error;
    const uintptr_t end = (uintptr_t)address + bytes;
    uintptr_t reached = (uintptr_t)address;
    bool as_expected = true;
    *found = *expected;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL && as_expected; line = strsep(&rest, "\n")) {
        uintptr_t from = 0, to = 0;
        if (!covered(line, reached, end, &from, &to))
            continue;
        if (from > reached)
            break;
        as_expected = look_at_one(from, expected, found, &error);
        reached = to;
    }
    free(text);
    if (error == EFAULT || (as_expected && reached < end))
        *found = (struct memory_standing){.policy = {.mode = MPOL_DEFAULT}};
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

/*
 * The way to populate without MADV_POPULATE_WRITE: have the kernel write zeros where zeros are. It takes the page faults
 * itself then, and what would be SIGBUS in a touch is EFAULT in a read.
 */
static int read_zeros(unsigned char *address, size_t bytes)
{
    const int zeros = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    if (zeros < 0)
        return errno;
    int error = 0;
    for (size_t done = 0; done < bytes && error == 0;) {
        const ssize_t got = read(zeros, address + done, bytes - done);
        if (got > 0)
            done += (size_t)got;
        else if (got == 0 || errno != EINTR)
            error = got == 0 ? EIO : errno;
    }
    close(zeros);
    return error;
}

int memory_populate(void *address, size_t bytes, enum memory_access access, bool fresh)
{
    const int advice = access == MEMORY_WRITABLE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
    int result;
    do {
        result = madvise(address, bytes, advice);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    if (result == 0)
        return 0;
    const int error = errno;
    const bool unknown = error == EINVAL || error == EPERM || error == ENOSYS;
    return unknown && fresh ? read_zeros(address, bytes) : error;
}

int memory_locate(const void *address, size_t stride, size_t count, int *nodes)
{
    assert(count <= MEMORY_LOCATE_MAX);
    void *pages[MEMORY_LOCATE_MAX];
    for (size_t i = 0; i < count; i++)
        pages[i] = (unsigned char *)(uintptr_t)address + i * stride;
    return move_pages(0, count, pages, NULL, nodes, 0) < 0 ? errno : 0;
}

int memory_resident(const void *address, size_t bytes, size_t *resident)
{
    unsigned char pages[4096];
    const size_t page = memory_page_bytes();
    unsigned char *start = (unsigned char *)(uintptr_t)address;
    size_t sum = 0;
    for (size_t done = 0; done < bytes; done += sizeof pages * page) {
        const size_t count = (bytes - done) / page < sizeof pages ? (bytes - done) / page : sizeof pages;
        if (mincore(start + done, count * page, pages) != 0)
            return errno;
        for (size_t i = 0; i < count; i++)
            sum += (pages[i] & 1) * page;
    }
    *resident = sum;
    return 0;
}
