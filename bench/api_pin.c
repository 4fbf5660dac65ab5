/*
 * Pin and release, beside the system calls that nobody can do without.
 *
 * Soft: read the affinity of before, set the new one, set the old one back. Strict reads the new one back in between. The
 * thread is pinned to the CPU that it runs on, out of all that it may use: so no figure holds a migration, which
 * costs the kernel many times the call and has nothing to do with who asks for it.
 */
#include "api_rows.h"
#include "failure.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERATIONS 100 /* Of a sample: some tenths of a millisecond, in which a thread is seldom preempted. */

struct pins {
    const struct functions *api;
    np_mode mode;
};

static bool pin_once(const struct pins *pins, const np_cpuset *cpus, np_error *why)
{
    np_pin *pin = NULL;

    return pins->api->pin_to_cpus(cpus, pins->mode, &pin, why) == NP_OK && pins->api->pin_release(pin, why) == NP_OK;
}

static bool call_bare(const cpu_set_t *cpus, bool read_back)
{
    cpu_set_t before, got;

    return sched_getaffinity(0, sizeof before, &before) == 0 && sched_setaffinity(0, sizeof *cpus, cpus) == 0 &&
           (!read_back || sched_getaffinity(0, sizeof got, &got) == 0) &&
           sched_setaffinity(0, sizeof before, &before) == 0;
}

static bool time_bare(const struct pins *pins, int cpu, double *nanoseconds, np_error *why)
{
    cpu_set_t cpus;
    bool done = true;

    CPU_ZERO(&cpus);
    CPU_SET((size_t)cpu, &cpus);
    double start = api_now();
    for (int i = 0; i < OPERATIONS && done; i++)
        done = call_bare(&cpus, pins->mode == NP_STRICT);
    *nanoseconds = (api_now() - start) / OPERATIONS;
    if (!done)
        failure(why, NP_SYSTEM, "the bare affinity calls on CPU %d failed: %s", cpu, strerrordesc_np(errno));
    return done;
}

static bool time_ours(const struct pins *pins, int cpu, double *nanoseconds, np_error *why)
{
    np_cpuset cpus = {0};
    bool done = true;

    cpus.words[cpu / 64] = UINT64_C(1) << cpu % 64;
    double start = api_now();
    for (int i = 0; i < OPERATIONS && done; i++)
        done = pin_once(pins, &cpus, why);
    *nanoseconds = (api_now() - start) / OPERATIONS;
    return done;
}

static bool sample(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    int cpu = sched_getcpu();

    if (cpu < 0 || cpu >= CPU_SETSIZE) {
        failure(why, NP_SYSTEM, "CPU %d is not one that cpu_set_t can hold", cpu);
        return false;
    }
    return baseline ? time_bare(state, cpu, nanoseconds, why) : time_ours(state, cpu, nanoseconds, why);
}

static void *begin(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    struct pins *pins = malloc(sizeof *pins);
    double once;

    if (pins == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    *pins = (struct pins){.api = &machine->api, .mode = row->mode};
    if (sample(pins, false, &once, why))
        return pins;
    free(pins);
    return NULL;
}

static const struct api_row rows[] = {
    {.name = "pin and release",
        .mode = NP_SOFT,
        .in_modes = true,
        .baseline = "sched_getaffinity, sched_setaffinity, sched_setaffinity",
        .bound = {RATIO_AT_MOST, 1.25},
        .begin = begin,
        .sample = sample,
        .end = free},
    {.name = "pin and release",
        .mode = NP_STRICT,
        .in_modes = true,
        .baseline = "sched_getaffinity, sched_setaffinity, sched_getaffinity, sched_setaffinity",
        .bound = {RATIO_AT_MOST, 1.25},
        .begin = begin,
        .sample = sample,
        .end = free},
};

const struct api_rows api_pin_rows = {rows, sizeof rows / sizeof rows[0]};
