/*
 * Between the two halves of the reader of hwloc's XML: the tree of objects, and all the rest.
 */
#ifndef NUMAPROOF_TOPOLOGY_XML_INTERNAL_H
#define NUMAPROOF_TOPOLOGY_XML_INTERNAL_H

#include "topology_internal.h"
#include <expat.h>

/* hwloc nests a dozen levels; a file that nests more was not written by it. */
#define DEPTH_MAX 64

#define NO_GROUP (-1)

struct xml_object {
    int group;       /* The np_group that it stands for, or NO_GROUP. */
    uint16_t leader; /* Its lowest CPU. */
};

struct xml_node {
    uint64_t gp_index; /* What matrices call it; UINT64_MAX: nothing. */
    uint64_t memory_bytes;
    np_cpuset near;
};

/* The matrix of distances, while its elements pass by. */
struct xml_matrix {
    bool open;
    unsigned node_count;
    size_t value_count;
    size_t value_room;
    uint64_t node[NP_NODE_MAX];
    uint64_t *value;
};

struct xml_reader {
    XML_Parser parser;
    np_status status;
    np_error *error;
    bool is_hwloc2;
    unsigned depth;
    struct xml_object object[DEPTH_MAX];
    np_cpuset cpus;
    np_cpuset allowed_cpus;
    np_nodeset nodes;
    np_nodeset allowed_nodes;
    uint16_t leader[GROUP_COUNT][NP_CPU_MAX];
    struct xml_node node[NP_NODE_MAX];
    struct xml_matrix matrix;
    char digits[24]; /* Of the number that the last characters were part of. */
    size_t digit_count;
    const char *(*take_number)(struct xml_reader *reader, uint64_t number); /* Where numbers go now; NULL: nowhere. */
    int figure;            /* The figure that the open memattr is about, or -1. */
    np_topology *topology; /* From the end of the tree on. */
};

/* What is met returns NULL, or the problem with it in words; this one has words of its own. */
extern const char xml_no_memory[];

/* Attributes are names and values in turn. False, or NULL, where there is none of that name, or not of that kind. */
const char *xml_attribute(const char **attributes, const char *name);
bool xml_number(const char **attributes, const char *name, uint64_t *number);
bool xml_cpus(const char **attributes, const char *name, np_cpuset *cpus);
bool xml_nodes(const char **attributes, const char *name, np_nodeset *nodes);

/* The tree. At the end of its root the topology is made. */
const char *xml_open_object(struct xml_reader *reader, const char **attributes);
const char *xml_close_object(struct xml_reader *reader);

#endif
