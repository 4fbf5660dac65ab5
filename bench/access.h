/* The access counter of an emulated machine, as the benchmarks use it: see access.c. */
#ifndef NUMAPROOF_BENCH_ACCESS_H
#define NUMAPROOF_BENCH_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCESS_NODES_MAX 16

/*
 * Find the counter; done once, kept until the process ends. False with @why filled on any machine but ours with --count.
 * Not thread-safe, as nothing here but access_arm() and access_disarm() on the measuring thread.
 */
bool access_find(char *why, size_t size);

/* How many nodes it tells apart. */
unsigned access_node_count(void);

/* What it has counted in the watched memory since boot, from CPUs of one node to memory of another. */
uint64_t access_loads(unsigned initiator, unsigned target);
uint64_t access_stores(unsigned initiator, unsigned target);

/*
 * Count the accesses to [start, start + bytes), from here to access_disarm(). A store or three each; nothing at all where
 * there is no counter.
 */
void access_arm(const void *start, size_t bytes);
void access_disarm(void);

#endif
