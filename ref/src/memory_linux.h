/*
 * Everything that the library asks of Linux about memory and where it lies: mapping, policy, population, placement.
 *
 * As in linux.h each function does one thing, decides nothing, and returns 0 or an errno. Ranges start and end on page
 * boundaries. Node sets go to the kernel whole, up to node NP_NODE_MAX - 1 (SET-5): the kernel reads one bit less than
 * the maxnode that it is given (get_nodes() in mm/mempolicy.c begins with --maxnode), so that libnuma's wrappers, which
 * pass the number on, are given one more. A set whose highest node is past the kernel's own MAX_NUMNODES is EINVAL.
 */
#ifndef NUMAPROOF_MEMORY_LINUX_H
#define NUMAPROOF_MEMORY_LINUX_H

#include <numaproof/set.h>
#include <stdbool.h>
#include <stddef.h>

/* A policy as the kernel knows it. */
struct memory_policy {
    int mode;         /* MPOL_DEFAULT where none stands. */
    np_nodeset nodes; /* Empty for MPOL_DEFAULT and MPOL_LOCAL. */
};

bool memory_policy_equal(const struct memory_policy *a, const struct memory_policy *b);

size_t memory_page_bytes(void);

/*
 * Reserve private, anonymous address space that nobody can touch yet. In a process that called mlockall(MCL_FUTURE)
 * the kernel populates a mapping in mmap() itself, before any policy can be set: pages of a mapping without access
 * rights cannot be populated, so that the policy comes first and memory_open() second. EAGAIN: RLIMIT_MEMLOCK, there.
 */
int memory_reserve(size_t bytes, void **address);
int memory_open(void *address, size_t bytes);
int memory_unmap(void *address, size_t bytes);

/* Never back the range with transparent huge pages. EINVAL where the kernel has none. */
int memory_refuse_huge(void *address, size_t bytes);

/*
 * Set the policy of the range; pages that are there stay where they are. EINVAL: no node of it may be used (the kernel
 * drops those that are absent, without memory or outside the cpuset, and fails only where none is left), or the mode is
 * not known (MPOL_PREFERRED_MANY: Linux 5.15).
 */
int memory_set_policy(void *address, size_t bytes, const struct memory_policy *policy);

/*
 * The same, and EIO if a page of the range lies outside the nodes: found in the kernel's walk of the page tables, which
 * costs tens of nanoseconds a page, and stops at the first. Pages that are not present are not looked at. Whether the
 * policy was set when it fails depends on the kernel (before 6.7 not, after it yes).
 */
int memory_check_policy(void *address, size_t bytes, const struct memory_policy *policy);

/*
 * The same, with the pages outside moved in first. The kernel allocates their new places with __GFP_RETRY_MAYFAIL: it
 * drops page cache to make room, and gives up where there is none, but never calls the out-of-memory killer. EIO: some
 * could not be moved.
 */
int memory_enforce_policy(void *address, size_t bytes, const struct memory_policy *policy);

/* The policy of the mapping that has @address, MPOL_DEFAULT where it has none of its own. Faults nothing in. */
int memory_get_policy(const void *address, struct memory_policy *policy);

/*
 * Whether @expected stands on every page of the range: *@found is @expected then, else the first other policy, and
 * MPOL_DEFAULT for a part that is not even mapped. The kernel splits a mapping where its policy changes, so that asking
 * once in each mapping is asking for all of it.
 */
int memory_range_policy(
    const void *address, size_t bytes, const struct memory_policy *expected, struct memory_policy *found);

/* The node of the CPU that the calling thread runs on now. */
int memory_current_node(unsigned *node);

/* The nodes that have memory and that the calling thread's cpuset allows. */
int memory_allowed_nodes(np_nodeset *nodes);

/*
 * Make every page of the range present and writable, leaving what is in it. The kernel says ENOMEM or EFAULT where a
 * touch would have been SIGBUS; a range whose policy forbids all nodes that have room gets the process killed all the
 * same (MADV_POPULATE_WRITE, as a touch does): no caller populates under MPOL_BIND.
 */
int memory_populate(void *address, size_t bytes);

/*
 * Where @count pages lie, @stride bytes apart from @address on: a node, or the negative errno that the kernel gives for a
 * page that is not there (ENOENT never touched or swapped out, EFAULT only read so far, and so the shared zero page).
 * Faults nothing in. No more than MEMORY_LOCATE_MAX at a time.
 */
#define MEMORY_LOCATE_MAX 512
int memory_locate(const void *address, size_t stride, size_t count, int *nodes);

/* Whether every page of the range is present, or at least in the swap cache. Faults nothing in. */
int memory_all_present(const void *address, size_t bytes, bool *present);

#endif
