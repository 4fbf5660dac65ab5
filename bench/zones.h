/* Memory of a node that is free and cannot be had, or is not free and can: see zones.c. */
#ifndef NUMAPROOF_BENCH_ZONES_H
#define NUMAPROOF_BENCH_ZONES_H

#include <numaproof/set.h>
#include <stdbool.h>
#include <stdint.h>

/* What of @node's free bytes the kernel keeps for itself: a process gets a page of it elsewhere, or by somebody's death. */
uint64_t zones_reserve_bytes(unsigned node);

/* What the lists of each CPU hold of @node's pages. False, and nothing is known, where the kernel does not say. */
bool zones_list_bytes(unsigned node, uint64_t bytes[NP_CPU_MAX]);

#endif
