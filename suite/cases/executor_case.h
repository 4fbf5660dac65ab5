/*
 * What the cases on executors share: nodes to run on, executors, tasks that record where they ran or wait at a gate, and
 * the threads that an executor has, seen through the oracle.
 */
#ifndef NUMAPROOF_SUITE_EXECUTOR_CASE_H
#define NUMAPROOF_SUITE_EXECUTOR_CASE_H

#include "case.h"

#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

/* Nodes with CPUs that this process may use, and those CPUs. */
struct ids nodes_to_run_on(void);
struct ids cpus_to_run_on(unsigned node);

/* The first and the second of them; -1 where there is only one. */
unsigned first_run_node(void);
int second_run_node(void);

/* An id that is no node here. */
unsigned unknown_node(void);

/* The topology of this machine, as the implementation sees it. */
np_topology *topology_here(np_error *error);

/* Soft, local only, with so many workers on each node: what most cases start from. */
np_executor_options executor_options_of(np_mode mode, np_steal steal, unsigned workers_per_node);

/* An executor of this machine that must come into being; and its end, with nothing left. */
np_executor *executor_made(const np_executor_options *options, np_error *error);
void executor_ended(np_executor *executor, np_error *error);

/* Must be accepted, once or as often as @times; and wait until nothing is left. */
void submitted(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error);
void submitted_times(
    np_executor *executor, unsigned node, np_task *task, void *argument, unsigned times, np_error *error);
void finished(np_executor *executor, np_error *error);

np_enforcement executor_level(const np_executor *executor, np_error *error);

/* Threads of this process, and those that it has now and had not then. */
struct threads {
    size_t count;
    pid_t ids[ORACLE_THREAD_MAX];
};
struct threads threads_now(void);
struct threads threads_since(const struct threads *then);

/* A run of a task: how often, and where the last time. */
struct run {
    atomic_uint times;
    _Atomic pid_t thread;
    atomic_uint cpu;
};
void run_task(void *run);

/* A task that adds one to an atomic_ulong. */
void count_task(void *count);

/* A task that says that it has come, and waits to be let through. */
struct gate {
    sem_t come, through;
};
void gate_made(struct gate *gate);
void gate_task(void *gate);
void gate_await(struct gate *gate, unsigned tasks);
void gate_opened(struct gate *gate, unsigned tasks);

/* The counts of @node, and their sum over all nodes. */
np_node_statistics counts_of(const np_executor *executor, unsigned node, np_error *error);
np_node_statistics counts_of_all(const np_executor *executor, np_error *error);

#endif
