/*
 * The page that the access counter shares with the guest: its one wire format.
 *
 * Three programs see these bytes: the launcher writes the machine into them before it starts QEMU, the plugin inside QEMU
 * counts into them, and code inside the guest, which maps them as the memory of a PCI device (ivshmem), arms the counter,
 * names windows of addresses, and reads the counts while they grow. No call, no interrupt, no driver lies between.
 *
 * All fields are little-endian and of fixed size. Who writes what is said at each field; nobody writes another's. The
 * counts of a CPU are written by that CPU's thread of QEMU alone, so that they need no lock: a reader may see a count that
 * is a few accesses old, never a torn one.
 */
#ifndef NUMAPROOF_ACCESS_PAGE_H
#define NUMAPROOF_ACCESS_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

#define ACCESS_MAGIC   UINT64_C(0x3170636163637061) /* "apccacp1" */
#define ACCESS_VERSION 2

#define ACCESS_PAGE_BYTES 1048576 /* ivshmem wants a power of two. */
#define ACCESS_CPUS       64
#define ACCESS_NODES      16
#define ACCESS_WINDOWS    17 /* Window 0 is all user memory and cannot be moved. */

/* The column of accesses whose node is not known: devices, and all of them until the node ranges are proved. */
#define ACCESS_NODE_UNKNOWN ACCESS_NODES

enum access_proof {
    ACCESS_PROOF_NONE = 0,    /* Not yet tried: nothing is counted. */
    ACCESS_PROOF_RUNNING = 1, /* The guest is touching a page bound to a node, from a CPU, and says which. */
    ACCESS_PROOF_CHECK = 2,   /* The guest has touched them all, and touches once more for the answer. */
    ACCESS_PROOF_HOLDS = 3,   /* The node ranges are known and agree with every touch. */
    ACCESS_PROOF_FAILED = 4   /* They do not: nothing is counted; `failure` says why. */
};

enum access_cache_scope { ACCESS_CACHE_PER_CPU = 0, ACCESS_CACHE_PER_NODE = 1 };

/* Written by the launcher, before QEMU starts. */
struct access_machine {
    uint64_t magic;
    uint32_t version;
    uint32_t cpu_count;
    uint32_t node_count;
    uint32_t cache_sets; /* 0: no cache model, every access reaches memory. */
    uint32_t cache_ways;
    uint32_t cache_line_bytes;
    uint32_t cache_scope; /* An access_cache_scope. */
    uint32_t delayed;     /* 1: an access that reaches memory is paced by cost_ns. */
    uint64_t node_bytes[ACCESS_NODES];
    uint32_t node_of_cpu[ACCESS_CPUS];                /* By QEMU's index of the CPU. */
    uint32_t cost_ns[ACCESS_NODES][ACCESS_NODES + 1]; /* From the CPU's node to the memory's; unknown last. */
};

struct access_window {
    _Atomic uint64_t start; /* First virtual address. */
    _Atomic uint64_t end;   /* One past the last; a window with end <= start counts nothing. */
};

/* Written by code in the guest. */
struct access_control {
    _Atomic uint32_t armed;         /* 0: nothing is counted. Else a number that differs from arming to arming. */
    _Atomic uint32_t proof_request; /* The access_proof state that the guest asks for. */
    _Atomic uint32_t proof_cpu;     /* While running: the CPU, by the guest's number, that touches... */
    _Atomic uint32_t proof_node;    /* ...a page of this node... */
    struct access_window proof;     /* ...at this address. */
    struct access_window windows[ACCESS_WINDOWS];
};

/* Written by the plugin. */
struct access_answer {
    _Atomic uint32_t proof;                 /* An access_proof. */
    _Atomic uint32_t proof_touches;         /* How many touches it has taken in since the proof began. */
    _Atomic uint32_t space;                 /* Which address space of node_map.c the proof found. */
    _Atomic uint32_t loaded;                /* 1 once the plugin is in place. */
    _Atomic int32_t guest_cpu[ACCESS_CPUS]; /* The guest's number of each CPU, -1 until it was seen in the proof. */
    char failure[256];
};

enum access_kind { ACCESS_LOAD = 0, ACCESS_STORE = 1 };

/* Accesses of one CPU in one window, by the memory's node and the kind. */
struct access_counts {
    _Atomic uint64_t all[ACCESS_NODES + 1][2];    /* Every one. */
    _Atomic uint64_t memory[ACCESS_NODES + 1][2]; /* Those that the cache model lets through to memory. */
};

struct access_page {
    struct access_machine machine;
    _Alignas(4096) struct access_control control;
    _Alignas(4096) struct access_answer answer;
    _Alignas(4096) struct access_counts counts[ACCESS_CPUS][ACCESS_WINDOWS];
};

_Static_assert(sizeof(struct access_page) <= ACCESS_PAGE_BYTES, "the page does not fit its device");

#endif
