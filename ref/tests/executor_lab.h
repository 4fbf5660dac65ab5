/*
 * What the tests of the executor share: executors of nodes that this machine does not have, tasks that wait at a gate,
 * and a look at the process's threads.
 *
 * A laid-out executor has the ids, CPUs and distances that a test gives it; the memory of all its nodes is that of one
 * real node. So two nodes on a machine of one can share its CPUs, or have one each.
 */
#ifndef NUMAPROOF_EXECUTOR_LAB_H
#define NUMAPROOF_EXECUTOR_LAB_H

#include "../src/executor_internal.h"
#include <numaproof/executor.h>
#include <semaphore.h>
#include <stdatomic.h>

struct lab_node {
    unsigned id;
    const char *cpus; /* A kernel list; "" for a node without CPUs. */
    int socket;
};

/* Every node is 10 from itself; @distances (count * count) may be NULL: then all others are 20. */
np_status lab_build(const struct lab_node *nodes, unsigned count, const unsigned *distances,
    const np_executor_options *options, np_executor **executor, np_error *error);

/* The CPUs of this process as a list, and one of them by its rank: 0, 1, ... -1 where there are not so many. */
const char *lab_all_cpus(void);
int lab_cpu(unsigned rank);

/* Wait until every worker sleeps, or this one: by its word, which it gives before its last look for tasks, and by the kernel's. */
void lab_await_sleep(const np_executor *executor);
void lab_await_sleep_of(const struct worker *worker);
/* Whether the kernel says that a thread of this process sleeps. */
bool lab_sleeps(pid_t thread);

/* A task that says that it has come, and waits to be let through. */
struct gate {
    sem_t come;
    sem_t through;
};
void gate_init(struct gate *gate);
void gate_end(struct gate *gate);
void gate_task(void *gate);
void gate_await(struct gate *gate, unsigned tasks);
void gate_open(struct gate *gate, unsigned tasks);

/* Adds one to an atomic_long. */
void count_task(void *count);

/* How many threads this process has, by /proc. */
unsigned lab_threads(void);

#endif
