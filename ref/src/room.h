/*
 * How much memory there is to be had, before any of it is taken.
 *
 * Linux does not refuse a page that it has not got: it kills somebody. So whoever makes many pages present asks here
 * first, for the nodes that the process may use and for every memory cgroup that it is in (MEM-16, LAW-8). What counts is
 * what the kernel gives without swapping: free pages above the watermarks, and page cache that can be dropped.
 */
#ifndef NUMAPROOF_ROOM_H
#define NUMAPROOF_ROOM_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <stdbool.h>
#include <stdint.h>

/* Bytes on some nodes. */
struct room {
    uint64_t free_bytes; /* Free. Some of it the kernel keeps for itself. */
    uint64_t
        available_bytes; /* What a process can take: free above the watermarks, and page cache that can be dropped. */
};

/* Add up the room on @nodes. An errno where the kernel will not say. */
int room_on_nodes(const np_nodeset *nodes, struct room *room);

/* The same from the text of a /proc/zoneinfo, which is taken apart. */
struct room room_in_zones(char *zoneinfo, const np_nodeset *nodes);

/* The tightest of the memory cgroups that the process is in. */
struct cgroup_room {
    bool limited; /* Whether any of them has a limit that could be read. */
    uint64_t limit_bytes;
    uint64_t used_bytes;
    uint64_t available_bytes; /* The limit less what is used, page cache that can be dropped not counted as used. */
    char name[128];           /* Its path as the process sees it, cut where it is long. */
};
struct cgroup_room room_in_cgroup(void);

/* The same from the text of a /proc/self/cgroup, which is taken apart, with the hierarchies mounted below @mounts. */
struct cgroup_room room_in_cgroup_at(const char *mounts, char *self);

/*
 * Whether @bytes more can be made present without anybody being killed for it. NP_ALLOCATION, with @asked and what
 * there is, where not. Cheap where there is plenty.
 */
np_status room_for(uint64_t bytes, uint64_t asked, np_error *error);

#endif
