/*
 * The oracle on accesses: which node's CPUs really loaded from and stored to which node's memory.
 *
 * In an emulated machine with the access counter (numaproof vm --count) every load and store of user code is seen on its
 * way from the emulated processor. Nothing in the guest can hide one: not the implementation, not the kernel, not the case.
 * So it also finds what no look at a moment can find: one access in a thousand from the wrong node.
 *
 * One watch at a time on a machine; a case that needs the counter has the machine to itself.
 */
#ifndef NUMAPROOF_SUITE_ORACLE_ACCESS_H
#define NUMAPROOF_SUITE_ORACLE_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORACLE_ACCESS_NODES 16

/* Loads and stores together, by the CPU's node and the memory's. */
struct oracle_accesses {
    uint64_t of[ORACLE_ACCESS_NODES][ORACLE_ACCESS_NODES];
    uint64_t unknown; /* To memory of which the counter does not know the node. */
};

/* Whether there is a counter; and whether it knows which address lies on which node, false with @why. */
bool oracle_has_access_counter(void);
bool oracle_counts_accesses(char *why, size_t size);

/* Count the accesses to [start, start + bytes) from here on; read what was counted since; and count no more. */
void oracle_watch_accesses(const void *start, size_t bytes);
struct oracle_accesses oracle_accesses(void);
void oracle_ignore_accesses(void);

#endif
