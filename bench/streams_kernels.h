/*
 * The loops of all kernels, for whichever vector the including file defines: included by streams_*.c, once each.
 *
 * VECTOR        a vector of LANES doubles, with the operators of C
 * TARGET        the function attribute that allows its instructions
 * SPREAD(x)     a vector with x in each lane
 * PAST(p, v)    store it past the caches; the file leaves it out where there is no such store
 * PAST_FENCE()  make such stores visible before what follows
 * CODE          the name of the struct stream_code to define, with CODE_NAME and CODE_USABLE
 * CODE_AHEAD    the name of a second one, where PAST is: of the same kernels that read and write past the caches, asking
 *               for what they will read beforehand
 *
 * Eight vectors a step keep enough loads in flight and make the loop's own instructions free; reading adds into eight
 * sums, since one would wait for itself. Asking beforehand is a matter of the processor and of the kernel: on a Zen 3 a copy
 * past the caches gains 5 to 10% by it, and a triad loses as much.
 */
#include "streams.h"

#include <stdint.h>

#define LOAD(p)     (*(const VECTOR *)(const void *)(p))
#define STORE(p, v) (*(VECTOR *)(void *)(p) = (v))

#define FUNCTION(name) TARGET static double name(const struct stream *stream)
#define ARRAYS                                                                                                         \
    double *a = stream->a;                                                                                             \
    const double *b = stream->b, *c = stream->c;                                                                       \
    const VECTOR s = SPREAD(stream->s);                                                                                \
    (void)b, (void)c, (void)s;

#define AT(k) (i + (k)*LANES)

/* Ask for the lines of a step of @array, so many bytes before they are read. A prefetch past the end does no harm. */
#define AHEAD_BYTES 1024
#define ASK_FOR(array)                                                                                                 \
    for (size_t line = 0; line < 8 * LANES; line += 8)                                                                 \
    __builtin_prefetch((const void *)((uintptr_t)((array) + i + line) + AHEAD_BYTES), 0, 0)
#define ASK_FOR_NOTHING ((void)0)
#define ASK_FOR_B       ASK_FOR(b)
#define ASK_FOR_B_AND_C                                                                                                \
    ASK_FOR(b);                                                                                                        \
    ASK_FOR(c)

/* A kernel that writes: value(k) is what goes to vector k of the step. */
#define WRITING(name, ask, store, value, fence)                                                                        \
    FUNCTION(name)                                                                                                     \
    {                                                                                                                  \
        ARRAYS for (size_t i = 0; i < stream->n; i += 8 * LANES)                                                       \
        {                                                                                                              \
            ask;                                                                                                       \
            store(a + AT(0), value(0));                                                                                \
            store(a + AT(1), value(1));                                                                                \
            store(a + AT(2), value(2));                                                                                \
            store(a + AT(3), value(3));                                                                                \
            store(a + AT(4), value(4));                                                                                \
            store(a + AT(5), value(5));                                                                                \
            store(a + AT(6), value(6));                                                                                \
            store(a + AT(7), value(7));                                                                                \
        }                                                                                                              \
        fence();                                                                                                       \
        return 0;                                                                                                      \
    }

#define NO_FENCE()
#define VALUE_WRITE(k) s
#define VALUE_COPY(k)  LOAD(b + AT(k))
#define VALUE_SCALE(k) (s * LOAD(b + AT(k)))
#define VALUE_ADD(k)   (LOAD(b + AT(k)) + LOAD(c + AT(k)))
#define VALUE_TRIAD(k) (LOAD(b + AT(k)) + s * LOAD(c + AT(k)))

WRITING(write_all, ASK_FOR_NOTHING, STORE, VALUE_WRITE, NO_FENCE)
WRITING(copy, ASK_FOR_NOTHING, STORE, VALUE_COPY, NO_FENCE)
WRITING(scale, ASK_FOR_NOTHING, STORE, VALUE_SCALE, NO_FENCE)
WRITING(add, ASK_FOR_NOTHING, STORE, VALUE_ADD, NO_FENCE)
WRITING(triad, ASK_FOR_NOTHING, STORE, VALUE_TRIAD, NO_FENCE)
#ifdef PAST
WRITING(write_past, ASK_FOR_NOTHING, PAST, VALUE_WRITE, PAST_FENCE)
WRITING(copy_past, ASK_FOR_NOTHING, PAST, VALUE_COPY, PAST_FENCE)
WRITING(scale_past, ASK_FOR_NOTHING, PAST, VALUE_SCALE, PAST_FENCE)
WRITING(add_past, ASK_FOR_NOTHING, PAST, VALUE_ADD, PAST_FENCE)
WRITING(triad_past, ASK_FOR_NOTHING, PAST, VALUE_TRIAD, PAST_FENCE)
WRITING(copy_ahead, ASK_FOR_B, PAST, VALUE_COPY, PAST_FENCE)
WRITING(scale_ahead, ASK_FOR_B, PAST, VALUE_SCALE, PAST_FENCE)
WRITING(add_ahead, ASK_FOR_B_AND_C, PAST, VALUE_ADD, PAST_FENCE)
WRITING(triad_ahead, ASK_FOR_B_AND_C, PAST, VALUE_TRIAD, PAST_FENCE)
#endif

FUNCTION(read_all)
{
    VECTOR s0 = SPREAD(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
    const double *b = stream->b;
    double sum = 0;

    for (size_t i = 0; i < stream->n; i += 8 * LANES) {
        s0 += LOAD(b + AT(0));
        s1 += LOAD(b + AT(1));
        s2 += LOAD(b + AT(2));
        s3 += LOAD(b + AT(3));
        s4 += LOAD(b + AT(4));
        s5 += LOAD(b + AT(5));
        s6 += LOAD(b + AT(6));
        s7 += LOAD(b + AT(7));
    }
    s0 = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    for (size_t lane = 0; lane < LANES; lane++)
        sum += ((const double *)&s0)[lane];
    return sum;
}

const struct stream_code CODE = {
    .name = CODE_NAME,
    .is_usable = CODE_USABLE,
    .kernels =
        {
            [STREAM_READ] = read_all,
            [STREAM_WRITE] = write_all,
            [STREAM_COPY] = copy,
            [STREAM_SCALE] = scale,
            [STREAM_ADD] = add,
            [STREAM_TRIAD] = triad,
#ifdef PAST
            [STREAM_WRITE_PAST] = write_past,
            [STREAM_COPY_PAST] = copy_past,
            [STREAM_SCALE_PAST] = scale_past,
            [STREAM_ADD_PAST] = add_past,
            [STREAM_TRIAD_PAST] = triad_past,
#endif
        },
};

#ifdef PAST
const struct stream_code CODE_AHEAD = {
    .name = CODE_NAME " with prefetching",
    .is_usable = CODE_USABLE,
    .kernels =
        {
            [STREAM_COPY_PAST] = copy_ahead,
            [STREAM_SCALE_PAST] = scale_ahead,
            [STREAM_ADD_PAST] = add_ahead,
            [STREAM_TRIAD_PAST] = triad_ahead,
        },
};
#endif
