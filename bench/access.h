/* The access counter of an emulated machine, as the benchmarks use it: see access.c. */
#ifndef NUMAPROOF_BENCH_ACCESS_H
#define NUMAPROOF_BENCH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCESS_NODES_MAX 16

/* What a range of memory is to the code that is measured. The two are counted apart. */
enum access_family {
    ACCESS_DATA,   /* What it works on. */
    ACCESS_QUEUES, /* What its work is handed over in. */
    ACCESS_FAMILIES
};

/* How many ranges of each family can be watched at once. */
#define ACCESS_RANGES_MAX 8

struct access_range {
    const void *start;
    size_t bytes;
    enum access_family family;
};

/*
 * Find the counter; done once, kept until the process ends. False with @why filled on any machine but ours with --count.
 * Not thread-safe, as nothing here but access_arm() and access_disarm() on the measuring thread.
 */
bool access_find(char *why, size_t size);

/* How many nodes it tells apart. */
unsigned access_node_count(void);

/* Whether accesses cost what the machine declares (--delay). */
bool access_is_delayed(void);

/* Whether caches are modelled (--cache): without, every access costs the same. */
bool access_has_caches(void);

/* What it has counted in the watched memory since boot, from CPUs of one node to memory of another. */
uint64_t access_loads(enum access_family family, unsigned initiator, unsigned target);
uint64_t access_stores(enum access_family family, unsigned initiator, unsigned target);

/*
 * Count the accesses to [start, start + bytes), from here to access_disarm(). A store or three each; nothing at all where
 * there is no counter.
 */
void access_arm(const void *start, size_t bytes);
void access_disarm(void);

/* The same for several ranges. False, and nothing is armed, when there are more of a family than can be watched. */
bool access_arm_ranges(const struct access_range *ranges, size_t count);

#endif
