/*
 * The state of the process that LAW-2 protects, taken as a whole so that before and after can be compared.
 *
 * Affinity of all threads, the calling thread's memory policy, mappings with their protection and policy, threads,
 * descriptors, locked memory. The heap and the stacks of the C library are left out: any call may grow them.
 */
#ifndef NUMAPROOF_SUITE_SNAPSHOT_H
#define NUMAPROOF_SUITE_SNAPSHOT_H

#include "oracle.h"

#define SNAPSHOT_THREADS     128
#define SNAPSHOT_MAPPINGS    2048
#define SNAPSHOT_DESCRIPTORS 256

struct snapshot_thread {
    pid_t id;
    struct ids affinity;
};

struct snapshot_mapping {
    uintptr_t start, end;
    char protection[8];
    char policy[128];
    char name[96];
};

struct snapshot_descriptor {
    int number;
    char target[124];
};

/* Some 400 KiB, and meant to be static: a snapshot that allocated memory would see itself in the next one. */
struct snapshot {
    size_t thread_count, mapping_count, descriptor_count;
    struct oracle_policy policy;
    uint64_t locked_bytes;
    struct snapshot_thread threads[SNAPSHOT_THREADS];
    struct snapshot_mapping mappings[SNAPSHOT_MAPPINGS];
    struct snapshot_descriptor descriptors[SNAPSHOT_DESCRIPTORS];
};

/* Without @mappings those are left out: they are most of the work. */
void snapshot_take(struct snapshot *snapshot, bool mappings);

/*
 * Whether they differ; the first difference goes to @what in words. Mappings are compared only where @mappings asks: the
 * C library keeps the stacks of threads that ended, and arenas, from the first call that needs them on.
 */
bool snapshot_differs(
    const struct snapshot *before, const struct snapshot *after, bool mappings, char *what, size_t size);

#endif
