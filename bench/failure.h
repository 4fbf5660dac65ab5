/* How the benchmarks make an error: once, where it is found out, with the facts in it. */
#ifndef NUMAPROOF_BENCH_FAILURE_H
#define NUMAPROOF_BENCH_FAILURE_H

#include <numaproof/error.h>

/* Fill @error, which may be NULL, and return @status. */
np_status failure(np_error *error, np_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
