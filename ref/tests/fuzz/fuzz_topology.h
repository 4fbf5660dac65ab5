/*
 * What a topology must be like, whatever it was made from: every lookup answers, and the answers agree.
 */
#ifndef NUMAPROOF_FUZZ_TOPOLOGY_H
#define NUMAPROOF_FUZZ_TOPOLOGY_H

#include <numaproof/topology.h>

/* Checks @status of what made it, and if that is NP_OK looks everything up in @topology and destroys it. */
void fuzz_made(np_status status, np_topology *topology, const np_error *error);

#endif
