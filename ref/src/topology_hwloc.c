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

/* The ancestor of @pu that stands for @group: NULL where hwloc saw none. */
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

/* Whether anything is declared of that attribute. */
static bool is_declared(hwloc_topology_t hwloc, hwloc_memattr_id_t attribute)
{
    unsigned count = 0;
    return hwloc_memattr_get_targets(hwloc, attribute, NULL, 0, &count, NULL, NULL) == 0 && count > 0;
}

/* All that is declared of a figure for the initiators on the node at @row, whose CPUs are @cpus. */
static bool fill_row(np_topology *topology, hwloc_topology_t hwloc, unsigned row, hwloc_bitmap_t cpus, int figure,
    hwloc_memattr_id_t attribute)
{
    struct hwloc_location location = {.type = HWLOC_LOCATION_TYPE_CPUSET, .location.cpuset = cpus};
    for (unsigned column = 0; column < topology->count; column++) {
        const hwloc_obj_t target = hwloc_get_numanode_obj_by_os_index(hwloc, topology->node[column].id);
        hwloc_uint64_t value = 0;
        if (target != NULL && hwloc_memattr_get_value(hwloc, attribute, target, &location, 0, &value) == 0 &&
            !topology_set_figure(topology, row, column, figure, value))
            return false;
    }
    return true;
}

static bool fill_figure(np_topology *topology, hwloc_topology_t hwloc, int figure, hwloc_memattr_id_t attribute)
{
    bool enough_memory = true;
    for (unsigned row = 0; enough_memory && row < topology->count; row++) {
        const np_cpuset *cpus = &topology->node[row].cpus;
        if (np_cpuset_count(cpus) == 0)
            continue;
        hwloc_bitmap_t bitmap = hwloc_bitmap_alloc();
        enough_memory = bitmap != NULL;
        for (int cpu = np_cpuset_first(cpus); enough_memory && cpu >= 0; cpu = np_cpuset_next(cpus, cpu))
            enough_memory = hwloc_bitmap_set(bitmap, (unsigned)cpu) == 0;
        enough_memory = enough_memory && fill_row(topology, hwloc, row, bitmap, figure, attribute);
        hwloc_bitmap_free(bitmap);
    }
    return enough_memory;
}

np_status topology_add_detail(np_topology *topology, hwloc_topology_t hwloc, np_error *error)
{
    add_groups(topology, hwloc);
    const char *name = NULL;
    for (int figure = 0; (name = topology_figure_name(figure)) != NULL; figure++) {
        hwloc_memattr_id_t attribute;
        if (hwloc_memattr_get_by_name(hwloc, name, &attribute) != 0 || !is_declared(hwloc, attribute))
            continue;
        if (!fill_figure(topology, hwloc, figure, attribute))
            return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for the performance of %u by %u nodes",
                topology->count, topology->count);
    }
    return NP_OK;
}
