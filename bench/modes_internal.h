/*
 * The parts of the comparison of hard and soft mode, among themselves.
 *
 * modes.c plans and runs; modes_run.c takes one run; modes_share.c works out shares from counters; modes_report.c turns what
 * was found into figures and claims; modes_memory.c measures what policies, pressure and balancing do to memory.
 */
#ifndef NUMAPROOF_BENCH_MODES_INTERNAL_H
#define NUMAPROOF_BENCH_MODES_INTERNAL_H

#include "bench/bench.h"
#include "chase.h"
#include "counters.h"
#include "disturbance.h"
#include "noise.h"
#include "sizes.h"
#include "workload.h"

/* What one run of a workload comes to. */
enum modes_figure {
    MODES_THROUGHPUT, /* requests/s */
    MODES_MEDIAN,     /* us, as the next two */
    MODES_P99,
    MODES_P999,
    MODES_MISPLACED, /* % of the data's pages, verified one by one */
    MODES_REMOTE,    /* % of the accesses to the data, by counters */
    MODES_FIGURES
};

/* A workload under a disturbance. */
struct modes_scenario {
    const struct workload *workload;
    enum disturbance_kind disturbance;
    np_steal steal;
    char name[64]; /* "packets, CPU hog, stealing" */
};

/* What a scenario came to in one mode. */
struct modes_side {
    double *samples[MODES_FIGURES]; /* One a run that was not refused; NAN for what could not be told. */
    size_t count, capacity;
    size_t refused, failed;
    size_t requests;                              /* In the open phase of each run. */
    char reason[256];                             /* Of the last that was refused or failed. */
    double *counted;                              /* By counter, over all runs. */
    double accesses, remote_accesses;             /* To data, by counters. */
    double queue_accesses, remote_queue_accesses; /* To queues. */
    double expected_remote_accesses;              /* To data, by the misplaced pages of each node. */
    bool has_accesses;
};

struct modes_result {
    struct modes_scenario scenario;
    struct modes_side sides[2]; /* By np_mode. */
    char noise[NOISE_SIZE];     /* What else disturbed it, where that was seen; "" = nothing. */
};

/* Where local and remote accesses stand in the list of counters. */
struct modes_share {
    struct counters *counters;
    size_t count;
    bool is_exact; /* By the access counter, and by pair of nodes. */
    bool is_known; /* By that, or by the processor's events. */
};

/* How much is asked of each run. */
struct modes_effort {
    double saturate_seconds, serve_seconds;
    double serve_longest; /* For as many requests as quantiles need, where those take longer than serve_seconds. */
    size_t pairs_min, pairs_max; /* Even. */
    double width;
};

struct modes {
    struct sizing sizing;            /* Of the data of a site. */
    struct workload_setting setting; /* But for mode and steal. */
    np_topology *topology;
    np_cpuset home_cpus; /* Of the first site. */
    struct modes_share share;
    struct modes_effort effort;
    double gap_ns[8]; /* Between the arrivals of a lane, by workload; 0: not known yet. */
    size_t memory_nodes;
    bool virtual_machine;
    bool delayed; /* Emulated, and farther memory takes longer. */
    bool may_change_machine;
    double seconds, start;  /* The time limit, */
    double end;             /* and when it is over, as modes_now() has it: no pair of runs is begun after that. */
    double *before, *after; /* Room for two readings of the counters. */
    const struct bench_options *options;
};

/* modes_run.c */
np_status modes_calibrate(struct modes *modes, size_t workload, struct bench_report *report, np_error *error);
np_status modes_run(struct modes *modes, const struct modes_scenario *scenario, size_t workload, np_mode mode,
    struct modes_side *side, np_error *error);
double modes_now(void);
/* How many times over a request of @workload does its work here. */
uint32_t modes_work(const struct modes *modes, const struct workload *workload);
/*
 * The time is over: no pair of runs is begun any more. Not so in an emulated machine, whose time is not that of hardware, and
 * where even one pair takes long: there each scenario has two. What got none says so in @reason, 64 bytes of it.
 */
bool modes_is_over(const struct modes *modes);
#define MODES_NO_TIME "there was no time for it in %.0f s"

/* modes_share.c */
void modes_share_find(struct modes_share *share, struct counters *counters);
/* Accesses to data and to queues between two readings, and those of them that were remote; by initiator where it is known. */
struct modes_accesses {
    double data, remote_data, queue, remote_queue;
    double by_initiator[ACCESS_NODES_MAX];
};
bool modes_share_read(
    const struct modes_share *share, const double *before, const double *after, struct modes_accesses *accesses);

/* modes_report.c */
np_status modes_report(const struct modes *modes, const struct modes_result *results, size_t count,
    struct bench_report *report, np_error *error);
np_status modes_claim(struct bench_report *report, const char *id, const char *text, const char *verdict,
    np_error *error, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The figures of @summary, whether its interval is as narrow as @width, and what disturbed it: @noise, and what its samples show. */
struct summary;
void modes_set_summary(
    struct bench_measurement *measurement, const struct summary *summary, double width, const char *noise);

/* modes_memory.c, modes_balancing.c */
np_status modes_policies(struct modes *modes, struct bench_report *report, np_error *error);
np_status modes_spill(struct modes *modes, struct bench_report *report, np_error *error);
np_status modes_balancing(struct modes *modes, struct bench_report *report, np_error *error);

#endif
