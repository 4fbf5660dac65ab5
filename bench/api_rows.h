/*
 * The rows of `bench api`: something the API does, beside the least that the kernel or a plain program needs for the same.
 *
 * A file of rows (api_pin.c, api_region.c, ...) is one idea; api.c runs them all and reports.
 */
#ifndef NUMAPROOF_BENCH_API_ROWS_H
#define NUMAPROOF_BENCH_API_ROWS_H

#include "bench/bench.h"
#include "functions.h"
#include "ratio.h"

#include <stdatomic.h>
#include <time.h>

/* What all rows work with. */
struct api_machine {
    struct functions api;
    np_topology *topology;
    unsigned node;   /* The node worked on: the first with memory and a CPU that this process may use. */
    np_cpuset cpus;  /* Those CPUs of it. */
    np_nodeset bind; /* That node alone. */
    double end;      /* On the clock of api_now(): nothing is begun after it but a row's first pair. */
    double patience; /* Seconds that an executor may take for tasks that take no time. */
    bool emulated;   /* Bounds of time are stated for hardware, and are not judged. */
};

struct api_row {
    const char *name; /* "pin and release" */
    np_mode mode;
    bool in_modes;        /* Whether the mode means anything. */
    const char *baseline; /* What it is compared with, in words. */
    enum ratio_kind kind;
    bool speed_up; /* The ratio is baseline / ours: how many times as fast. */
    struct ratio_bound bound;

    double share; /* Of the time, beside the others; 0 = 1. */

    /* Get ready: a state for the calls below, or NULL, and in @why the reason that the row cannot be run here. */
    void *(*begin)(const struct api_machine *machine, const struct api_row *row, np_error *why);
    /* Nanoseconds that one operation takes, over as many as fill a millisecond or more. False: it failed, and @why. */
    bool (*sample)(void *state, bool baseline, double *nanoseconds, np_error *why);
    void (*end)(void *state);
};

struct api_rows {
    const struct api_row *rows;
    size_t count;
};

extern const struct api_rows api_pin_rows, api_region_rows, api_lookup_rows, api_executor_rows, api_wakeup_rows,
    api_counter_rows;

/* What becomes of a row that cannot be run, for this reason: a refusal of hard mode is a result. */
enum bench_state api_state_of(const np_error *why);

/* The id of a claim on something with this name: "api-pin-and-release-soft". */
void api_claim_id(struct bench_claim *claim, const char *name, const char *mode);

/* All is to take @seconds from now, which also bounds the patience with a single executor. See api_wait.c. */
void api_set_limit(struct api_machine *machine, double seconds);
double api_seconds_left(const struct api_machine *machine);

/*
 * Wait until @executor has run all it was given, or until @count has come to @least. NP_TIMED_OUT, and the reason in
 * @error, where that takes longer than the patience: a task was lost.
 */
np_status api_await_all(const struct api_machine *machine, np_executor *executor, np_error *error);
np_status api_await_count(
    const struct api_machine *machine, const atomic_ulong *count, unsigned long least, np_error *error);

/* Destroy it; false where it cannot be ended, and is left behind: its tasks may yet come to run. NULL is gone already. */
bool api_let_go(const struct api_machine *machine, np_executor *executor);

/* What the reason of a claim begins with in an emulated machine. */
#define API_NOT_JUDGED "not judged, the bound is stated for hardware; emulated: "

/* "soft" or "strict". */
const char *api_mode_name(np_mode mode);

static inline double api_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#endif
