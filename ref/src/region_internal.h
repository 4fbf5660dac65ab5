/*
 * A region from the inside, and the steps that make one.
 *
 * region.c owns the life of a region and the public functions; region_request.c reads what the caller asked for;
 * region_strict.c and region_soft.c place it in the two modes; region_touch.c makes pages present; region_nodes.c knows
 * why a node cannot be used, and region_room.c whether there is room on it; region_verify.c looks where the pages are.
 * None of them knows the others' inside.
 */
#ifndef NUMAPROOF_REGION_INTERNAL_H
#define NUMAPROOF_REGION_INTERNAL_H

#include "memory_linux.h"
#include <numaproof/region.h>

/* The operation that every error of a region names. */
#define REGION_OPERATION "region"

struct np_region {
    unsigned char *address; /* NULL until it is mapped. */
    size_t bytes;           /* As asked for. */
    size_t mapped_bytes;    /* The same in whole pages. */
    size_t page_bytes;
    size_t unit_bytes;         /* What interleaving hands out at a time: a page, or a transparent huge page. */
    np_region_options options; /* As asked for. */

    np_nodeset home;               /* Where its pages belong: the nodes asked for; for local, the node of its maker. */
    struct memory_policy standing; /* The kernel's policy that was left on the range, MPOL_DEFAULT where none was. */
    int policy_errno;              /* Why none was, in soft mode; 0 where one was. */
    np_enforcement enforcement;    /* What it got when it was made. */
};

/* Check what was asked (LAW-6, MEM-16's sizes) and write it to @region, which is all zero. Changes nothing else. */
np_status region_request(np_region *region, size_t bytes, const np_region_options *options, np_error *error);

/* Map and place in one mode or the other; region.c unmaps what is mapped when they fail. */
np_status region_place_strictly(np_region *region, np_error *error);
np_status region_place_softly(np_region *region, np_error *error);

/* The two halves of mapping: the policy is set between them (memory_linux.h says why). */
np_status region_reserve(np_region *region, np_error *error);
np_status region_open(np_region *region, np_error *error);

/* Whether pages are made present at all, and doing it: by the calling thread, or by threads on the home nodes (MEM-12). */
bool region_prefaults(const np_region *region);
np_status region_prefault(np_region *region, np_error *error);

/*
 * The policy that fills @nodes first and goes elsewhere rather than die: what a soft bind is, and what a strict one is
 * placed under until it is sealed. Leaves the policy that the kernel took in @policy.
 */
int region_prefer(np_region *region, const np_nodeset *nodes, struct memory_policy *policy);

/* Why @nodes cannot be used, each with its own cause (MEM-4), @allowed being those that this process may use. */
struct region_text {
    char text[256];
};
struct region_text region_explain_nodes(const np_nodeset *nodes, const np_nodeset *allowed);

/* "node 1" or "nodes 0-1". */
struct region_text region_name_nodes(const np_nodeset *nodes);

/* Count the pages by node. An errno where the kernel will not say. */
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

/* Refusals: pages that went elsewhere, shares that are not even, a system call that failed with @problem. */
np_status region_refuse_strays(const np_region *region, np_error *error);
np_status region_refuse_uneven(const np_region *region, np_error *error);
np_status region_refuse_call(const char *call, int problem, np_error *error);

/* Whether @system_errno means that a call is forbidden, as by a seccomp filter. */
bool region_is_forbidden(int system_errno);

#endif
