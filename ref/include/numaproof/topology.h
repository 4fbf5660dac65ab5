/**
 * @file
 * Nodes, their CPUs and memory, and how far they are from one another.
 *
 * A topology is a picture taken once: immutable, and safe to share between threads until it is destroyed (TOPO-8). A
 * forked child has a copy, to use and to destroy.
 * Node ids may have gaps, so that everything is looked up by id and never by position (TOPO-2). Nothing here allocates
 * after discovery.
 */
#ifndef NUMAPROOF_TOPOLOGY_H
#define NUMAPROOF_TOPOLOGY_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** An immutable picture of a machine. */
typedef struct np_topology np_topology;

/** One node. 1072 bytes, pinned. A node may lack CPUs (a memory expander) or memory, and says so (TOPO-3). */
typedef struct np_node {
    uint32_t id;           /**< What the kernel calls it. */
    bool has_cpus;         /**< Whether any online CPU belongs to it. */
    bool has_memory;       /**< Whether it has memory of its own. */
    bool usable;           /**< Whether this process's cpuset lets it take memory from here (TOPO-10). */
    bool reserved;         /**< Always false. */
    uint64_t memory_bytes; /**< Total memory as the kernel manages it, 0 where it has none. */
    np_cpuset cpus;        /**< Its online CPUs. */
    uint64_t spare[4];     /**< Always 0. */
} np_node;

/**
 * Take a picture of this machine (TOPO-1): every online node with its CPUs and memory, and the distances. A machine
 * without NUMA is one node, 0, with all CPUs (TOPO-7).
 *
 * The caller owns *@p topology and destroys it. It never changes, and any number of threads may read it (TOPO-8). Any
 * thread. NP_INVALID_ARGUMENT for NULL, NP_ALLOCATION, NP_SYSTEM when the kernel's description cannot be read or
 * contradicts itself (the reason names the file).
 */
np_status np_topology_discover(np_topology **topology, np_error *error);

/**
 * Make a topology from hwloc's synthetic description, "node:2 core:4 pu:2": for code that must be tested for machines
 * that one does not have (TOPO-9). It is not this machine, and everything in it is usable.
 *
 * The caller owns *@p topology. Any thread. NP_INVALID_ARGUMENT for NULL and for a description that hwloc does not
 * understand or that is larger than any machine; NP_ALLOCATION. Source: hwloc's documentation, "Synthetic topologies".
 */
np_status np_topology_from_synthetic(const char *description, np_topology **topology, np_error *error);

/**
 * Make a topology from a file that hwloc exported, on this machine or another: lstopo machine.xml (TOPO-9).
 *
 * As np_topology_from_synthetic(); what was not allowed to the process that exported it is not usable. NP_SYSTEM when
 * the file cannot be read.
 */
np_status np_topology_from_xml(const char *path, np_topology **topology, np_error *error);

/** End of @p topology. NULL does nothing. No other thread may be using it. */
void np_topology_destroy(np_topology *topology);

/** Whether this is a picture of the running machine, and not one made from a description (TOPO-9). False for NULL. */
bool np_topology_is_this_machine(const np_topology *topology);

/** How many nodes there are, at least 1. 0 for NULL. */
unsigned np_topology_node_count(const np_topology *topology);

/** The ids of all nodes. NP_INVALID_ARGUMENT for NULL. */
np_status np_topology_nodes(const np_topology *topology, np_nodeset *nodes, np_error *error);

/** All online CPUs, of every node. NP_INVALID_ARGUMENT for NULL. */
np_status np_topology_cpus(const np_topology *topology, np_cpuset *cpus, np_error *error);

/** The CPUs that this process may use: online, and in its cpuset (TOPO-10). NP_INVALID_ARGUMENT for NULL. */
np_status np_topology_usable_cpus(const np_topology *topology, np_cpuset *cpus, np_error *error);

/** The nodes whose memory this process may use (TOPO-10). NP_INVALID_ARGUMENT for NULL. */
np_status np_topology_usable_nodes(const np_topology *topology, np_nodeset *nodes, np_error *error);

/** Describe one node. NP_INVALID_ARGUMENT for NULL and for an id that the topology does not have (TOPO-2, TOPO-3). */
np_status np_topology_node(const np_topology *topology, unsigned node, np_node *description, np_error *error);

/** The node that @p cpu belongs to. NP_INVALID_ARGUMENT for NULL and for a CPU that is not online (TOPO-4). */
np_status np_topology_node_of_cpu(const np_topology *topology, unsigned cpu, unsigned *node, np_error *error);

/** The online CPUs of @p node, perhaps none. NP_INVALID_ARGUMENT for NULL and for an unknown node (TOPO-4). */
np_status np_topology_cpus_of_node(const np_topology *topology, unsigned node, np_cpuset *cpus, np_error *error);

/**
 * How far @p target's memory is from @p initiator, in the firmware's relative units: 10 is local (TOPO-4).
 *
 * NP_INVALID_ARGUMENT for NULL and for an unknown node; NP_NOT_AVAILABLE where the firmware does not say. @p distance is
 * written on NP_OK only: an unknown distance is never 0.
 */
np_status np_topology_distance(
    const np_topology *topology, unsigned initiator, unsigned target, unsigned *distance, np_error *error);

/** What CPUs share, from small to large (TOPO-5). */
typedef enum np_group {
    NP_GROUP_CORE = 0,  /**< A core: its CPUs are SMT siblings. */
    NP_GROUP_CACHE = 1, /**< A last-level cache, the largest that a CPU reaches. */
    NP_GROUP_SOCKET = 2 /**< A processor package. */
} np_group;

/**
 * All CPUs that share a core, a last-level cache or a socket with @p cpu, itself among them, on whatever node they are
 * (TOPO-5).
 *
 * NP_INVALID_ARGUMENT for NULL, an unknown group and a CPU that is not online; NP_NOT_AVAILABLE where nothing says.
 */
np_status np_topology_group_of_cpu(
    const np_topology *topology, np_group group, unsigned cpu, np_cpuset *cpus, np_error *error);

/** How many cores, last-level caches or sockets have CPUs on @p node: 0 without CPUs (TOPO-5). Errors as above. */
np_status np_topology_group_count(
    const np_topology *topology, np_group group, unsigned node, unsigned *count, np_error *error);

/**
 * The CPUs on @p node of its core, last-level cache or socket number @p index, counted from 0 in the order of their
 * lowest CPUs (TOPO-5). Errors as above, and NP_INVALID_ARGUMENT for an index past the last.
 */
np_status np_topology_group(
    const np_topology *topology, np_group group, unsigned node, unsigned index, np_cpuset *cpus, np_error *error);

/** What firmware declares of an access, by HMAT. A figure that it does not declare is 0. 32 bytes, pinned. */
typedef struct np_performance {
    uint64_t read_latency_ns;      /**< Nanoseconds. */
    uint64_t write_latency_ns;     /**< Nanoseconds. */
    uint64_t read_bandwidth_mibs;  /**< MiB/s. */
    uint64_t write_bandwidth_mibs; /**< MiB/s. */
} np_performance;

/**
 * What firmware declares of the access of @p initiator's CPUs to @p target's memory (TOPO-6). Linux passes on what it
 * declares for the nearest initiators of each target only.
 *
 * NP_INVALID_ARGUMENT for NULL and for an unknown node; NP_NOT_AVAILABLE where nothing is declared.
 */
np_status np_topology_performance(
    const np_topology *topology, unsigned initiator, unsigned target, np_performance *performance, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
