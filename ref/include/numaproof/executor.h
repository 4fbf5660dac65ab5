/**
 * @file
 * Tasks run on the node they are meant for.
 *
 * An executor has a queue for each node, in that node's memory (EXEC-13), and workers pinned to the node's CPUs. A task
 * is a function and its argument; it is submitted to a node, and runs exactly once, there unless the steal policy lets
 * an idle worker of another node take it (EXEC-4, EXEC-5). While a worker that may run it sleeps, no task waits. Tasks are
 * begun roughly in the order in which they were accepted, and a node with one worker keeps to it.
 *
 * A strict executor looks, before each task, whether the worker still is on its node. A worker that is not runs nothing
 * until np_executor_repair() has put it back; tasks of its node wait, or are run by the node's other workers, and are
 * never taken to another node meanwhile (EXEC-12). What can be promised ends with the first instruction of the task: the
 * kernel may move a thread at any instruction, so that of each worker at most the one task which was being started or
 * run at the moment of the move sees another node. Nor is a task given back that a worker of another node was just taking.
 *
 * Fork: a child has none of its parent's threads. There every function on an executor of the parent returns NP_SHUT_DOWN,
 * but for np_executor_destroy(), which frees the child's copy and leaves the parent's alone.
 *
 * Workers block all signals, so that the handlers of the program run on the program's threads. A task returns: one that
 * calls pthread_exit() or is cancelled takes its worker away.
 */
#ifndef NUMAPROOF_EXECUTOR_H
#define NUMAPROOF_EXECUTOR_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <numaproof/topology.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** Queues by node and the workers that serve them. */
typedef struct np_executor np_executor;

/** A task: called once with the argument that it was submitted with. */
typedef void np_task(void *argument);

/** What an idle worker may take from other nodes (EXEC-5). Its own node comes first in each. */
typedef enum np_steal {
    NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE = 0, /**< From the nearest node that has work: same socket before remote. */
    NP_STEAL_LOCAL_ONLY = 1,                    /**< Nothing: a task runs on its node or not at all. */
    NP_STEAL_ANY = 2                            /**< From the node with the longest queue, however far. */
} np_steal;

/** How an executor is made. All zero is the default: soft, a worker a usable CPU. 32 bytes, pinned. */
typedef struct np_executor_options {
    int32_t mode;               /**< An np_mode. */
    int32_t steal;              /**< An np_steal. */
    uint32_t workers_per_node;  /**< 0 for as many as the node has usable CPUs; at most NP_CPU_MAX. */
    int32_t real_time_priority; /**< SCHED_FIFO priority of the workers, 1 to 99; 0 for none (EXEC-15). */
    uint64_t reserved[2];       /**< Always 0. */
} np_executor_options;

/** A timeout that never comes. */
#define NP_NO_TIMEOUT UINT64_MAX

/** The defaults: soft, steal by distance, a worker a usable CPU, no real-time priority (LAW-7). NULL does nothing. */
void np_executor_options_init(np_executor_options *options);

/**
 * Build an executor for the nodes of @p topology, as @p options says (NULL: the defaults).
 *
 * Strict: on return every worker exists and is pinned to the usable CPUs of its node, and the queues lie in their
 * node's memory (EXEC-1, EXEC-13); with a real-time priority each worker has it (EXEC-15). Refused, with not one thread
 * left (EXEC-2, LAW-1, LAW-2): CAP_SYS_ADMIN or CAP_SYS_NICE missing, balancing on, a CPU that cannot be had, a worker
 * that cannot be started, no room on a node, no usable CPU at all. A node without usable CPUs has no workers: submits
 * to it are refused.
 *
 * Soft: goes on wherever one CPU can be used, and says in its enforcement what it did not get (EXEC-3, LAW-3). A node
 * without usable CPUs has a queue of its own, served by the workers of the nearest node that has some (EXEC-7).
 *
 * The caller owns *@p executor and destroys it; it is written on NP_OK only. @p topology may be destroyed at once. Any
 * thread. NP_INVALID_ARGUMENT: NULL, an unknown enum value, a count or priority out of range, a reserved field that is
 * not 0, a topology that is not this machine (TOPO-9; LAW-6). NP_HARD_MODE_UNAVAILABLE ("executor", reason; LAW-5).
 * NP_ALLOCATION: not even one worker could be had, or no page for what tells a forked child. Source: sched_setaffinity(2),
 * sched_setscheduler(2), pthread_create(3).
 */
np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error);

/**
 * Submit a task to @p node, whatever its id (EXEC-14): @p task is called once with @p argument, which the executor never
 * looks into, on that node unless an idle worker of another takes it, as the steal policy allows (EXEC-4, EXEC-5).
 *
 * NP_OK means accepted, and what is accepted is run (EXEC-8). Never waits for a task; wakes one worker where one sleeps
 * and none is looking for work (EXEC-10). Any thread, and from tasks.
 *
 * NP_INVALID_ARGUMENT: NULL, a node that the executor's topology does not have (EXEC-7). NP_HARD_MODE_UNAVAILABLE: strict,
 * and the node has no usable CPUs (EXEC-7), or a worker of it is off its node (EXEC-12). NP_SHUT_DOWN: shutdown has begun.
 * NP_ALLOCATION: no memory for the queue to grow.
 */
np_status np_executor_submit(np_executor *executor, unsigned node, np_task *task, void *argument, np_error *error);

/**
 * np_executor_submit() to the node of the CPU that the caller runs on (EXEC-6).
 *
 * A CPU that has come online since the topology was taken belongs to no node that the executor knows: strict is
 * NP_HARD_MODE_UNAVAILABLE, soft submits to the first node.
 */
np_status np_executor_submit_local(np_executor *executor, np_task *task, void *argument, np_error *error);

/**
 * Wait until no task is left: all that were accepted have ended, those that tasks submitted among them. While others go on
 * submitting, that may be never.
 *
 * NP_TIMED_OUT after @p timeout_ns nanoseconds; 0 only looks, NP_NO_TIMEOUT waits for ever. NP_HARD_MODE_UNAVAILABLE when
 * all that is left are tasks that no worker may run until a repair (EXEC-12). NP_INVALID_ARGUMENT: NULL, or called from
 * a task of this executor, which would wait for itself. Any other thread.
 */
np_status np_executor_wait(np_executor *executor, uint64_t timeout_ns, np_error *error);

/**
 * Take no more tasks, run all that was accepted, and end every thread (EXEC-8).
 *
 * From the moment it is called, submits are NP_SHUT_DOWN, those of running tasks too: a program whose tasks submit tasks
 * calls np_executor_wait() first. May be called again, and by several threads at once. The rest is as
 * np_executor_shutdown_timeout() with NP_NO_TIMEOUT.
 */
np_status np_executor_shutdown(np_executor *executor, np_error *error);

/**
 * The same, giving up after @p timeout_ns nanoseconds (EXEC-9).
 *
 * NP_OK: all was run and no thread is left. NP_TIMED_OUT: the executor takes no more tasks, and its workers go on with
 * those it has; it can be shut down again. NP_HARD_MODE_UNAVAILABLE: all that is left are tasks that no worker may run
 * (EXEC-12); repair and shut down again, or destroy. *@p not_started, which may be NULL, is the number of accepted
 * tasks that were not begun: 0 on NP_OK. NP_INVALID_ARGUMENT: NULL, or called from a task of this executor.
 */
np_status np_executor_shutdown_timeout(
    np_executor *executor, uint64_t timeout_ns, uint64_t *not_started, np_error *error);

/**
 * Shut down where that has not been done, and free. Tasks that no worker may run (EXEC-12) are given up.
 *
 * NULL is NP_OK and does nothing. NP_INVALID_ARGUMENT, and nothing happens, when called from a task of this executor.
 * No other thread may be using it.
 */
np_status np_executor_destroy(np_executor *executor, np_error *error);

/** What the executor got when it was built (LAW-4, EXEC-3). NP_INVALID_ARGUMENT for NULL. */
np_status np_executor_enforcement(const np_executor *executor, np_enforcement *enforcement, np_error *error);

/**
 * Look at every worker and at the queues' memory now (EXEC-12, LAW-9).
 *
 * NP_OK: the guarantee of a strict executor holds; or the executor is soft, and @p present says how it stands.
 * NP_HARD_MODE_UNAVAILABLE: the guarantee of a strict executor is lost, with the reason; the nodes in *@p lost take no
 * submits until they are repaired. It is empty where only balancing was switched on or pages were moved. @p lost and
 * @p present may be NULL; they are written with both statuses. NP_INVALID_ARGUMENT for a NULL executor, NP_SHUT_DOWN once
 * the workers have ended. Any thread. Two system calls a worker, and a look at the pages.
 */
np_status np_executor_health(np_executor *executor, np_nodeset *lost, np_enforcement *present, np_error *error);

/**
 * Put workers that are off their node, or lack their priority, back where they belong, and let them go on (EXEC-12).
 *
 * NP_OK: strict, the guarantee of every node holds again; soft, what could be mended is. NP_HARD_MODE_UNAVAILABLE: some
 * node's does not, with the reason; the others were repaired. NP_INVALID_ARGUMENT for NULL, NP_SHUT_DOWN once the workers
 * have ended. Any thread.
 */
np_status np_executor_repair(np_executor *executor, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
