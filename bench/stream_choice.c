/*
 * The fastest code of each kernel, by trial.
 *
 * Wider is not always faster: on a Zen 4, whose data paths take an AVX-512 load in two halves, one thread reads memory
 * 4 to 5% faster by AVX2, and two threads 9%. Nor is what is best for one kernel best for all: see streams_kernels.h. So
 * each code that the processor runs goes over the memory, in turns, and the one that is fastest at its best is taken; a
 * disturbance only ever makes a round slower. To keep the trial short a kernel stands for those that make a processor do much
 * the same: ordinary stores for each other, and past the caches those that read one array, or two.
 */
#include "stream_choice.h"
#include "placement.h"

#include <math.h>
#include <time.h>

enum { CODES_MOST = 16 };
static const double longest_seconds = 1;

static const enum stream_kernel tried_for[STREAM_KERNELS] = {
    [STREAM_READ] = STREAM_READ,
    [STREAM_WRITE] = STREAM_TRIAD,
    [STREAM_WRITE_PAST] = STREAM_WRITE_PAST,
    [STREAM_COPY] = STREAM_TRIAD,
    [STREAM_COPY_PAST] = STREAM_COPY_PAST,
    [STREAM_SCALE] = STREAM_TRIAD,
    [STREAM_SCALE_PAST] = STREAM_COPY_PAST,
    [STREAM_ADD] = STREAM_TRIAD,
    [STREAM_ADD_PAST] = STREAM_TRIAD_PAST,
    [STREAM_TRIAD] = STREAM_TRIAD,
    [STREAM_TRIAD_PAST] = STREAM_TRIAD_PAST,
};

/* The shortest time of each code with each kernel that is tried; infinite where it was not run. */
struct times {
    double best[CODES_MOST][STREAM_KERNELS];
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool can_run(size_t code, enum stream_kernel kernel)
{
    return code < CODES_MOST && stream_codes[code]->kernels[kernel] != NULL && stream_codes[code]->is_usable();
}

/* A round: each code once with each kernel, over thirds of the memory. */
static void try_all(struct times *times, double *memory, size_t n)
{
    const struct stream thirds = {memory, memory + n / 3, memory + 2 * (n / 3), n / 3, 3};

    for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS; kernel++) {
        for (size_t code = 0; tried_for[kernel] == kernel && code < stream_code_count; code++) {
            if (!can_run(code, kernel))
                continue;
            double start = now();
            stream_codes[code]->kernels[kernel](&thirds);
            times->best[code][kernel] = fmin(times->best[code][kernel], now() - start);
        }
    }
}

/* The first of those with the shortest time: the widest, where nothing was tried. */
static void take_best(const struct times *times, struct stream_choice *choice)
{
    for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS; kernel++) {
        double shortest = INFINITY;
        choice->code[kernel] = NULL;
        for (size_t code = 0; code < stream_code_count; code++) {
            double time = code < CODES_MOST ? times->best[code][tried_for[kernel]] : INFINITY;
            if (!can_run(code, kernel) || (choice->code[kernel] != NULL && time >= shortest))
                continue;
            choice->code[kernel] = stream_codes[code];
            shortest = time;
        }
    }
}

static void forget_times(struct times *times)
{
    for (size_t code = 0; code < CODES_MOST; code++)
        for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS; kernel++)
            times->best[code][kernel] = INFINITY;
}

void stream_try(struct stream_choice *choice, double *memory, size_t n)
{
    struct times times;
    double start = now();

    forget_times(&times);
    do
        try_all(&times, memory, n);
    while (now() - start < longest_seconds);
    take_best(&times, choice);
}

void stream_choose(struct stream_choice *choice, size_t bytes, const struct nodes *nodes)
{
    struct buffer buffer;
    struct times none;
    size_t n = bytes / sizeof(double) / (3 * STREAM_STEP) * (3 * STREAM_STEP), at = 0;

    while (at < nodes->count && !nodes->node[at].has_memory)
        at++;
    if (n == 0 || at == nodes->count || buffer_make(&buffer, bytes, nodes->node[at].id, NULL) != NP_OK) {
        forget_times(&none);
        take_best(&none, choice);
        return;
    }
    double *memory = (double *)(void *)buffer.start;
    stream_fill(memory, n);
    stream_try(choice, memory, n);
    buffer_free(&buffer);
}
