/*
 * What hwloc knows beyond nodes: cores, caches, sockets, and the HMAT figures that it calls memory attributes.
 *
 * Nodes, CPUs, memory and distances do not come from here when the machine is the running one. hwloc may drop a node
 * that it finds uninteresting, gives a node without CPUs the CPUs that are near it, and cleans up distances that it finds
 * implausible; the contract wants them as sysfs has them (TOPO-1).
 */
#include "topology_hwloc.h"
#include "error_internal.h"
#include <errno.h>
#include <hwloc/memattrs.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology"

bool cpuset_from_hwloc(hwloc_const_bitmap_t from, np_cpuset *cpus)
{
    const int last = hwloc_bitmap_last(from);
    if (last >= NP_CPU_MAX || (last < 0 && !hwloc_bitmap_iszero(from)))
        return false;
    np_cpuset_clear(cpus);
    for (int id = hwloc_bitmap_first(from); id >= 0; id = hwloc_bitmap_next(from, id))
        np_cpuset_add(cpus, (unsigned)id, NULL);
    return true;
}

bool nodeset_from_hwloc(hwloc_const_bitmap_t from, np_nodeset *nodes)
{
    const int last = hwloc_bitmap_last(from);
    if (last >= NP_NODE_MAX || (last < 0 && !hwloc_bitmap_iszero(from)))
        return false;
    np_nodeset_clear(nodes);
    for (int id = hwloc_bitmap_first(from); id >= 0; id = hwloc_bitmap_next(from, id))
        np_nodeset_add(nodes, (unsigned)id, NULL);
    return true;
}

/* The innermost to outermost ancestor of @pu that stands for @group: NULL where hwloc saw none. */
static hwloc_obj_t group_around(hwloc_obj_t pu, np_group group)
{
    hwloc_obj_t found = NULL;
    for (hwloc_obj_t object = pu->parent; object != NULL; object = object->parent) {
        if (group == NP_GROUP_CORE && object->type == HWLOC_OBJ_CORE)
            return object;
        if (group == NP_GROUP_SOCKET && object->type == HWLOC_OBJ_PACKAGE)
            return object;
        if (group == NP_GROUP_CACHE && hwloc_obj_type_is_dcache(object->type))
            found = object; /* The last one met is the largest. */
    }
    return found;
}

static void add_groups(np_topology *topology, hwloc_topology_t hwloc)
{
    for (hwloc_obj_t pu = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_PU, NULL); pu != NULL;
         pu = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_PU, pu)) {
        for (int group = 0; group < GROUP_COUNT; group++) {
            const hwloc_obj_t around = group_around(pu, (np_group)group);
            const int leader = around != NULL ? hwloc_bitmap_first(around->cpuset) : -1;
            if (leader >= 0)
                topology->leader[group][pu->os_index] = (uint16_t)leader;
        }
    }
}

/* The figures of np_performance, and what hwloc calls them. */
static const struct {
    hwloc_memattr_id_t attribute;
    size_t offset;
} figures[] = {
    {HWLOC_MEMATTR_ID_READ_LATENCY, offsetof(np_performance, read_latency_ns)},
    {HWLOC_MEMATTR_ID_WRITE_LATENCY, offsetof(np_performance, write_latency_ns)},
    {HWLOC_MEMATTR_ID_READ_BANDWIDTH, offsetof(np_performance, read_bandwidth_mibs)},
    {HWLOC_MEMATTR_ID_WRITE_BANDWIDTH, offsetof(np_performance, write_bandwidth_mibs)},
};
#define FIGURE_COUNT (sizeof figures / sizeof figures[0])

static bool is_declared(hwloc_topology_t hwloc, hwloc_memattr_id_t attribute)
{
    unsigned count = 0;
    return hwloc_memattr_get_targets(hwloc, attribute, NULL, 0, &count, NULL, NULL) == 0 && count > 0;
}

static void fill_figure(np_topology *topology, hwloc_topology_t hwloc, size_t figure, hwloc_bitmap_t initiator)
{
    for (unsigned row = 0; row < topology->count; row++) {
        const np_cpuset *cpus = &topology->node[row].cpus;
        hwloc_bitmap_zero(initiator);
        for (int cpu = np_cpuset_first(cpus); cpu >= 0; cpu = np_cpuset_next(cpus, cpu))
            hwloc_bitmap_set(initiator, (unsigned)cpu);
        if (hwloc_bitmap_iszero(initiator))
            continue;
        struct hwloc_location location = {.type = HWLOC_LOCATION_TYPE_CPUSET, .location.cpuset = initiator};
        for (unsigned column = 0; column < topology->count; column++) {
            const hwloc_obj_t target = hwloc_get_numanode_obj_by_os_index(hwloc, topology->node[column].id);
            hwloc_uint64_t value = 0;
            if (target == NULL ||
                hwloc_memattr_get_value(hwloc, figures[figure].attribute, target, &location, 0, &value) != 0)
                continue;
            np_performance *performance = &topology->performance[(size_t)row * topology->count + column];
            memcpy((char *)performance + figures[figure].offset, &(uint64_t){value}, sizeof(uint64_t));
        }
    }
}

np_status topology_add_detail(np_topology *topology, hwloc_topology_t hwloc, np_error *error)
{
    add_groups(topology, hwloc);
    for (size_t figure = 0; figure < FIGURE_COUNT; figure++) {
        if (!is_declared(hwloc, figures[figure].attribute))
            continue;
        hwloc_bitmap_t initiator = hwloc_bitmap_alloc();
        if (topology->performance == NULL)
            topology->performance = calloc((size_t)topology->count * topology->count, sizeof(np_performance));
        if (initiator == NULL || topology->performance == NULL) {
            hwloc_bitmap_free(initiator);
            return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for the performance of %u by %u nodes",
                topology->count, topology->count);
        }
        fill_figure(topology, hwloc, figure, initiator);
        hwloc_bitmap_free(initiator);
    }
    return NP_OK;
}
