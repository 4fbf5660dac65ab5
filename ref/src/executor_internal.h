/*
 * What an executor is made of.
 *
 *   np_executor          one; on the heap of whoever built it; nearly all of it constant once built
 *     executor_node      a node: its queue, who sleeps, who searches; in the node's memory
 *       worker           a thread of that node: its wake-up word, its counts; in the node's memory
 *
 * Nodes are known inside by their position in the plan, 0 to node_count - 1; ids, which may have gaps, are translated at
 * the door (EXEC-14). Which file does what: executor.c is the door; executor_plan.c says what to build; executor_build.c
 * and executor_threads.c build and end; worker.c is a worker's life, worker_place.c where it is; executor_wait.c waits and
 * shuts down; executor_health.c looks after the guarantee; statistics.c adds up.
 */
#ifndef NUMAPROOF_EXECUTOR_INTERNAL_H
#define NUMAPROOF_EXECUTOR_INTERNAL_H

#include "executor_plan.h"
#include "node_map.h"
#include "node_memory.h"
#include "node_queue.h"
#include <numaproof/executor.h>
#include <numaproof/pin.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct executor_node;

/*
 * Whether a worker may run tasks. Lost: off its node, and to sleep until that changes (EXEC-12). Dismissed: its executor ends.
 * A futex sleeps only while its word is what the sleeper has seen; who ends a wait must change the word and not only wake:
 * a worker that was about to sleep would not hear of it.
 */
enum worker_standing { WORKER_KEPT, WORKER_LOST, WORKER_DISMISSED };

/* One thread. */
struct worker {
    /* Constant once built. */
    np_executor *executor;
    struct executor_node *node;
    unsigned index; /* In its node: the number of its bit among the sleepers. */
    pthread_t thread;
    pid_t thread_id;

    /* How its start went; written by the thread, read by the builder once all have settled. */
    np_status settled;
    np_error settling_error;
    np_pin *pin;            /* NULL once it has ended. */
    np_enforcement pin_got; /* What the pin got. */
    bool pinned_wholly;     /* To all of the node's `affinity`. */
    int real_time_error;    /* 0, or why it has no real-time priority. */

    /* Written by others. */
    alignas(APART) _Atomic uint32_t wake; /* 1: someone has claimed it from the sleepers. */
    _Atomic uint32_t standing;            /* A worker_standing. */

    /* Written by the thread alone. */
    alignas(APART) bool searching; /* It is counted in its node's `searching`. */
    struct lane_position own_lanes, other_lanes;
    bool on_node; /* Where it was at its last look. */
    uint64_t search_until;
    uint64_t ended;                   /* Tasks that it has run to their end. */
    _Atomic uint64_t ended_in_public; /* The same, as of when it last ran out of work. */
    _Atomic uint32_t holding;         /* Lost with a task in hand that it has not begun. */
    _Atomic uint64_t astray;          /* Tasks of its own node that it began off the node. */
    _Atomic uint64_t *begun;          /* Tasks that it began, by the position of the node they were submitted to. */
};

struct executor_node {
    /* Constant once built. */
    unsigned id;
    unsigned position;
    np_cpuset cpus;     /* Where its workers may run. */
    np_cpuset affinity; /* What they are pinned to: the usable ones of these. */
    unsigned workers_planned;
    unsigned worker_count; /* Those that were started. */
    struct worker **workers;
    unsigned home; /* The position of the node whose workers serve this one: itself where it has some. */

    /* The queues that its workers take from, in this order: the first `own_count` are theirs to serve, the rest to steal. */
    struct executor_node **sources;
    unsigned source_count;
    unsigned own_count;
    /* The nodes whose workers may take from its queue, in the order in which they are woken. */
    struct executor_node **servers;
    unsigned server_count;

    /* How many workers are lost, and why the last one is. */
    alignas(APART) _Atomic uint32_t lost;
    pthread_mutex_t telling;
    char lost_reason[256];

    /*
     * Workers awake and without a task, and a bit for each that sleeps. One who submits wakes a sleeper only if no one is
     * searching: a searcher looks at every queue again before it sleeps, and wakes others when it finds a task and is
     * the last to search.
     */
    alignas(APART) _Atomic uint32_t searching;
    _Atomic uint64_t sleeping[NP_CPU_MAX / 64];

    struct node_queue queue;
};

enum executor_phase { EXECUTOR_BUILDING, EXECUTOR_RUNNING, EXECUTOR_ENDING };

struct np_executor {
    /* Constant once built. */
    bool strict;
    np_steal steal;
    int real_time_priority;
    const _Atomic uint32_t *fork_mark;
    unsigned node_count;
    struct executor_node **nodes;
    struct node_memory *memory; /* By position. */
    np_enforcement enforcement;
    struct node_map map;
    uint8_t lane_of_cpu[NP_CPU_MAX]; /* What a submitter hands to node_queue_put(). */

    alignas(APART) _Atomic uint32_t phase; /* An executor_phase. Workers sleep on it until the building is done. */

    alignas(APART) _Atomic uint32_t unsettled; /* Workers that have not said yet how their start went. */
    _Atomic uint32_t waiters;                  /* Threads that want to hear when workers run out of work. */
    _Atomic uint32_t quiet;                    /* They sleep on it; it changes when a worker does. */
    pthread_mutex_t control;                   /* For ending, health and repair. No worker ever takes it. */
    bool ended;                                /* No thread is left. */
};

/* executor_build.c. NP_HARD_MODE_UNAVAILABLE, NP_ALLOCATION; @options have been checked. */
np_status executor_build(
    const struct executor_plan *plan, const np_executor_options *options, np_executor **executor, np_error *error);
/* No thread is left, or none of them is this process's. */
void executor_free(np_executor *executor);

/* executor_wait.c: a worker has run out of work or was lost; whoever waits for the end of tasks looks again. */
void executor_tell_waiters(np_executor *executor);

/* executor.c: what every function asks first. NP_INVALID_ARGUMENT for NULL, NP_SHUT_DOWN in the child of a fork. */
np_status executor_check(const np_executor *executor, np_error *error);
bool executor_is_forked(const np_executor *executor);

static inline bool has_cpu(const np_cpuset *cpus, int cpu)
{
    return cpu >= 0 && cpu < NP_CPU_MAX && (cpus->words[cpu / 64] >> (cpu % 64) & 1) != 0;
}

#endif
