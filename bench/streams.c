/*
 * The vector codes of the bandwidth kernels, and what they must come to.
 *
 * The loops are one text (streams_kernels.h), compiled for each kind of vector in a file of its own; which of them is run
 * is decided on the machine at hand. Bytes are counted in two ways, since tools differ in it: what the program moves, and
 * with the lines that a cache reads only to overwrite them (write-allocate). Stores past the caches cause none of that.
 *
 * A figure is of work that was really done: sums are compared, and what was written is looked at.
 */
#include "streams.h"

#define PERIOD     251
#define PERIOD_SUM (251.0 * 252 / 2)

const struct stream_facts stream_facts[STREAM_KERNELS] = {
    [STREAM_READ] = {"read", 8, 0},
    [STREAM_WRITE] = {"write", 8, 8},
    [STREAM_WRITE_PAST] = {"write past the caches", 8, 0},
    [STREAM_COPY] = {"copy", 16, 8},
    [STREAM_COPY_PAST] = {"copy past the caches", 16, 0},
    [STREAM_SCALE] = {"scale", 16, 8},
    [STREAM_SCALE_PAST] = {"scale past the caches", 16, 0},
    [STREAM_ADD] = {"add", 24, 8},
    [STREAM_ADD_PAST] = {"add past the caches", 24, 0},
    [STREAM_TRIAD] = {"triad", 24, 8},
    [STREAM_TRIAD_PAST] = {"triad past the caches", 24, 0},
};

extern const struct stream_code stream_plain;
#if defined(__x86_64__)
extern const struct stream_code stream_sse2, stream_sse2_ahead, stream_avx2, stream_avx2_ahead, stream_avx512,
    stream_avx512_ahead;
const struct stream_code *const stream_codes[] = {&stream_avx512, &stream_avx512_ahead, &stream_avx2,
    &stream_avx2_ahead, &stream_sse2, &stream_sse2_ahead, &stream_plain};
#elif defined(__aarch64__)
extern const struct stream_code stream_neon, stream_neon_ahead;
const struct stream_code *const stream_codes[] = {&stream_neon, &stream_neon_ahead, &stream_plain};
#else
const struct stream_code *const stream_codes[] = {&stream_plain};
#endif
const size_t stream_code_count = sizeof stream_codes / sizeof stream_codes[0];

static double element(size_t index)
{
    return 1 + (double)(index % PERIOD);
}

void stream_fill(double *array, size_t n)
{
    for (size_t i = 0; i < n; i++)
        array[i] = element(i);
}

/* The sum of elements 0 to n - 1: whole periods, and what is left. */
static double sum_to(size_t n)
{
    double rest = (double)(n % PERIOD), periods = (double)(n - n % PERIOD) / PERIOD;

    return periods * PERIOD_SUM + rest * (rest + 1) / 2;
}

double stream_sum(size_t from, size_t n)
{
    return sum_to(from + n) - sum_to(from);
}

bool stream_is_right(enum stream_kernel kernel, const struct stream *stream, size_t index)
{
    double b = stream->b[index], c = stream->c[index], expected = 0;

    switch (kernel) {
    case STREAM_WRITE:
    case STREAM_WRITE_PAST:
        expected = stream->s;
        break;
    case STREAM_COPY:
    case STREAM_COPY_PAST:
        expected = b;
        break;
    case STREAM_SCALE:
    case STREAM_SCALE_PAST:
        expected = stream->s * b;
        break;
    case STREAM_ADD:
    case STREAM_ADD_PAST:
        expected = b + c;
        break;
    case STREAM_TRIAD:
    case STREAM_TRIAD_PAST:
        expected = b + stream->s * c;
        break;
    case STREAM_READ:
    case STREAM_KERNELS:
        return true;
    }
    return stream->a[index] == expected;
}
