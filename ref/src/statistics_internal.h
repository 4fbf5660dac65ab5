/*
 * The counts of an executor, for those who pass them on.
 */
#ifndef NUMAPROOF_STATISTICS_INTERNAL_H
#define NUMAPROOF_STATISTICS_INTERNAL_H

#include <numaproof/statistics.h>

/* Fill @all, an entry for each node of @executor by position. Any thread. */
void statistics_collect(const np_executor *executor, np_node_statistics *all);

/* The end of all publications of @executor (publish.c). */
void statistics_withdraw(const np_executor *executor);

#endif
