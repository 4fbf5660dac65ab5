/*
 * A region from the inside, and the steps that make one.
 *
 * region.c owns the life of a region and the public functions; region_request.c and region_file.c read what the caller
 * asked for; region_strict.c and region_soft.c place it in the two modes; region_touch.c makes pages present.
 * region_memory.c knows whether there is memory at all, region_room.c whether there is room on the nodes, region_nodes.c
 * why a node cannot be used, region_huge.c and region_lock.c what becomes of huge and of locked pages; region_verify.c
 * looks where the pages are. None of them knows the others' inside.
 */
#ifndef NUMAPROOF_REGION_INTERNAL_H
#define NUMAPROOF_REGION_INTERNAL_H

#include "memory_linux.h"
#include "text.h"
#include <numaproof/region.h>

/* What the kernel calls transparent huge pages on x86-64 and, with pages of 4 KiB, on arm64. */
#define TRANSPARENT_HUGE_BYTES ((size_t)2 << 20)

/* The operation that every error of a region names. */
#define REGION_OPERATION "region"

/* What a region of a file maps. */
struct region_file {
    int descriptor; /* The caller's; -1 for anonymous memory. */
    bool shared;
    bool
        in_memory; /* A file of tmpfs or hugetlbfs, whose pages obey the policy of the range wherever they come from. */
    size_t huge_bytes; /* The page size of a hugetlbfs, 0 for all other files. */
    uint64_t offset;
};

struct np_region {
    unsigned char *address; /* NULL until it is mapped. */
    size_t bytes;           /* As asked for. */
    size_t mapped_bytes;    /* The same in whole pages. */
    size_t page_bytes;      /* Of the pages that back it. */
    size_t unit_bytes;      /* What interleaving hands out at a time: a page, or a transparent huge page. */
    struct region_file file;
    np_region_options options; /* As asked for. */

    np_nodeset home; /* Where its pages belong: the nodes asked for; for local, the node of its maker. */
    struct memory_standing standing; /* What was left on the range; the policy MPOL_DEFAULT where none was. */
    struct memory_policy former;     /* What stood on a shared file before, to be put back if it all fails. */
    int policy_errno;                /* Why no policy stands, in soft mode; 0 where one does. */
    char lacks[200];                 /* What else a soft region does not get: facts in words, each ended by "; ". */
    struct text lacking;             /* The same, to add to. */
    np_enforcement enforcement;      /* What it got when it was made. */
};

/* Check what was asked (LAW-6, MEM-16's sizes) and write it to @region, which is all zero. Changes nothing else. */
np_status region_request(np_region *region, size_t bytes, const np_region_options *options, np_error *error);

/* Make what was read of the request: place it, or undo it. The last step of every public function that makes a region. */
np_status region_make(np_region *made, np_region **region, np_error *error);

/* Map and place in one mode or the other; region_make() undoes what they did when they fail. */
np_status region_place_strictly(np_region *region, np_error *error);
np_status region_place_softly(np_region *region, np_error *error);

/* The halves of mapping: the policy is set between them (memory_linux.h says why). 0 or an errno. */
int region_reserve(np_region *region);
int region_open(np_region *region);
np_status region_fail_mapping(const np_region *region, int problem, np_error *error);
void region_unmap(np_region *region);

/*
 * Explicit huge pages (MEM-11): whether they were asked for, or come with the file; the error where there are not as
 * many. In soft mode anonymous memory can do with ordinary pages.
 */
size_t region_huge_bytes(int32_t huge_pages);
bool region_is_huge(const np_region *region);
np_status region_fail_huge(const np_region *region, int problem, np_error *error);
void region_use_ordinary_pages(np_region *region);

/* Lock it where that was asked for (MEM-14): strict refuses what it cannot lock, soft notes it. */
np_status region_lock(np_region *region, np_error *error);

/* Whether its pages are the page cache's own, which no policy of a range places. */
bool region_is_in_page_cache(const np_region *region);

/* Set the length in whole pages of @page_bytes. False where an address cannot count it. */
bool region_set_pages(np_region *region, size_t page_bytes);

/* Whether a strict bind can promise anything of pages that are not there yet; the file's own reasons (MEM-17, MEM-11). */
np_status region_refuse_untouched(const np_region *region, np_error *error);

/* How many bytes making it present would take that are not in memory yet; known of a shared file once it is mapped. */
size_t region_bytes_to_come(const np_region *region, size_t offset);

/* Whether that is memory that there is to be had at all (MEM-16). */
np_status region_require_memory(const np_region *region, size_t offset, np_error *error);

/*
 * The same, as far as only the mapping tells: how much of a shared file is in memory, and whether the kernel locks all
 * that is mapped (mlockall), and will make it present when it is opened.
 */
np_status region_require_of_mapping(const np_region *region, np_error *error);

/* Whether pages are made present at all, and doing it: by the calling thread, or by threads on the home nodes (MEM-12). */
bool region_prefaults(const np_region *region);
np_status region_prefault(np_region *region, np_error *error);

/*
 * Whether making it present would be fatal by the calling thread's own policy, which holds where no policy of the range
 * does: for the page cache, and where none stands. A thread that is bound to full nodes is killed for its next page.
 */
bool region_is_endangered(const np_region *region, struct memory_policy *own);

/*
 * The policy that fills @nodes first and goes elsewhere rather than die: what a soft bind is, and what a strict one is
 * placed under until it is sealed. The standing policy is what the kernel took of it.
 */
int region_prefer(np_region *region, const np_nodeset *nodes);

/* Why @nodes cannot be used, each with its own cause (MEM-4), @allowed being those that this process may use. */
struct region_text {
    char text[256];
};
struct region_text region_explain_nodes(const np_nodeset *nodes, const np_nodeset *allowed);

/* "node 1" or "nodes 0-1". */
struct region_text region_name_nodes(const np_nodeset *nodes);

/* How many pages what was asked for takes. */
size_t region_pages(const np_region *region);

/*
 * Count the pages by node. An errno where the kernel will not say. Those that the kernel is just moving are waited for,
 * and not counted as absent.
 */
int region_count(const np_region *region, np_placement *placement);

/* Whether the home nodes' shares differ by at most one unit (MEM-9). */
bool region_shares_are_even(const np_region *region, const np_placement *placement);

/*
 * The level of a soft region and the truth about it: which policy @found stands, what could not be had, and, where
 * @placement is not NULL, how many pages lie elsewhere (MEM-8).
 */
void region_describe_soft(const np_region *region, const struct memory_policy *found, const np_placement *placement,
    np_enforcement *enforcement);

/* Where the pages that @placement counts outside lie: "node 0: 12, node 2: 4". */
struct region_text region_name_strays(const np_region *region, const np_placement *placement);

/*
 * Whether the home nodes have room now. With prefault this only spares the work of finding out by placing. Without it
 * it is all there is: a bound region that does not fit gets its owner killed when it is touched, so that the room must
 * be what the kernel would really give.
 */
np_status region_require_room(const np_region *region, np_error *error);

/*
 * Refusals: pages that went elsewhere, shares that are not even, a system call that failed with @problem. The first two
 * may unmap the region, so as to tell what is free without it.
 */
np_status region_refuse_strays(np_region *region, np_error *error);
np_status region_refuse_uneven(np_region *region, np_error *error);
np_status region_refuse_call(const char *call, int problem, np_error *error);

/* Whether @system_errno means that a call is forbidden, as by a seccomp filter. */
bool region_is_forbidden(int system_errno);

#endif
