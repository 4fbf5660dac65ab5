/* The nodes and caches of this machine as the measurements see them: see nodes.c. */
#ifndef NUMAPROOF_BENCH_NODES_H
#define NUMAPROOF_BENCH_NODES_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NODES_MAX 1024

struct node {
    unsigned id;
    int cpu;             /* The CPU to measure from: the first of the node that this process may use; -1 = none. */
    bool has_memory;     /* Of its own, and this process may use it. */
    uint64_t free_bytes; /* When it was looked at. */
};

struct nodes {
    size_t count;
    struct node node[NODES_MAX];
    uint64_t largest_cache_bytes; /* As hwloc says, 0 where it does not. */
    bool virtual_machine;
};

/* Look at the machine. NP_SYSTEM where it cannot be described. */
np_status nodes_discover(struct nodes *nodes, np_error *error);

/* Whether a hypervisor runs this machine, as x86 processors say of themselves. */
bool nodes_are_virtual(void);

/* The CPUs of node @id that this process may use, in ascending order, at most @most of them: how many. */
size_t nodes_cpus(unsigned id, unsigned *cpus, size_t most);

/* Free memory of node @id as the kernel shows it, in bytes; 0 where it does not. */
uint64_t nodes_free_bytes(unsigned id);

#endif
