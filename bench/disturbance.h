/* What goes wrong on a machine, made to go wrong: see disturbance.c. */
#ifndef NUMAPROOF_BENCH_DISTURBANCE_H
#define NUMAPROOF_BENCH_DISTURBANCE_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum disturbance_kind {
    DISTURBANCE_NONE,
    DISTURBANCE_HOG,       /* Another process computes on each CPU of the node. */
    DISTURBANCE_FULL,      /* Another process has taken the node's memory, all but a rest. Changes the machine. */
    DISTURBANCE_BALANCING, /* Automatic NUMA balancing is on. Changes the machine. */
    DISTURBANCE_KINDS
};

#define DISTURBANCE_HOGS_MAX 1024

struct disturbance {
    enum disturbance_kind kind;
    pid_t *helpers; /* Processes that make it, and end it when they end. */
    size_t helper_count;
    int filler; /* The socket by which what fills a node is asked; -1: there is none. */
};

/* "quiet", "CPU hog", "full node", "balancing on". */
const char *disturbance_name(enum disturbance_kind kind);

/* Whether it touches more than CPU time of this user: then only where that is allowed, or in an emulated machine. */
bool disturbance_changes_machine(enum disturbance_kind kind);

/* Why it cannot be made here though it were allowed; "" if it can. */
const char *disturbance_obstacle(enum disturbance_kind kind, size_t memory_nodes);

/*
 * Begin to disturb: @cpus for the hog; @node, less @leave_bytes beside what the kernel keeps, for the full one. In force on
 * return. It ends with disturbance_end(), and when this process ends in whatever way.
 */
np_status disturbance_begin(struct disturbance *disturbance, enum disturbance_kind kind, const np_cpuset *cpus,
    unsigned node, uint64_t leave_bytes, np_error *error);

/*
 * Wait until a full node is full, for a run that comes after another: it may have become roomier by what that one made the
 * kernel give back. NP_SYSTEM where it is not full any more. The other disturbances need no waiting; NP_SYSTEM where a process
 * that makes one has ended, as one that was killed.
 */
np_status disturbance_settle(const struct disturbance *disturbance, np_error *error);

/* CPU time of the processes that make it, in seconds: load of the machine that is no noise. */
double disturbance_used_seconds(const struct disturbance *disturbance);

/* NP_SYSTEM, with what to look at, where the setting that was changed could not be written back. */
np_status disturbance_end(struct disturbance *disturbance, np_error *error);

#endif
