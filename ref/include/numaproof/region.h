/**
 * @file
 * Memory with a place: mapped, bound by a policy, and verified page by page where that was asked for.
 *
 * A region is a mapping of its own (MEM-1), with a memory policy on exactly its range; the calling thread's own policy
 * and affinity are never touched (MEM-12, MEM-13). Any thread may ask a region, and no other may use it while it is
 * released.
 *
 * The kernel does not refuse a page that it has not got: it kills a process. Creating a region is safe from that, in
 * either mode (LAW-8): a strict region is placed first under a policy that would rather go elsewhere, and is bound when
 * its pages are seen to be where they belong; a soft one stays under such a policy, so that a soft bind reads back from
 * the kernel as MPOL_PREFERRED_MANY and can be touched where a bound one would be fatal.
 *
 * What is prefaulted is proved. A strict region without prefault is a policy and a look at the room that there is as it
 * is made: whoever fills its nodes before it is touched makes the touch fatal, as the kernel's MPOL_BIND always is.
 *
 * Fork: the child has its own copy of a region, policy included, but not locked, which it may use, verify and release; a
 * shared file stays shared. Linux shares the pages until one of the two writes, and then copies the page under the
 * region's policy: a strict region takes its room once more, page by page, and on full nodes that is fatal to the writer.
 * Of explicit huge pages, where there is none left for the copy, it is the child that gets SIGBUS, whichever of the two
 * wrote (Linux 6.1). madvise(MADV_DONTFORK) on its range keeps a region out of children.
 */
#ifndef NUMAPROOF_REGION_H
#define NUMAPROOF_REGION_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** A mapping with a policy. */
typedef struct np_region np_region;

/** Where the pages shall lie. */
typedef enum np_policy_kind {
    NP_POLICY_LOCAL = 0,     /**< On the node of the thread that touches them first. */
    NP_POLICY_BIND = 1,      /**< On any of the nodes, and nowhere else. */
    NP_POLICY_PREFERRED = 2, /**< On the one node, while it has room. */
    NP_POLICY_INTERLEAVE = 3 /**< Spread evenly over the nodes. */
} np_policy_kind;

/** A policy and its nodes: none for local, exactly one for preferred, at least one for the others. 136 bytes, pinned. */
typedef struct np_policy {
    int32_t kind;     /**< An np_policy_kind. */
    int32_t reserved; /**< Always 0. */
    np_nodeset nodes; /**< As many as the kind wants. */
} np_policy;

/** When the pages are made present. */
typedef enum np_prefault {
    NP_PREFAULT_NONE = 0,  /**< By whoever touches them. */
    NP_PREFAULT_TOUCH = 1, /**< Before the call returns, by the calling thread. */
    /**
     * Before the call returns, by threads that run on the CPUs of the target nodes and end before it returns
     * (MEM-12). Where none can be made, or a node has no CPUs, the calling thread does it: pages lie where the policy
     * says, whoever touches them.
     */
    NP_PREFAULT_PARALLEL_TOUCH = 2
} np_prefault;

/** Which pages back the region. */
typedef enum np_huge_pages {
    NP_HUGE_PAGES_NONE = 0,           /**< As the system is set. */
    NP_HUGE_PAGES_TRANSPARENT_ON = 1, /**< Transparent huge pages asked for; the region is aligned for them. */
    /** Transparent huge pages refused. */
    NP_HUGE_PAGES_TRANSPARENT_OFF = 2,
    /**
     * Explicit 2 MiB pages, whatever the machine's default is (MEM-11). Strict: all of them, on the nodes, or
     * refused; without prefault only where all nodes with memory are allowed, since the kernel reserves from all
     * pools together and a touch of an empty one is SIGBUS. Soft falls back to ordinary pages.
     */
    NP_HUGE_PAGES_2MIB = 3,
    NP_HUGE_PAGES_1GIB = 4 /**< Explicit 1 GiB pages, in the same way. */
} np_huge_pages;

/** Whether what is written to a region of a file reaches the file. */
typedef enum np_sharing {
    NP_FILE_PRIVATE = 0, /**< No: each page is copied when it is first written. */
    NP_FILE_SHARED = 1   /**< Yes, and what others write to the file is seen. */
} np_sharing;

/** How a region is made. All zero is the default: soft, local, no prefault. 160 bytes, pinned. */
typedef struct np_region_options {
    np_policy policy;   /**< Where the pages shall lie. */
    int32_t mode;       /**< An np_mode. */
    int32_t prefault;   /**< An np_prefault. */
    int32_t huge_pages; /**< An np_huge_pages. */
    int32_t lock;       /**< 1 to lock each page in memory from when it is present on (MEM-14), else 0. */
    uint64_t reserved;  /**< Always 0. */
} np_region_options;

/** Where the pages of a region are now. */
typedef struct np_placement {
    uint64_t page_bytes;           /**< The unit of the counts below. */
    uint64_t pages;                /**< All pages of the region. */
    uint64_t absent;               /**< Those that are not present: never touched, or swapped out. */
    uint64_t outside;              /**< Present on a node that the policy does not allow. */
    uint64_t on_node[NP_NODE_MAX]; /**< Present, by node. */
} np_placement;

/** The defaults: soft, local, no prefault, ordinary pages, not locked (LAW-7). NULL does nothing. */
void np_region_options_init(np_region_options *options);

/**
 * Map @p bytes (rounded up to whole pages), zeroed, readable and writable (MEM-1), placed as @p options says. Neither
 * the caller's policy nor its affinity changes, whoever touches the pages (MEM-12, MEM-13).
 *
 * Strict promises, by policy: bind, with prefault every page lies in the mask (MEM-2), without it the kernel's policy
 * reads back as bind to exactly the mask (MEM-3); interleave, with prefault, shares differ by one allocation unit at
 * most (MEM-9), a page, or 2 MiB where transparent huge pages were asked for; preferred and local, with prefault,
 * every page on that node (MEM-10). It is kept (LAW-1), or refused with nothing left behind (LAW-2, LAW-8), each refusal
 * with its own reason (LAW-5): a node that is absent, offline, without memory
 * or outside the cpuset (MEM-4); no room, with the bytes asked and free (MEM-5); CAP_SYS_ADMIN missing, or balancing
 * on (MEM-6); a forbidden system call (MEM-7); preferred, local or interleave without prefault, and local from a
 * thread whose affinity spans nodes (MEM-10); too few huge pages (MEM-11); no right to lock (MEM-14).
 *
 * Soft in the same cases gives a usable region (LAW-3) and tells the truth in its enforcement (MEM-8): which nodes were
 * left out and why, what else was not to be had, and, prefaulted, how many pages lie elsewhere. With no policy at all,
 * as where mbind is forbidden, the level is none.
 *
 * NP_INVALID_ARGUMENT: NULL, no bytes, an unknown enum value, a node set that does not fit the policy, a reserved
 * field that is not 0 (LAW-6). NP_ALLOCATION, in either mode: more than the address space, the nodes of the cpuset or the
 * memory cgroup can give without swapping (MEM-16). @p options NULL means the defaults. The caller owns *@p region
 * and releases it. Any thread. Source: mbind(2), mmap(2).
 */
np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error);

/** np_region_create with @p policy and otherwise the defaults: soft (LAW-7). */
np_status np_region_allocate(size_t bytes, const np_policy *policy, np_region **region, np_error *error);

/**
 * Map @p bytes of a file from @p offset on, readable and writable, placed as @p options says (MEM-17):
 * np_region_create with the file's content in place of zeros. @p file is a regular file's descriptor, opened for
 * reading, and for writing too where @p sharing is shared; the caller keeps it, and may close it at once.
 *
 * The clauses hold for the pages that the call makes present. Private, prefault copies every page, and the copies
 * obey the policy as anonymous memory does. Shared, it reads every page: those of tmpfs and of a memfd obey the
 * policy, which becomes the file's own, in all processes, and stays when the region is released; those of the page
 * cache lie where their first reader put them, are moved to the nodes where no other process maps them, and otherwise
 * refused by strict. Strict bind without prefault is refused but for shared tmpfs without pages, since the kernel
 * would not keep it. On a hugetlbfs the pages are of its size.
 *
 * As np_region_create, and NP_INVALID_ARGUMENT for a descriptor that will not do, an offset that is not a multiple of
 * the page size, a range that does not lie within the file, or an unknown @p sharing. Any thread. Source: mbind(2).
 */
np_status np_region_map_file(int file, np_sharing sharing, uint64_t offset, size_t bytes,
    const np_region_options *options, np_region **region, np_error *error);

/** Unmap and end. NULL does nothing (MEM-1). No other thread may be using it. */
void np_region_release(np_region *region);

/** Its first byte. NULL for NULL. */
void *np_region_address(const np_region *region);

/** How many bytes may be used: what was asked for. 0 for NULL. */
size_t np_region_bytes(const np_region *region);

/** What the region got when it was made (LAW-4). NP_INVALID_ARGUMENT for NULL. */
np_status np_region_enforcement(const np_region *region, np_enforcement *enforcement, np_error *error);

/**
 * Look again (MEM-15, LAW-9): count the pages of @p region by node into @p placement, and say in @p present what the
 * level is now, with the reason where it is below strict. Either may be NULL, not both. Faults no page in.
 *
 * A strict region whose pages were moved, whose policy was changed on any part of the range, which was unlocked, or
 * under which balancing was switched on, is no longer strict, and is again once that is mended. A soft region never
 * is. Pages that were only read, and are the kernel's shared page of zeros, count as absent.
 *
 * Without @p placement a strict region that is well costs a walk of its page tables in the kernel, tens of
 * nanoseconds a page; counting costs some hundreds. Any thread, several at once too. NP_INVALID_ARGUMENT for NULL,
 * NP_SYSTEM where the kernel will not say. Source: move_pages(2) in query form, mbind(2) with MPOL_MF_STRICT,
 * get_mempolicy(2).
 */
np_status np_region_verify(const np_region *region, np_placement *placement, np_enforcement *present, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
