/* How large the last cache is, by measurement, for those who size buffers: see caches.c. */
#ifndef NUMAPROOF_BENCH_CACHES_H
#define NUMAPROOF_BENCH_CACHES_H

#include "cells.h"

/*
 * The size after which the last of the climbs of the curve is steepest; 0 where the time climbs nowhere beyond its noise.
 * @sizes are those of @cells, ascending.
 */
size_t caches_last_level(const struct cells *cells, const size_t *sizes);

/*
 * A short sweep, in powers of two, from beyond a first cache on: no more than @seconds, or one sample of each. Its figures are not
 * reported; what cannot be told is told in @cache.
 */
void caches_sweep(const struct bench_options *options, double seconds, struct bench_cache *cache);

#endif
