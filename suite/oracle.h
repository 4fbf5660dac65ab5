/*
 * The oracle: what is true of this process and this machine, asked of the kernel and of nobody else.
 *
 * It never includes a header of the implementation, never calls a library for what it reports, and never changes what it
 * looks at: placement is read with move_pages(2) in query form, which faults nothing in. What the oracle cannot read
 * ends the case as an error of the suite, never as a verdict on the implementation.
 *
 * Its system calls go through one gate (oracle_gate.c) that the suite's seccomp filters let pass, so that it still sees
 * when the implementation is forbidden to look.
 */
#ifndef NUMAPROOF_SUITE_ORACLE_H
#define NUMAPROOF_SUITE_ORACLE_H

#include "ids.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ORACLE_NODE_MAX   1024
#define ORACLE_THREAD_MAX 1024

/* The gate: a raw system call, -errno on failure. Its instructions lie in [oracle_gate_start, oracle_gate_end]. */
long oracle_call(long number, long a, long b, long c, long d, long e, long f);
extern const char oracle_gate_start[], oracle_gate_end[];

/* Threads. */
pid_t oracle_self(void);
struct ids oracle_affinity(pid_t thread);
bool oracle_affinity_of(pid_t thread, struct ids *cpus); /* false if there is no such thread */
size_t oracle_threads(pid_t threads[ORACLE_THREAD_MAX]); /* those of this process that have not ended */

struct oracle_place {
    unsigned cpu, node;
};

/* Where the calling thread runs at this moment. */
struct oracle_place oracle_here(void);

/* Memory policy, as the kernel numbers it (linux/mempolicy.h), and its nodes. */
struct oracle_policy {
    int mode; /* MPOL_DEFAULT, MPOL_BIND, ... without flags */
    int flags;
    struct ids nodes;
};

struct oracle_policy oracle_thread_policy(void);
struct oracle_policy oracle_policy_at(const void *address);
bool oracle_policy_equal(const struct oracle_policy *a, const struct oracle_policy *b);

/* "default", "bind:0-1", ... as numa_maps spells them. */
struct ids_text oracle_policy_text(const struct oracle_policy *policy);

/* Pages of a range, by node. */
struct oracle_pages {
    uint64_t pages;  /* All. */
    uint64_t absent; /* Not present, or the shared zero page, which lies nowhere in particular. */
    uint64_t on_node[ORACLE_NODE_MAX];
};

struct oracle_pages oracle_pages(const void *address, size_t bytes, size_t page_bytes);
size_t oracle_page_bytes(void);

/* How many bytes of the range are mapped at all. */
size_t oracle_mapped_bytes(const void *address, size_t bytes);

/* What smaps says of all mappings that meet the range, added up, in bytes. */
struct oracle_range {
    uint64_t resident, locked, anonymous_huge, explicit_huge;
    uint64_t largest_page, smallest_page; /* KernelPageSize */
};
struct oracle_range oracle_range(const void *address, size_t bytes);

/* The pool of explicit huge pages of @page_kib on a node: how many there are, and how many are free. None: both 0. */
struct oracle_pool {
    uint64_t pages, free;
};
struct oracle_pool oracle_pool(unsigned node, unsigned page_kib);

/* How many more pages of the size the kernel may make when the pools are empty (nr_overcommit_hugepages). */
uint64_t oracle_pool_overcommit(unsigned page_kib);

/* The process. */
uint64_t oracle_locked_bytes(void);
uint64_t oracle_effective_capabilities(void); /* of the calling thread; bit n is capability n */
struct ids oracle_allowed_cpus(void);         /* as the cpuset allows, not as the affinity is set */
struct ids oracle_allowed_nodes(void);

/* The machine. A kernel without NUMA shows as node 0 with everything. */
struct ids oracle_online_cpus(void);
struct ids oracle_present_cpus(void);
struct ids oracle_online_nodes(void);
struct ids oracle_possible_nodes(void);
struct ids oracle_memory_nodes(void); /* online, with memory of their own */
struct ids oracle_cpus_of_node(unsigned node);
int oracle_node_of_cpu(unsigned cpu);                     /* -1 if it belongs to none */
int oracle_distance(unsigned initiator, unsigned target); /* -1 where the kernel does not say */

/* The online CPUs that share a core, a last-level cache or a socket with @cpu; none where sysfs does not say. */
enum oracle_share { ORACLE_CORE, ORACLE_CACHE, ORACLE_SOCKET };
struct ids oracle_sharing(enum oracle_share share, unsigned cpu);

/* What firmware declares of an access (HMAT): nanoseconds and MiB/s, 0 for a figure that it does not declare. */
struct oracle_access {
    uint64_t read_latency, write_latency, read_bandwidth, write_bandwidth;
};
bool oracle_declared(unsigned initiator, unsigned target, struct oracle_access *access_figures);
bool oracle_declares_anything(void);

struct oracle_node_memory {
    uint64_t total, free;
};
struct oracle_node_memory oracle_node_memory(unsigned node);
uint64_t oracle_available_memory(void);
uint64_t oracle_total_memory(void); /* what is available is never more */

/* kernel.numa_balancing: its value, or 0 where there is no such setting. */
int oracle_balancing(void);

/* Whether this is one of the project's own emulated machines: the kernel was started with numaproof.guest=1. */
bool oracle_is_guest(void);

/* Small files of /proc and /sys. False if it cannot be opened or read; always NUL-terminated. */
bool oracle_read_file(const char *path, char *buffer, size_t size);

/* The number after "name" at the beginning of a line of a /proc text, in bytes where it says kB. -1 if absent. */
int64_t oracle_field(const char *text, const char *name);

#endif
