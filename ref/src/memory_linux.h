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

/* What is to be mapped. */
struct memory_mapping {
    size_t bytes;
    size_t huge_bytes; /* The size of explicit huge pages; 0 for ordinary pages, and for a file. */
    size_t alignment;  /* Of the address, a power of two; 0 for what the kernel gives. */
    int file;          /* -1 for anonymous memory. */
    bool shared;       /* Whether what is written reaches the file. */
    uint64_t offset;   /* Into the file. */
};

/*
 * Reserve address space that nobody can touch yet. In a process that called mlockall(MCL_FUTURE) the kernel populates a
 * mapping in mmap() itself, before any policy can be set: pages of a mapping without access rights cannot be populated,
 * so that the policy comes first and memory_open() second. EAGAIN: RLIMIT_MEMLOCK, there. ENOMEM: no address space,
 * or not as many explicit huge pages; those are reserved here, on the whole machine and not by node.
 */
int memory_reserve(const struct memory_mapping *mapping, void **address);
int memory_open(void *address, size_t bytes);
int memory_unmap(void *address, size_t bytes);

/* Back the range with transparent huge pages where possible, or never. EINVAL where the kernel has none. */
int memory_advise_huge(void *address, size_t bytes, bool huge);

/*
 * Keep pages in memory from when they are made present on (MLOCK_ONFAULT): mlock() itself would make them present.
 * EPERM, ENOMEM: beyond RLIMIT_MEMLOCK, without CAP_IPC_LOCK.
 */
int memory_lock(void *address, size_t bytes);

/*
 * Set the policy of the range; pages that are there stay where they are. EINVAL: no node of it may be used (the kernel
 * drops those that are absent, without memory or outside the cpuset, and fails only where none is left), or the mode is
 * not known (MPOL_PREFERRED_MANY: Linux 5.15).
 */
int memory_set_policy(void *address, size_t bytes, const struct memory_policy *policy);

/*
 * The same, and EIO if a page of the range lies outside the nodes: found in the kernel's walk of the page tables, which
 * costs tens of nanoseconds a page, and stops at the first. Pages that are not present are not looked at, but EIO is said
 * of one that is just being moved too, wherever it lies (since Linux 6.7; before, only of a transparent huge page).
 * Whether the policy was set when it fails depends on the kernel (before 6.7 not, after it yes).
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

/* The calling thread's own policy, under which it allocates where a range has none. */
int memory_get_thread_policy(struct memory_policy *policy);

/* Whether the mapping that has @address is locked, by whoever and however. */
bool memory_is_locked(const void *address);

/* What stands on a range: one policy and one lock on all of it, or what is found first that is not as expected. */
struct memory_standing {
    struct memory_policy policy;
    bool locked;
};

/*
 * What stands on all of the range: *@found is @expected, except for the first other policy that stands on a part of it,
 * MPOL_DEFAULT for a part that is not even mapped, and for @locked where a part is not. The kernel splits a mapping where
 * its policy or its lock changes, so that asking once in each mapping is asking for all of it.
 */
int memory_look(
    const void *address, size_t bytes, const struct memory_standing *expected, struct memory_standing *found);

/* The node of the CPU that the calling thread runs on now. */
int memory_current_node(unsigned *node);

/* The nodes that have memory and that the calling thread's cpuset allows. */
int memory_allowed_nodes(np_nodeset *nodes);

/*
 * Make every page of the range present: writable, or only readable, which does not make a file's pages dirty. The
 * kernel says ENOMEM or EFAULT where a touch would have been SIGBUS; a range whose policy forbids all nodes that have
 * room gets the process killed all the same (MADV_POPULATE_WRITE, as a touch does): no caller populates under MPOL_BIND.
 * Linux 5.14; before it, or where it is forbidden, only @fresh memory, all zero and unknown to others, can be populated.
 */
enum memory_access { MEMORY_READABLE, MEMORY_WRITABLE };
int memory_populate(void *address, size_t bytes, enum memory_access access, bool fresh);

/*
 * Where @count pages lie, @stride bytes apart from @address on: a node, or the negative errno that the kernel gives for a
 * page that is not there (ENOENT never touched, swapped out, or being moved at this moment by whoever; EFAULT only read so
 * far, and so the shared zero page). Faults nothing in. No more than MEMORY_LOCATE_MAX at a time.
 */
#define MEMORY_LOCATE_MAX 512
int memory_locate(const void *address, size_t stride, size_t count, int *nodes);

/*
 * How many bytes of the range are in memory: for a file in the page cache, whoever put them there; for other memory in
 * this process's page tables or the swap cache. Those of a page that is being moved are. Faults nothing in.
 */
int memory_resident(const void *address, size_t bytes, size_t *resident);

#endif
