/*
 * Affinities in words: why a thread does not have the CPUs that were asked for.
 */
#ifndef NUMAPROOF_AFFINITY_H
#define NUMAPROOF_AFFINITY_H

#include <numaproof/set.h>
#include <stddef.h>

/*
 * Why a thread whose CPUs were to be @asked has @got, a different set: "affinity not fully applied: cannot have CPUs
 * 3-5; 4-5 not in this machine; 3 offline (...)", with the causes as far as the kernel tells them now.
 */
void affinity_describe_shortfall(const np_cpuset *asked, const np_cpuset *got, char *reason, size_t size);

/* Why an affinity call failed with @system_errno: "permission denied" where the call itself is forbidden. */
void affinity_describe_errno(int system_errno, char *reason, size_t size);

#endif
