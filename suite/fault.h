/*
 * Faults, injected for real.
 *
 * Each function makes a fault, verifies that it is in force, and ends the case as an error of the suite when it is not: a
 * case that ran without its fault would prove nothing. The first group touches this process alone and dies with it. The
 * second changes the machine: only where the run allows it or inside one of our emulated machines, written to a journal
 * first (fault_journal.h), and undone by the case's guard. The third is the work of other processes, which end with the
 * case. No case undoes a fault, except to see what happens after.
 */
#ifndef NUMAPROOF_SUITE_FAULT_H
#define NUMAPROOF_SUITE_FAULT_H

#include "ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kinds whose possibility is a need of a case (needs.faults), as bits. */
enum fault_kind {
    FAULT_SECCOMP = 1 << 0,        /* system calls forbidden to this process */
    FAULT_USER = 1 << 1,           /* becoming an ordinary user */
    FAULT_CPU_OFFLINE = 1 << 2,    /* this and all below change the machine */
    FAULT_BALANCING = 1 << 3,      /* automatic NUMA balancing switched on or off */
    FAULT_MEMORY_OFFLINE = 1 << 4, /* memory of a node taken away */
    FAULT_HUGE_PAGES = 1 << 5,     /* the pools of explicit huge pages sized */
    FAULT_CPUSET = 1 << 6,         /* this process put into a cpuset */
    FAULT_MEMORY_LIMIT = 1 << 7,   /* this process put into a cgroup with little memory */
    FAULT_FULL_NODE = 1 << 8,      /* the memory of a node used up by another process */
    FAULT_KINDS_END = 1 << 9
};

#define FAULTS_OF_THE_MACHINE (FAULT_KINDS_END - FAULT_CPU_OFFLINE)

/* "system calls forbidden", ... */
const char *fault_name(enum fault_kind kind);

/* Why this kind cannot be injected here, in words; "" if it can. */
void fault_obstacle(enum fault_kind kind, bool allow_system_changes, char *obstacle, size_t size);

/* Take a capability from the calling thread for good: effective, permitted, inheritable. Nothing if it is not there. */
void fault_drop_capability(int capability);

/* Take it from the effective set only, and give it back. */
void fault_lower_capability(int capability);
void fault_raise_capability(int capability);

/* Become an ordinary user (nobody), with no capability at all. Needs FAULT_USER. */
void fault_become_user(void);

/*
 * Forbid system calls to the whole process: fault_forbid(EPERM, SYS_mbind, SYS_set_mempolicy). They fail with @error, as
 * they do in a container; the oracle's own go on. Needs FAULT_SECCOMP.
 */
#define fault_forbid(error, ...)                                                                                       \
    fault_forbid_calls((error), (const long[]){__VA_ARGS__}, sizeof((const long[]){__VA_ARGS__}) / sizeof(long))
void fault_forbid_calls(int error, const long *calls, size_t count);

/* Set a soft and hard limit (RLIMIT_MEMLOCK, RLIMIT_NOFILE, ...). */
void fault_limit(int resource, uint64_t value);

/* RLIMIT_AS at what is mapped now and @more bytes. */
void fault_limit_address_space(uint64_t more);

/* Take a CPU offline, and back. The second form chooses one that this thread is not on and that can be, and returns it. */
void fault_cpu_offline(unsigned cpu);
void fault_cpu_online(unsigned cpu);
unsigned fault_offline_one_cpu(void);

/* Set kernel.numa_balancing: 0 off, 1 on, 2 for tiers of memory. */
void fault_balancing(int value);

/* Take as much of a node's memory offline as the kernel lets go; returns how many bytes that is, perhaps 0. */
uint64_t fault_memory_offline(unsigned node);

/* Size the pool of explicit huge pages of @page_kib on a node; 0 to exhaust it. */
void fault_huge_pages(unsigned node, unsigned page_kib, unsigned count);

/* Put this process into a cpuset of its own; NULL for what is not to be limited. */
void fault_cpuset(const struct ids *cpus, const struct ids *nodes);

/* Put this process into a cgroup that may use so much memory. What it has already is not counted there. */
void fault_memory_limit(uint64_t bytes);

/* Whether a cgroup controller ("cpuset", "memory") is mounted. */
bool fault_has_controller(const char *controller);

/* What may come free late of a node that was filled, by what others gave back before: 18 MiB were seen (6.1). */
#define FAULT_FILL_SLACK_BYTES (UINT64_C(64) << 20)

/*
 * Fill a node's memory from another process until about @leave_bytes are free (within the slack: whoever needs the figure asks
 * for it after), or, where the kernel keeps more than that for itself, until it gives no more. Before the pages exist that the
 * case is about: the other process is a fork, and shares those that do. Needs FAULT_FULL_NODE.
 */
void fault_fill_node(unsigned node, uint64_t leave_bytes);

/* Set the affinity of a thread of this process, or move one of its pages, from another process. */
void fault_repin_from_outside(pid_t thread, const struct ids *cpus);
void fault_move_page_from_outside(void *address, unsigned node);

#endif
