/* What makes a node full, for as long as it runs: see filler.c. For a process of its own, which never gives anything back. */
#ifndef NUMAPROOF_BENCH_FILLER_H
#define NUMAPROOF_BENCH_FILLER_H

#include <stdint.h>

/*
 * Take the memory of @node, all but @leave_bytes beside what the kernel keeps for itself. Where the node gives no more, it is
 * full. Nobody is killed for it as long as another node has memory free. 0, or the errno of why it cannot be done; EOPNOTSUPP:
 * a kernel before 5.15.
 */
int filler_begin(unsigned node, uint64_t leave_bytes);

/*
 * The filler's answers, a byte: there is nothing more to take; others give back as fast as it takes, or it may take no more
 * (RLIMIT_AS, a cgroup).
 */
enum { FILLER_FULL = 'f', FILLER_ROOMY = 'r' };

/*
 * Keep it so, until @requests, a socket, is closed at its other end. A byte that comes there is answered when the node is full
 * again, or after five hundred looks at which it was not: some seconds, or as long as taking what others give back takes.
 */
void filler_go_on(int requests);

#endif
