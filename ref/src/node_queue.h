/*
 * The tasks of one node, in a few lanes.
 *
 * One queue would do, and its two ends would be two cache lines that every submitter and every worker fights over. So a
 * node with several workers has several queues, its lanes. Who submits puts a task in the lane of its own CPU, and so
 * meets no submitter of another CPU; a worker stays with one lane while that has tasks, and so meets no other worker. No
 * lane is forgotten: after a number of tasks from one, a worker goes on to the next, and an empty lane sends it on at
 * once. The order of tasks is kept within a lane; a node with one worker has one lane.
 */
#ifndef NUMAPROOF_NODE_QUEUE_H
#define NUMAPROOF_NODE_QUEUE_H

#include "task_queue.h"

#define LANES_MAX 8

/* How many lanes a node with @worker_count workers has: as many, rounded down to a power of two, which costs no division. */
static inline unsigned node_queue_lanes(unsigned worker_count)
{
    unsigned lanes = 1;
    while (lanes * 2 <= worker_count && lanes < LANES_MAX)
        lanes *= 2;
    return lanes;
}

struct node_queue {
    unsigned lane_count; /* A power of two. */
    struct task_queue *lanes;
};

/* Where a worker is in a node's lanes. */
struct lane_position {
    unsigned lane;
    unsigned taken; /* In a row. */
};

/* For @worker_count workers, in @memory, which outlives the queue. Errors are node_memory_take()'s. */
np_status node_queue_init(struct node_queue *queue, unsigned worker_count, struct node_memory *memory, np_error *error);

/* As task_queue_close(), task_queue_is_closed(), task_queue_accepted() and task_queue_taken(), of all lanes. */
void node_queue_close(struct node_queue *queue);
bool node_queue_is_closed(const struct node_queue *queue);
uint64_t node_queue_accepted(const struct node_queue *queue);
uint64_t node_queue_taken(const struct node_queue *queue);

/* As task_queue_put(). @chooser is the same for all tasks submitted from one CPU. */
static inline np_status node_queue_put(struct node_queue *queue, unsigned chooser, struct task task, np_error *error)
{
    return task_queue_put(&queue->lanes[chooser & (queue->lane_count - 1)], task, error);
}

/* As task_queue_take(), from @position on. */
static inline bool node_queue_take(struct node_queue *queue, struct lane_position *position, struct task *task)
{
    enum { TAKEN_IN_A_ROW_MAX = 64 };
    if (position->taken >= TAKEN_IN_A_ROW_MAX)
        *position = (struct lane_position){.lane = position->lane + 1};
    for (unsigned i = 0; i < queue->lane_count; i++) {
        const unsigned lane = (position->lane + i) & (queue->lane_count - 1);
        if (!task_queue_take(&queue->lanes[lane], task))
            continue;
        *position = (struct lane_position){.lane = lane, .taken = i == 0 ? position->taken + 1 : 1};
        return true;
    }
    return false;
}

/* As task_queue_has_task(), in any lane. */
static inline bool node_queue_has_task(struct node_queue *queue)
{
    for (unsigned i = 0; i < queue->lane_count; i++)
        if (task_queue_has_task(&queue->lanes[i]))
            return true;
    return false;
}

#endif
