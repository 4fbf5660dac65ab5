/*
 * A set of small numbers as bits: what CPU sets and node sets have in common.
 *
 * A bitmap here is @words, 64 ids each, of an id space of @size ids; @size is a multiple of 64, and at most
 * BITMAP_SIZE_MAX. A NULL bitmap reads as the empty one. The two public types are thin clothes over these functions
 * (set.c), so that the compiler tells a CPU from a node while there is one code for both.
 */
#ifndef NUMAPROOF_BITMAP_H
#define NUMAPROOF_BITMAP_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_SIZE_MAX 8192

/* @what is the operation that an error names: "cpuset parse". The contract is np_cpuset_parse()'s. */
np_status bitmap_parse(const char *list, uint64_t *words, unsigned size, const char *what, np_error *error);
size_t bitmap_format(const uint64_t *words, unsigned size, char *buffer, size_t buffer_size);

np_status bitmap_set(uint64_t *words, unsigned size, unsigned id, bool value, const char *what, np_error *error);
bool bitmap_contains(const uint64_t *words, unsigned size, unsigned id);
unsigned bitmap_count(const uint64_t *words, unsigned size);
int bitmap_next(const uint64_t *words, unsigned size, int after);

enum bitmap_operation { BITMAP_UNION, BITMAP_INTERSECTION, BITMAP_DIFFERENCE };
np_status bitmap_combine(enum bitmap_operation operation, const uint64_t *a, const uint64_t *b, uint64_t *result,
    unsigned size, const char *what, np_error *error);

bool bitmap_equal(const uint64_t *a, const uint64_t *b, unsigned size);
bool bitmap_subset(const uint64_t *a, const uint64_t *b, unsigned size);

#endif
