/*
 * What an imported topology must be like, whatever it was imported from: every lookup answers, and the answers agree.
 */
#ifndef NUMAPROOF_FUZZ_TOPOLOGY_H
#define NUMAPROOF_FUZZ_TOPOLOGY_H

#include <numaproof/topology.h>

/* Checks @status of an import, and if it is NP_OK looks everything up in @topology and destroys it. */
void fuzz_imported(np_status status, np_topology *topology, const np_error *error);

#endif
