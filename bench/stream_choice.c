/*
 * The fastest vector code, by trial.
 *
 * Wider is not always faster: on a Zen 4, whose data paths take an AVX-512 load in two halves, one thread reads memory
 * 4 to 5% faster by AVX2, and two threads 9%. So each code that the processor runs reads the memory and does a triad over
 * it, in turns, and the one that is fastest at its best is taken; a disturbance only ever makes a round slower.
 */
#include "stream_choice.h"
#include "placement.h"

#include <math.h>
#include <time.h>

enum { CODES_MOST = 8, FEWEST_ROUNDS = 2 };
static const double longest_seconds = 0.5;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Seconds of a read of it all, and of a triad from two thirds into the third, past the caches where the code can. */
static double try_code(const struct stream_code *code, double *memory, size_t n)
{
    size_t third = n / 3;
    enum stream_kernel triad = code->kernels[STREAM_TRIAD_PAST] != NULL ? STREAM_TRIAD_PAST : STREAM_TRIAD;
    const struct stream all = {memory, memory, memory, n, 3};
    const struct stream thirds = {memory, memory + third, memory + 2 * third, third, 3};
    double start = now();

    code->kernels[STREAM_READ](&all);
    code->kernels[triad](&thirds);
    return now() - start;
}

const struct stream_code *stream_fastest(double *memory, size_t n)
{
    double best[CODES_MOST], start = now();
    size_t fastest = stream_code_count;

    for (size_t i = 0; i < stream_code_count; i++)
        best[i] = INFINITY;
    for (unsigned round = 0; round < FEWEST_ROUNDS || now() - start < longest_seconds; round++) {
        for (size_t i = 0; i < stream_code_count; i++) {
            if (stream_codes[i]->is_usable())
                best[i] = fmin(best[i], try_code(stream_codes[i], memory, n));
        }
    }
    for (size_t i = 0; i < stream_code_count; i++) {
        if (stream_codes[i]->is_usable() && (fastest == stream_code_count || best[i] < best[fastest]))
            fastest = i;
    }
    return stream_codes[fastest];
}

const struct stream_code *stream_choose(size_t bytes, const struct nodes *nodes)
{
    struct buffer buffer;
    size_t n = bytes / sizeof(double) / (3 * STREAM_STEP) * (3 * STREAM_STEP), at = 0;

    while (at < nodes->count && !nodes->node[at].has_memory)
        at++;
    if (n == 0 || at == nodes->count || buffer_make(&buffer, bytes, nodes->node[at].id, NULL) != NP_OK)
        return stream_widest();
    double *memory = (double *)(void *)buffer.start;
    stream_fill(memory, n);
    const struct stream_code *code = stream_fastest(memory, n);
    buffer_free(&buffer);
    return code;
}
