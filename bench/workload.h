/*
 * What hard and soft mode are compared in: see workload.c, and workload_*.c for each.
 *
 * A workload is made for one run in one mode, with all its memory, threads and queues made through the API in that mode, and
 * is thrown away after it. Any part of it that hard mode refuses makes the run refused.
 */
#ifndef NUMAPROOF_BENCH_WORKLOAD_H
#define NUMAPROOF_BENCH_WORKLOAD_H

#include "access.h"

#include <numaproof/executor.h>
#include <numaproof/region.h>
#include <numaproof/topology.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORKLOAD_SITES_MAX  ACCESS_RANGES_MAX
#define WORKLOAD_RANGES_MAX ((size_t)2 * WORKLOAD_SITES_MAX)

/* Where and how a workload is run. */
struct workload_setting {
    const np_topology *topology;
    np_mode mode;
    np_steal steal;                     /* Of the executor, where it uses one. */
    unsigned nodes[WORKLOAD_SITES_MAX]; /* Nodes with CPUs and memory: its sites. The first is the one disturbed. */
    size_t node_count;
    uint32_t workers_per_node;
    size_t bytes;  /* Of data on each site. */
    uint32_t work; /* How many times over a request does its work; 1 or more. */
};

/* Memory of a workload, and the node that it is meant to be on. */
struct workload_range {
    char *start;
    size_t bytes;
    unsigned node;
    enum access_family family;
};

/* A request in the ring of its site, which is memory of the workload like its data. */
struct workload_request {
    _Alignas(64) uint64_t number; /* Of its site, from 0. */
    uint64_t due_ns;
    struct workload_run *run;
    uint32_t site;
    _Atomic uint32_t is_under_way;
};

struct workload {
    const char *name;
    const char *doc;
    /* Requests of a site that are under way at most, between the oldest and the newest, too: fewer by as much as they work. */
    size_t ring;
    bool by_executor; /* Served on all sites by an executor's workers; otherwise on the first, by whoever asks. */
    /*
     * The setting's work in an emulated machine whose accesses are delayed. Its timer alone takes 100 to 300 us of a CPU 250
     * times a second (QEMU 7.2, Linux 6.1), and its host lets a CPU wait for some milliseconds: this is as much as makes a
     * request 5 to 12 ms long. A request that is longer than a pause also makes good most of it, by the pace of its accesses.
     */
    uint32_t delayed_work;
    /* Make the data of @run in its setting's mode, and fill it. */
    np_status (*open)(struct workload_run *run, np_error *error);
    void (*close)(struct workload_run *run);
    /*
     * Serve @request, or hand it over; in the end somebody calls workload_done(). False when it cannot be handed over.
     */
    bool (*serve)(struct workload_request *request);
};

extern const struct workload workload_chase, workload_triad, workload_lookup, workload_packets;
extern const struct workload *const workloads[];
extern const size_t workload_count;

/* The ring of requests of one site, and what its requests took. */
struct workload_lane {
    np_region *region;
    struct workload_request *ring;
    _Atomic uint64_t *completed; /* In the region too. */
    uint64_t issued;
    double *latencies; /* Its part of the run's, by number; NULL but in the open phase. */
    uint64_t first;    /* Number of the phase's first request. */
};

/* A workload that has been made. */
struct workload_run {
    const struct workload *workload;
    struct workload_setting setting;
    size_t lane_count;
    size_t ring; /* Requests of each lane's. */
    struct workload_lane lanes[WORKLOAD_SITES_MAX];
    np_executor *executor; /* NULL where it uses none. */
    double *latencies;     /* Of the open phase, in nanoseconds, lane by lane; its lanes' requests go to parts of it. */
    void *state;           /* The workload's own. */
    size_t range_count;
    struct workload_range ranges[WORKLOAD_RANGES_MAX]; /* Data first, as open() adds them, then the rings. */
};

/*
 * Make @workload in @setting. NP_HARD_MODE_UNAVAILABLE when hard mode refused a part of it, with the part's own reason; nothing
 * is left then, as after every error. End with workload_close().
 */
np_status workload_open(
    struct workload_run *run, const struct workload *workload, const struct workload_setting *setting, np_error *error);
void workload_close(struct workload_run *run);

/* For open(): a region of data on @node in the run's mode, all its pages present, added to the ranges. */
np_status workload_add_region(struct workload_run *run, size_t bytes, unsigned node, enum access_family family,
    np_region **region, np_error *error);
/* The same for memory that is there already. */
void workload_add_range(struct workload_run *run, void *start, size_t bytes, unsigned node, enum access_family family);

/*
 * For serve(): a place among @count for request @number, such that any number of requests in sequence is spread evenly over
 * all of them.
 */
size_t workload_spread(uint64_t number, size_t count);

/* For serve() and what it hands over to: the request has been served. It may be written over at once. */
void workload_done(struct workload_request *request);

/* Pages of the run's data that are present, and those on another node than they are meant for. False: cannot be told. */
bool workload_count_misplaced(const struct workload_run *run, size_t *pages, size_t *misplaced);
/* The same of one of its ranges. */
bool workload_count_range(const struct workload_range *range, size_t *pages, size_t *misplaced);

/*
 * Serve as fast as can be for @seconds, with a few requests under way at a time; requests served a second goes to
 * *@throughput. NP_SYSTEM, too, when the executor has lost those who would have served them.
 */
np_status workload_saturate(struct workload_run *run, double seconds, double *throughput, np_error *error);

/*
 * Serve @count requests a site that are due every @gap_ns nanoseconds, at one site after the other within that time. What they
 * took is in @run's latencies until the next time or workload_close(), @count for each of the lanes. NP_SYSTEM as above.
 */
np_status workload_serve(struct workload_run *run, size_t count, double gap_ns, np_error *error);

#endif
