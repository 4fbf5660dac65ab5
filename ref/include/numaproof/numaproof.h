/**
 * @file
 * All of the API.
 *
 * A strict call either returns NP_OK with its guarantee true, or an error and the process as it was. A soft call goes on
 * and says what it got. See error.h for the words, and each header for its subject.
 */
#ifndef NUMAPROOF_NUMAPROOF_H
#define NUMAPROOF_NUMAPROOF_H

#include <numaproof/capabilities.h>
#include <numaproof/device.h>
#include <numaproof/error.h>
#include <numaproof/executor.h>
#include <numaproof/pin.h>
#include <numaproof/region.h>
#include <numaproof/set.h>
#include <numaproof/sharded.h>
#include <numaproof/statistics.h>
#include <numaproof/topology.h>
#include <numaproof/version.h>

#endif
