/* Loops as one writes them by hand, to hold ours against: see peer_loops.c. */
#ifndef NUMAPROOF_BENCH_TESTS_PEER_LOOPS_H
#define NUMAPROOF_BENCH_TESTS_PEER_LOOPS_H

#include <stddef.h>

double peer_read(const double *restrict b, size_t n);
void peer_copy(double *restrict a, const double *restrict b, size_t n);
void peer_triad(double *restrict a, const double *restrict b, const double *restrict c, double s, size_t n);

/* Follow a chain of pointers. */
void *peer_chase(void *place, size_t loads);

#endif
