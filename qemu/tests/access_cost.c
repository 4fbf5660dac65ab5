/*
 * What an access costs in this guest: a random chase with the access counter disarmed and armed, in turns, or without one.
 * It stays within a first-level cache and the emulator's own translations: beyond them their misses hide what counting adds.
 *
 * Runs in place of the command (counter_cost.py does it); prints a line for each state, the median of its rounds, in
 * nanoseconds of an emulated load. Only the differences between the lines of one host mean anything.
 */
#include "access_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ELEMENTS = 1 << 12, LOADS = 1000000, ROUNDS = 15 };

static double now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* One cycle through all elements, by chance (Sattolo): each element holds the number of the next. */
static void make_cycle(size_t *next)
{
    for (size_t i = 0; i < ELEMENTS; i++)
        next[i] = i;
    for (size_t i = ELEMENTS - 1; i > 0; i--) {
        size_t other = (size_t)rand() % i, kept = next[i];
        next[i] = next[other];
        next[other] = kept;
    }
}

static double time_loads(const volatile size_t *next)
{
    static size_t place;
    double start = now_ns();

    for (int i = 0; i < LOADS; i++)
        place = next[place];
    return (now_ns() - start) / LOADS;
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

int main(void)
{
    struct access_reader reader;
    char why[256];
    double disarmed[ROUNDS], armed[ROUNDS];
    size_t *next = malloc(ELEMENTS * sizeof *next);

    if (next == NULL)
        return 3;
    bool counts = access_reader_open(&reader, why, sizeof why);
    make_cycle(next);
    time_loads(next);
    for (int round = 0; round < ROUNDS; round++) {
        disarmed[round] = time_loads(next);
        if (!counts)
            continue;
        access_reader_arm(&reader);
        armed[round] = time_loads(next);
        access_reader_disarm(&reader);
    }
    printf("%s %.1f\n", counts ? "disarmed" : "none", median(disarmed));
    if (counts)
        printf("armed %.1f\n", median(armed));
    free(next);
    return 0;
}
