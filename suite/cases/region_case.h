/*
 * What the cases on memory regions share: nodes to place on, making a region, and looking at it through the oracle.
 */
#ifndef NUMAPROOF_SUITE_REGION_CASE_H
#define NUMAPROOF_SUITE_REGION_CASE_H

#include "case.h"

/* Large enough to hold several huge pages, small enough for any node. */
#define REGION_BYTES ((size_t)8 << 20)

/* A node with memory that this process may use: the first, or the one after it (-1 if there is no second). */
unsigned first_memory_node(void);
int second_memory_node(void);

/* All nodes with memory that this process may use. */
struct ids usable_memory_nodes(void);

/* A node id that no machine of this kernel can have. */
unsigned absent_node(void);

/* Make a region that must succeed. */
np_region *region_made(size_t bytes, np_mode mode, np_policy policy, np_prefault prefault, np_error *error);

/* Its enforcement, which LAW-4 is checked on. */
np_enforcement region_level(const np_region *region, np_error *error);

/* Where its pages are, by the oracle. */
struct oracle_pages case_region_pages(const np_region *region);

/* How many of @pages lie on no node of @nodes. */
uint64_t pages_outside(const struct oracle_pages *pages, struct ids nodes);

/* Every page is present, and on a node of @nodes. */
void expect_all_on(const np_region *region, struct ids nodes);

/*
 * What any usable region is, strict or soft: all mapped, zeroed and writable over its whole length, page-aligned. Writes
 * to one byte of each page.
 */
void expect_usable(const np_region *region, size_t bytes);

/*
 * A soft region tells the truth: never strict unless every page is present on @nodes by the oracle; with pages elsewhere,
 * their number stands in the reason, in pages of the size that backs it.
 */
void expect_truthful(const np_region *region, struct ids nodes, np_error *error);

#endif
