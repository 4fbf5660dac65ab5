/* The nodes of the machine, its CPUs, and the distances, as sysfs has them. */
#ifndef NUMAPROOF_HARNESS_NODES_H
#define NUMAPROOF_HARNESS_NODES_H

#include "problem.h"

#include <numaproof/set.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node {
    unsigned id;
    np_cpuset cpus;
    uint64_t memory_bytes; /* 0 for a node without memory. */
    uint64_t free_bytes;
    bool counts; /* Its counters of local and remote allocations can be read. */
};

/* Whether the firmware says how far the nodes are apart. Without it the kernel makes distances up: 10 and 20. */
enum declared { DECLARED_YES, DECLARED_NO, DECLARED_UNKNOWN };

struct nodes {
    bool kernel_support; /* The kernel has nodes at all; without, everything is one node 0. */
    size_t count;
    struct node *list;      /* By id, which may have gaps. */
    int *distances;         /* count x count in the order of the list, -1 where unknown. */
    enum declared declared; /* In a table of the firmware's. */
    np_cpuset online;       /* CPUs. */
    np_cpuset present;      /* Online or not. */
    uint64_t swap_bytes;
    char command_line[4096]; /* The kernel's. */
};

bool nodes_read(struct nodes *nodes, const char *root, struct problem *problem);
void nodes_free(struct nodes *nodes);

/* How far @target's memory is from @initiator by position in the list, -1 where unknown. */
int nodes_distance(const struct nodes *nodes, size_t initiator, size_t target);

/* Write a set as people read it, "none" for the empty one. Returns @text. */
const char *cpus_text(const np_cpuset *cpus, char *text, size_t size);

#endif
