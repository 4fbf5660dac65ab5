/*
 * Filling a map.
 */
#include "node_map.h"
#include <string.h>

void node_map_init(struct node_map *map)
{
    map->node_count = 0;
    memset(map->positions_of_nodes, 0xff, sizeof map->positions_of_nodes);
    memset(map->positions_of_cpus, 0xff, sizeof map->positions_of_cpus);
}

void node_map_add(struct node_map *map, unsigned node, const np_cpuset *cpus)
{
    const uint16_t position = (uint16_t)map->node_count++;
    map->ids[position] = (uint16_t)node;
    map->positions_of_nodes[node] = position;
    for (int cpu = np_cpuset_first(cpus); cpu >= 0; cpu = np_cpuset_next(cpus, cpu))
        if (map->positions_of_cpus[cpu] == NO_POSITION)
            map->positions_of_cpus[cpu] = position;
}

void node_map_fill(struct node_map *map, const np_topology *topology)
{
    np_nodeset nodes = {0};
    np_topology_nodes(topology, &nodes, NULL);
    node_map_init(map);
    for (int node = np_nodeset_first(&nodes); node >= 0; node = np_nodeset_next(&nodes, node)) {
        np_cpuset cpus = {0};
        np_topology_cpus_of_node(topology, (unsigned)node, &cpus, NULL);
        node_map_add(map, (unsigned)node, &cpus);
    }
}
