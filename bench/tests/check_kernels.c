/*
 * All bandwidth kernels that were compiled for this processor do what they say: a program without a library beside it, so
 * that it can be built for another processor and run by an emulator (test_neon.py). Prints how many, by what code.
 */
#include "streams.h"

#include <stdio.h>
#include <stdlib.h>

enum { N = 16 * STREAM_STEP };

static bool is_right(const struct stream_code *code, enum stream_kernel kernel, double *memory)
{
    const struct stream stream = {memory, memory + N, memory + 2 * (size_t)N, N, 3};
    bool right = true;

    for (size_t i = 0; i < 3; i++)
        stream_fill(memory + i * N, N);
    memory[0] = -1;
    double sum = code->kernels[kernel](&stream);
    right = kernel != STREAM_READ || sum == stream_sum(0, N);
    for (size_t i = 0; i < N; i++)
        right = right && stream_is_right(kernel, &stream, i);
    return right;
}

int main(void)
{
    double *memory = aligned_alloc(64, 3 * N * sizeof *memory);
    int wrong = 0;

    for (size_t i = 0; memory != NULL && i < stream_code_count; i++) {
        int count = 0;
        for (enum stream_kernel kernel = 0; kernel < STREAM_KERNELS && stream_codes[i]->is_usable(); kernel++) {
            if (stream_codes[i]->kernels[kernel] == NULL)
                continue;
            bool right = is_right(stream_codes[i], kernel, memory);
            if (!right)
                printf("%s: %s came out wrong\n", stream_codes[i]->name, stream_facts[kernel].name);
            wrong += !right;
            count++;
        }
        printf("%s: %d kernels\n", stream_codes[i]->name, count);
    }
    free(memory);
    return memory == NULL || wrong > 0;
}
