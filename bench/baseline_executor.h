/*
 * The executor that anyone would write first, to measure against: see baseline_executor.c.
 *
 * Its interface is that of executor.h as far as the measurements go: tasks are submitted to a node, from any thread, and a
 * wait sees all of them ended.
 */
#ifndef NUMAPROOF_BENCH_BASELINE_EXECUTOR_H
#define NUMAPROOF_BENCH_BASELINE_EXECUTOR_H

#include <numaproof/executor.h>
#include <stddef.h>

struct baseline_executor;

/* What a node gets: its id, and the CPUs that its workers are pinned to. */
struct baseline_node {
    unsigned id;
    np_cpuset cpus;
};

/* Build it with @workers a node. NULL with errno set when memory or threads are not to be had. */
struct baseline_executor *baseline_executor_create(const struct baseline_node *nodes, size_t count, unsigned workers);

/* As np_executor_submit(); NP_ALLOCATION when the deque cannot grow. */
np_status baseline_executor_submit(struct baseline_executor *executor, unsigned node, np_task *task, void *argument);

/* Wait until every task that was accepted has ended. */
void baseline_executor_wait(struct baseline_executor *executor);

/* Run what was accepted, end the threads, free. NULL does nothing. */
void baseline_executor_destroy(struct baseline_executor *executor);

#endif
