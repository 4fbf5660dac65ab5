/**
 * @file
 * Nodes, their CPUs and memory, and how far they are from one another.
 *
 * A topology is a picture taken once: immutable, and safe to share between threads until it is destroyed (TOPO-8).
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
    uint32_t id;
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
 * The caller owns *@p topology and destroys it. Any thread. NP_INVALID_ARGUMENT for NULL, NP_ALLOCATION, NP_SYSTEM when
 * the kernel's description cannot be read or contradicts itself (the reason names the file).
 */
np_status np_topology_discover(np_topology **topology, np_error *error);

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

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
