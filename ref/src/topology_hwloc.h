/*
 * From hwloc's picture of a machine to ours.
 */
#ifndef NUMAPROOF_TOPOLOGY_HWLOC_H
#define NUMAPROOF_TOPOLOGY_HWLOC_H

#include "topology_internal.h"
#include <hwloc.h>

/* False where @from has ids that a CPU set has no room for. */
bool cpuset_from_hwloc(hwloc_const_bitmap_t from, np_cpuset *cpus);

/*
 * Fill in groups and performance of @topology, whose nodes and CPUs are those of @hwloc. NP_ALLOCATION for want of
 * memory; no other error.
 */
np_status topology_add_detail(np_topology *topology, hwloc_topology_t hwloc, np_error *error);

#endif
