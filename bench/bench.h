/*
 * The measurements, as the command sees them: choose, run, get figures with intervals and the raw samples behind them.
 *
 * A figure never stands alone. It has the 95% interval of its median, how many samples it rests on, whether it converged,
 * and where it was measured: initiator and target were verified before and after, and a cell that was not where it claims
 * to be has no figure but a failure.
 */
#ifndef NUMAPROOF_BENCH_H
#define NUMAPROOF_BENCH_H

#include <numaproof/error.h>
#include <stdbool.h>
#include <stddef.h>

/* Whether the samples of a measurement may be believed. */
enum bench_state {
    BENCH_CONVERGED,     /* The interval is within the width asked for. */
    BENCH_NOT_CONVERGED, /* The time was up first; the figure is marked. */
    BENCH_MISPLACED,     /* Initiator or pages were not where they claim to be: no figure. */
    BENCH_NOT_RUN,       /* Could not be run here; the reason says why. */
    BENCH_REFUSED        /* Hard mode refused to run it, with this reason: a result, and no figure. */
};

/*
 * How single events are distributed, where samples are means of many: counts by time, each bound a twelfth of an octave
 * (6%) above the one before, the first at 1 ns; what is beyond either end counts at the end.
 */
#define BENCH_BOUNDS_AN_OCTAVE 12
#define BENCH_HISTOGRAM_COUNTS (BENCH_BOUNDS_AN_OCTAVE * 24)
struct bench_histogram {
    unsigned long long counts[BENCH_HISTOGRAM_COUNTS];
};

/* Count one event of @ns. */
void bench_histogram_add(struct bench_histogram *histogram, double ns);
/* The lower bound of count @index, in ns. */
double bench_histogram_bound(size_t index);
/* The time below which @share (0 to 1) of the events were, in ns, as the upper bound of its count; 0 without events. */
double bench_histogram_quantile(const struct bench_histogram *histogram, double share);

struct bench_measurement {
    char name[64];    /* "latency", ... */
    char variant[96]; /* What of it: kernel, size, threads, workload; "" where the name says all. */
    char unit[16];    /* "ns", "GB/s" */
    char mode[16];    /* "strict", "soft", or "" where it means nothing */
    int initiator;    /* Node of the CPU, -1 where it means nothing. */
    int target;       /* Node of the memory, -1 where it means nothing. */
    double median, ci_low, ci_high, mad, min, max, p99;
    size_t n;
    size_t outliers; /* Flagged, never dropped. */
    enum bench_state state;
    char reason[256]; /* Why it is not converged, misplaced or not run. */
    char noise[512];  /* What disturbed it, where that was seen: the figure may move from run to run. "" = nothing. */
    char source[128]; /* What counted: "clock_gettime(CLOCK_MONOTONIC)", ... */
    char detail[448]; /* Facts: buffer size, page size that really backs it, CPU. */
    double *samples;  /* The n raw samples in the order taken; owned by the report. */
    struct bench_histogram *histogram; /* Of single events, or NULL; owned by the report. */
};

/*
 * Ours beside a baseline, measured in turns, and the bound that it is held to. Its figures are in the report as measurements too,
 * named `measurement` for ours, with "-baseline" and "-ratio" (or "-difference") behind it for the others, all with this
 * variant and mode.
 */
struct bench_comparison {
    char measurement[64];
    char variant[96];
    char mode[16];
    double ours, baseline; /* Medians. */
    char unit[16];         /* Of these two. */
    char kind[16]; /* "ratio": ours / baseline; "speed-up": baseline / ours; "difference"; "count": ours alone. */
    double value, ci_low, ci_high;
    bool at_least; /* The bound is one from below. */
    double bound;
};

/* A claim tested over the figures, such as "remote memory is slower than local". */
struct bench_claim {
    char id[64];
    char text[256];
    char verdict[16];     /* "pass", "fail", "inconclusive", "not-applicable" */
    char reason[256];     /* With the numbers. */
    bool of_the_counting; /* Whether the measurement counted right: it says nothing of the machine. */
    bool is_comparison;   /* It is one; its numbers mean nothing where the verdict is "not-applicable". */
    struct bench_comparison comparison;
};

/* A counter of the one list (counters.c): what it counted, or why it could not. Never a 0 for what was not counted. */
struct bench_counter {
    char name[96];    /* As PAPI knows it. */
    char source[64];  /* Who counts: "processor", "kernel, per process", "access counter of the emulated machine"... */
    char unit[32];    /* "events", "pages", "accesses" */
    char during[96];  /* What was measured meanwhile: "latency", "modes packets strict"; "" where nothing was. */
    bool counted;     /* Whether it really counts here: it was added, started and read. */
    double value;     /* Over the measured part; meaningless unless counted. */
    char reason[256]; /* Why it does not count. */
};

/* The last cache as bench_caches(), or a short sweep, found it: what buffers are sized by, beside what is advertised. */
struct bench_cache {
    size_t bytes;    /* 0 where it was not found, */
    char reason[96]; /* and why not; "" where nobody has looked. */
};

/*
 * What benchmarks found: all zero at first, then each appends its own (bench_report_add_...), so that several share one.
 * A measurement is told from the others by name, variant, mode, initiator and target.
 */
struct bench_report {
    size_t measurement_count;
    struct bench_measurement *measurements; /* Owned by the report. */
    size_t claim_count;
    struct bench_claim *claims; /* Owned by the report. */
    size_t counter_count;
    struct bench_counter *counters; /* Owned by the report. */
    struct bench_cache cache;       /* Found by one, used by those after it. */
    double seconds;                 /* All benchmarks together. */
};

/* Called now and then, in the caller's thread: what is being done, how far it is, and the seconds left, or -1. */
typedef void bench_progress(const char *what, double fraction, double seconds_left, void *closure);

struct bench_options {
    bool quick;   /* Fewer rounds, smaller sweep. */
    double width; /* Asked width of the interval, as a share of the median; 0 = 0.02. */
    /*
     * Time limit over all, 0 = the benchmark's own. Nothing is begun after it but the second half of a pair, and what each figure
     * needs for one sample or pair, so that none is missing on a slow machine: of figures measured in rounds until ten times
     * the limit, or 30 s; of latency's chains those from the first target and the plain ones from all. Modes in an emulated
     * machine makes two pairs of each, whatever they take.
     */
    double seconds;
    const char *implementation; /* Whose functions are measured: a shared object; NULL = those the program exports. */
    bench_progress *progress;   /* May be NULL. */
    void *closure;
    const char *workload; /* Of bench_modes(): this one alone; NULL for all. */
    bool emulated;        /* The machine is made of software: bounds that are stated for hardware are not judged. */
    bool without_sweep;   /* To size buffers: what is measured of the caches is used, but nothing is measured for it. */
    bool may_change_machine; /* Of bench_modes(): a node may be filled, balancing be switched on, for the time being. */
};

/*
 * A benchmark: appends its figures, claims and counters to @report. On an error what was appended before stays. None is
 * thread-safe: they measure the whole machine, one at a time.
 */
typedef np_status bench_function(const struct bench_options *options, struct bench_report *report, np_error *error);

/* Latency of a dependent load, every initiator node by every memory node. */
bench_function bench_latency;

/* What CPUs read from memory and write to it, kernel by kernel, from one thread to all of a node, every node by every node. */
bench_function bench_bandwidth;

/* What the calls of an implementation cost, and whether that is within its bounds beside the bare minimum. */
bench_function bench_api;

/*
 * Latency by size, from a memory that fits the first cache to one that fits none: the caches as they are. It comes first:
 * the others size their buffers by it, and make a short sweep of their own without.
 */
bench_function bench_caches;

/* The time from one CPU's store to another's load of it, CPU by CPU. */
bench_function bench_cores;

/* Latency of a node's memory while the other CPUs of a node load it, step by step, and where that begins to cost. */
bench_function bench_loaded;
/* The same workloads under hard and soft mode, quiet and disturbed. */
bench_function bench_modes;

/* The names of its workloads, in order; NULL past the last. */
const char *bench_workload_name(size_t index);

/* Which counters really count here, by trying each: @report gets counters and nothing else. */
np_status bench_counters(struct bench_report *report, np_error *error);

/*
 * Append to a report. What is pointed at is copied, with one exception: a measurement's samples and histogram (malloc)
 * become the report's, and are freed at once when this fails. NP_ALLOCATION is all that can fail.
 *
 * Of counters that do not count, one that is there already with the same reason is not added again.
 */
np_status bench_report_add_measurement(
    struct bench_report *report, const struct bench_measurement *measurement, np_error *error);
np_status bench_report_add_claim(struct bench_report *report, const struct bench_claim *claim, np_error *error);
np_status bench_report_add_counters(
    struct bench_report *report, const struct bench_counter *counters, size_t count, np_error *error);

/* Free what it holds; it is empty then. */
void bench_report_free(struct bench_report *report);

/* Whether there is a figure, converged or not. */
bool bench_has_figure(const struct bench_measurement *measurement);

/* "converged", "not-converged", "misplaced", "not-run", "refused". */
const char *bench_state_name(enum bench_state state);

#endif
