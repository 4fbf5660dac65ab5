/* A measurement in words: what was measured, from where to where. */
#ifndef NUMAPROOF_HARNESS_PLACE_H
#define NUMAPROOF_HARNESS_PLACE_H

#include <bench/bench.h>

enum { PLACE_SIZE = 320 };

/* "latency from node 0 to node 1", "bandwidth copy, 2 threads from node 0 to node 1", "wake-up strict". Returns @text. */
const char *place_words(const struct bench_measurement *measurement, char text[PLACE_SIZE]);

/* Of it only the nodes: "node 0 -> node 1", "node 0", or "" where it has none. Returns @text. */
const char *place_nodes(const struct bench_measurement *measurement, char text[PLACE_SIZE]);

#endif
