/*
 * Topologies from hwloc's XML.
 */
#ifndef NUMAPROOF_TOPOLOGY_XML_H
#define NUMAPROOF_TOPOLOGY_XML_H

#include <numaproof/topology.h>
#include <stddef.h>

/*
 * The topology that @text of @length bytes describes; it is not this machine. NP_INVALID_ARGUMENT with the line where
 * it is no XML, not that of hwloc 2, or describes what cannot be; NP_ALLOCATION.
 */
np_status topology_read_xml(const char *text, size_t length, np_topology **topology, np_error *error);

#endif
