/*
 * What a node's queue does once in its life, lane by lane.
 */
#include "node_queue.h"

np_status node_queue_init(struct node_queue *queue, unsigned worker_count, struct node_memory *memory, np_error *error)
{
    *queue = (struct node_queue){.lane_count = node_queue_lanes(worker_count)};
    void *block = NULL;
    np_status status =
        node_memory_take(memory, queue->lane_count * sizeof *queue->lanes, alignof(struct task_queue), &block, error);
    queue->lanes = block;
    for (unsigned i = 0; i < queue->lane_count && status == NP_OK; i++)
        status = task_queue_init(&queue->lanes[i], memory, error);
    return status;
}

void node_queue_close(struct node_queue *queue)
{
    for (unsigned i = 0; i < queue->lane_count; i++)
        task_queue_close(&queue->lanes[i]);
}

bool node_queue_is_closed(const struct node_queue *queue)
{
    return task_queue_is_closed(&queue->lanes[queue->lane_count - 1]);
}

uint64_t node_queue_accepted(const struct node_queue *queue)
{
    uint64_t accepted = 0;
    for (unsigned i = 0; i < queue->lane_count; i++)
        accepted += task_queue_accepted(&queue->lanes[i]);
    return accepted;
}

uint64_t node_queue_taken(const struct node_queue *queue)
{
    uint64_t taken = 0;
    for (unsigned i = 0; i < queue->lane_count; i++)
        taken += task_queue_taken(&queue->lanes[i]);
    return taken;
}
