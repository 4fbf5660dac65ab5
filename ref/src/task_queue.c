/*
 * What the queue does once a segment, or once in its life. What makes it right is told in task_queue.h.
 */
#include "task_queue.h"
#include "error_internal.h"

/* A segment for tasks from @number * TASKS_A_SEGMENT on. Tickets of an earlier use are lower than any that is asked for. */
static np_status new_segment(struct task_queue *queue, uint64_t number, struct task_segment **segment, np_error *error)
{
    if (queue->spare != NULL) {
        *segment = queue->spare;
        queue->spare = atomic_load_explicit(&queue->spare->next, memory_order_relaxed);
    } else {
        void *block = NULL;
        const np_status status =
            node_memory_take(queue->memory, sizeof **segment, alignof(struct task_segment), &block, error);
        if (status != NP_OK)
            return status;
        *segment = block;
    }
    atomic_store_explicit(&(*segment)->next, NULL, memory_order_relaxed);
    atomic_store_explicit(&(*segment)->number, number, memory_order_release);
    return NP_OK;
}

np_status task_queue_init(struct task_queue *queue, struct node_memory *memory, np_error *error)
{
    *queue = (struct task_queue){.linking = PTHREAD_MUTEX_INITIALIZER, .memory = memory};
    struct task_segment *first = NULL;
    const np_status status = new_segment(queue, 0, &first, error);
    if (status != NP_OK)
        return status;
    atomic_store(&queue->head_segment, first);
    atomic_store(&queue->tail_segment, first);
    return NP_OK;
}

np_status task_queue_extend(struct task_queue *queue, np_error *error)
{
    np_status status = NP_OK;
    pthread_mutex_lock(&queue->linking);
    struct task_segment *last = atomic_load_explicit(&queue->tail_segment, memory_order_relaxed);
    const uint64_t wanted = task_queue_segment_of(atomic_load(&queue->tail) & ~TASK_QUEUE_CLOSED);
    if (atomic_load_explicit(&last->number, memory_order_relaxed) < wanted) {
        struct task_segment *segment = NULL;
        status = new_segment(queue, wanted, &segment, error);
        if (status == NP_OK) {
            /* Sequentially consistent, as the ticket is: who sleeps must see this or be seen. */
            atomic_store(&last->next, segment);
            atomic_store_explicit(&queue->tail_segment, segment, memory_order_release);
        }
    }
    pthread_mutex_unlock(&queue->linking);
    return status;
}

void task_queue_move_on(struct task_queue *queue)
{
    pthread_mutex_lock(&queue->linking);
    struct task_segment *emptied = atomic_load_explicit(&queue->head_segment, memory_order_relaxed);
    struct task_segment *next = atomic_load_explicit(&emptied->next, memory_order_relaxed);
    const uint64_t wanted = task_queue_segment_of(atomic_load(&queue->head));
    if (atomic_load_explicit(&emptied->number, memory_order_relaxed) < wanted && next != NULL) {
        atomic_store_explicit(&queue->head_segment, next, memory_order_release);
        atomic_store_explicit(&emptied->next, queue->spare, memory_order_relaxed);
        queue->spare = emptied;
    }
    pthread_mutex_unlock(&queue->linking);
}

np_status task_queue_refuse(np_error *error)
{
    return fail(error, NP_SHUT_DOWN, 0, "submit", "the executor has been shut down and takes no more tasks");
}

void task_queue_close(struct task_queue *queue)
{
    atomic_fetch_or(&queue->tail, TASK_QUEUE_CLOSED);
}

bool task_queue_is_closed(const struct task_queue *queue)
{
    return (atomic_load(&queue->tail) & TASK_QUEUE_CLOSED) != 0;
}

uint64_t task_queue_accepted(const struct task_queue *queue)
{
    return atomic_load(&queue->tail) & ~TASK_QUEUE_CLOSED;
}

uint64_t task_queue_taken(const struct task_queue *queue)
{
    return atomic_load(&queue->head);
}
