/*
 * What an executor shall be built on: nodes, their CPUs, where their memory lies, how far they are apart.
 *
 * The plan stands between the topology and the building so that an executor of many nodes can be tested on a machine of
 * one: a test writes a plan in which several nodes share the CPUs and the memory that there are.
 */
#ifndef NUMAPROOF_EXECUTOR_PLAN_H
#define NUMAPROOF_EXECUTOR_PLAN_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <numaproof/topology.h>
#include <stddef.h>

struct planned_node {
    unsigned id;
    np_cpuset cpus;     /* All of its CPUs: whoever runs on one of these runs on the node. */
    np_cpuset affinity; /* Those that this process may use. */
    int socket;         /* The lowest CPU of the socket it is on, -1 where nothing says. */
    unsigned memory;    /* The node that its memory is taken from: itself, but in tests. */
};

/* The distance of nodes that no one knows to be near. */
#define DISTANCE_UNKNOWN UINT_MAX

struct executor_plan {
    unsigned node_count;
    struct planned_node *nodes; /* In the order of ids. */
    unsigned *distances;        /* From node i to node j: distances[i * node_count + j]. */
};

np_status executor_plan_from(const np_topology *topology, struct executor_plan *plan, np_error *error);
void executor_plan_free(struct executor_plan *plan);

/*
 * The positions of all nodes but @node itself: those on its socket first, the nearest first, and of equally near ones that
 * of the lowest id. @positions has room for node_count - 1.
 */
void executor_plan_order(const struct executor_plan *plan, unsigned node, uint16_t *positions);

#endif
