/* The kernels of the bandwidth benchmark, in the processor's own vector code: see streams.c. */
#ifndef NUMAPROOF_BENCH_STREAMS_H
#define NUMAPROOF_BENCH_STREAMS_H

#include <stdbool.h>
#include <stddef.h>

/* What is done to each element, in STREAM's words; _PAST writes past the caches (non-temporal stores). */
enum stream_kernel {
    STREAM_READ,       /* sum += b */
    STREAM_WRITE,      /* a = s */
    STREAM_WRITE_PAST, /* a = s */
    STREAM_COPY,       /* a = b */
    STREAM_COPY_PAST,
    STREAM_SCALE, /* a = s * b */
    STREAM_SCALE_PAST,
    STREAM_ADD, /* a = b + c */
    STREAM_ADD_PAST,
    STREAM_TRIAD, /* a = b + s * c */
    STREAM_TRIAD_PAST,
    STREAM_KERNELS
};

struct stream_facts {
    const char *name; /* "copy", "copy past the caches", ... */
    unsigned moved;   /* Bytes that the program moves for an element: what STREAM and likwid-bench count. */
    unsigned
        allocated; /* Bytes that a cache reads for it besides, to write a line that is not in it (write-allocate). */
};
extern const struct stream_facts stream_facts[STREAM_KERNELS];

/* Elements are taken in such steps; arrays begin at a cache line. */
#define STREAM_STEP 64

/* A run over elements 0 to n - 1, n being a multiple of STREAM_STEP. */
struct stream {
    double *a;
    const double *b, *c;
    size_t n;
    double s;
};

/* Returns the sum of what was read, for STREAM_READ; otherwise nothing of interest. */
typedef double stream_function(const struct stream *stream);

/* The kernels in one kind of code. What it does not do is NULL: plain C cannot write past the caches. */
struct stream_code {
    const char *name;
    bool (*is_usable)(void);
    stream_function *kernels[STREAM_KERNELS];
};

/*
 * All that were compiled for this architecture, the widest first; the last is plain C, which is usable anywhere. Which is
 * fastest is another question: stream_choice.h.
 */
extern const struct stream_code *const stream_codes[];
extern const size_t stream_code_count;

/* Fill elements with small whole numbers, whose sums are exact in any order: element i is 1 + i % 251. */
void stream_fill(double *array, size_t n);

/* What STREAM_READ must return for elements from..from + n of a filled array. */
double stream_sum(size_t from, size_t n);

/*
 * Whether element @index of a, b and c having been filled as one, holds what the kernel makes of it. STREAM_READ writes
 * nothing, and is always right.
 */
bool stream_is_right(enum stream_kernel kernel, const struct stream *stream, size_t index);

#endif
