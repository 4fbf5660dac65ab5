/*
 * Workers, as the rest of the executor sees them: what a thread does from its start to its end, how it is woken, and
 * whether it is where it belongs.
 */
#ifndef NUMAPROOF_WORKER_H
#define NUMAPROOF_WORKER_H

#include "executor_internal.h"

/* The thread. @worker is a struct worker whose constant part is filled in. */
void *worker_main(void *worker);

/* There is a task in @node's queue: see to it that somebody who may take it is looking. */
void executor_rouse(const struct executor_node *node);

/* Whether the calling thread is a worker of @executor. */
bool executor_called_from_task(const np_executor *executor);

/* The thread's own start: pin and priority, as far as they can be had; `settled` and what belongs to it say how far. */
void worker_settle(struct worker *worker);

/* Whether affinity and priority are now what they should be; where not, or where that cannot be told, the reason. */
bool worker_is_kept(const struct worker *worker, char *reason, size_t size);

/*
 * Look at a strict executor's @worker, @by_itself from its own thread. Where it is not kept it is lost: from now on it runs
 * nothing, and its node takes no tasks, until it has been put back.
 */
void worker_look(struct worker *worker, bool by_itself);
/* Give @worker its affinity and priority again. What cannot be done shows when it is looked at. */
void worker_put_back(struct worker *worker);

/* NP_HARD_MODE_UNAVAILABLE with the reason why @node takes no tasks; NP_OK when it does after all. */
np_status executor_lost_error(struct executor_node *node, np_error *error);

/* The worker of @node that executor_rouse() would wake, NULL where none sleeps or one is searching. */
static inline struct worker *executor_next_sleeper(const struct executor_node *node)
{
    if (atomic_load(&node->searching) != 0)
        return NULL;
    for (unsigned word = 0; word * 64 < node->worker_count; word++) {
        const uint64_t bits = atomic_load(&node->sleeping[word]);
        if (bits != 0)
            return node->workers[word * 64 + (unsigned)__builtin_ctzll(bits)];
    }
    return NULL;
}

#endif
