/*
 * STREAM-like loops and a chase, written the plain way and compiled with -O3 -march=native (and -ffast-math for the sum,
 * which a compiler may not vectorise otherwise): what the kernels of the benchmark must at least equal.
 */
#include "peer_loops.h"

double peer_read(const double *restrict b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += b[i];
    return sum;
}

void peer_copy(double *restrict a, const double *restrict b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] = b[i];
}

void peer_triad(double *restrict a, const double *restrict b, const double *restrict c, double s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
}

void *peer_chase(void *place, size_t loads)
{
    while (loads-- > 0)
        place = *(void **)place;
    return place;
}
