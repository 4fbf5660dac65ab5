/*
 * What the cases on topologies share.
 */
#ifndef NUMAPROOF_SUITE_CASES_TOPOLOGY_H
#define NUMAPROOF_SUITE_CASES_TOPOLOGY_H

#include "case.h"

/* A picture of this machine; the case ends if there is none. */
np_topology *discover(np_error *error);

/* Every node of @topology is as the oracle sees the machine now: CPUs, memory, kind, distances. */
void expect_is_this_machine(const np_topology *topology, np_error *error);

#endif
