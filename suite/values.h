/*
 * Arguments for the implementation, made from the suite's own values: no function of the implementation is needed to
 * build a set, so that a broken set does not hide a working pin.
 */
#ifndef NUMAPROOF_SUITE_VALUES_H
#define NUMAPROOF_SUITE_VALUES_H

#include "ids.h"

#include <numaproof/numaproof.h>

/* cpuset_of(0, 3), nodeset_of(1). */
#define cpuset_of(...)  cpuset_of_ids(ids_of(__VA_ARGS__))
#define nodeset_of(...) nodeset_of_ids(ids_of(__VA_ARGS__))

np_cpuset cpuset_of_ids(struct ids ids);
np_nodeset nodeset_of_ids(struct ids ids); /* ids past NP_NODE_MAX are left out */
struct ids ids_of_cpuset(const np_cpuset *set);
struct ids ids_of_nodeset(const np_nodeset *set);

/* bind to node 1: policy_of(NP_POLICY_BIND, ids_of(1)); local: policy_of(NP_POLICY_LOCAL, ids_none()). */
np_policy policy_of(np_policy_kind kind, struct ids nodes);

/* Options with everything else at its default. */
np_region_options region_options_of(np_mode mode, np_policy policy, np_prefault prefault);

#endif
