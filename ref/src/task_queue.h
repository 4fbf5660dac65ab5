/*
 * The queue of one node: any number of threads put tasks in, any number take them out, first in, first out.
 *
 * Tasks are numbered from 0 in the order in which they are accepted. `tail` is the number of the next one to be
 * accepted, `head` of the next one to be taken. A task with number n lies in slot n % TASKS_A_SEGMENT of the segment
 * with number n / TASKS_A_SEGMENT. Putting in is one compare-and-swap on `tail`, which accepts the task, and one exchange
 * on the slot's ticket, which publishes it; taking out is one compare-and-swap on `head`. Nobody waits for anybody but
 * once a segment, when the next one is linked under a lock.
 *
 * Why no compare-and-swap is ever fooled: `head`, `tail`, tickets and segment numbers only grow, in 64 bits, and
 * segments are used again but never unmapped while the queue lives. A thread that was asleep and acts on an old view
 * reads stale numbers from live memory, and its compare-and-swap fails.
 *
 * Why no wake-up is lost: the exchange on the ticket and the look at it in task_queue_has_task() are sequentially
 * consistent. One who puts a task in and then looks for sleepers (sequentially consistent too), and one who announces
 * that it sleeps and then looks for tasks, cannot both see nothing.
 *
 * A thread that is preempted between its two operations holds back the tasks behind its own until it runs again. No one
 * spins for it: takers see an empty queue and may sleep, and the exchange, when it comes, finds them sleeping. (A
 * real-time worker that span would keep the thread it waits for off the CPU for ever.)
 */
#ifndef NUMAPROOF_TASK_QUEUE_H
#define NUMAPROOF_TASK_QUEUE_H

#include "linux_thread.h"
#include "node_memory.h"
#include <numaproof/executor.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define TASKS_A_SEGMENT 1024

struct task {
    np_task *function;
    void *argument;
};

struct task_slot {
    _Atomic uint64_t ticket; /* 1 + the number of the task in it. */
    _Atomic(np_task *) function;
    _Atomic(void *) argument;
};

struct task_segment {
    _Atomic uint64_t number;
    _Atomic(struct task_segment *) next;
    alignas(APART) struct task_slot slots[TASKS_A_SEGMENT];
};

struct task_queue {
    alignas(APART) _Atomic uint64_t tail; /* With TASK_QUEUE_CLOSED once closed. */
    _Atomic(struct task_segment *) tail_segment;

    alignas(APART) _Atomic uint64_t head;
    _Atomic(struct task_segment *) head_segment;

    alignas(APART) pthread_mutex_t linking;
    struct task_segment *spare; /* Emptied segments, linked by `next`. */
    struct node_memory *memory;
};

/* Errors are node_memory_take()'s. @memory outlives the queue. Nothing needs to be undone at the queue's end. */
np_status task_queue_init(struct task_queue *queue, struct node_memory *memory, np_error *error);

/* Accept no more: each put before was accepted, each after is refused. */
void task_queue_close(struct task_queue *queue);
bool task_queue_is_closed(const struct task_queue *queue);

/* How many tasks were ever accepted, and taken. Read `taken` first where the two are compared. */
uint64_t task_queue_accepted(const struct task_queue *queue);
uint64_t task_queue_taken(const struct task_queue *queue);

/* Link the segment that `tail` has reached, unless another thread has. Errors are node_memory_take()'s. */
np_status task_queue_extend(struct task_queue *queue, np_error *error);
/* Go on to the segment that `head` has reached, and keep the one it has left, whose tasks were all taken. */
void task_queue_move_on(struct task_queue *queue);
/* NP_SHUT_DOWN. */
np_status task_queue_refuse(np_error *error);

/* The highest bit of `tail`: no queue lives to accept 2^63 tasks. */
#define TASK_QUEUE_CLOSED (UINT64_C(1) << 63)

static inline uint64_t task_queue_segment_of(uint64_t task)
{
    return task / TASKS_A_SEGMENT;
}

/* Another thread was quicker: let it have the line for some of its operations, and not take it away after each. */
static inline void task_queue_yield(unsigned *patience)
{
    enum { PAUSES_MIN = 8, PAUSES_MAX = 64 };
    *patience = *patience == 0 ? PAUSES_MIN : *patience < PAUSES_MAX ? 2 * *patience : PAUSES_MAX;
    linux_pause(*patience);
}

/* NP_OK: accepted. NP_SHUT_DOWN: the queue was closed. Otherwise no memory, by node_memory_take()'s word. */
static inline np_status task_queue_put(struct task_queue *queue, struct task task, np_error *error)
{
    unsigned patience = 0;
    uint64_t tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
    struct task_segment *segment = NULL;
    for (;;) {
        if ((tail & TASK_QUEUE_CLOSED) != 0)
            return task_queue_refuse(error);
        segment = atomic_load_explicit(&queue->tail_segment, memory_order_acquire);
        if (atomic_load_explicit(&segment->number, memory_order_acquire) != task_queue_segment_of(tail)) {
            const np_status status = task_queue_extend(queue, error);
            if (status != NP_OK)
                return status;
            tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
        } else if (atomic_compare_exchange_weak_explicit(
                       &queue->tail, &tail, tail + 1, memory_order_acq_rel, memory_order_acquire)) {
            break;
        } else {
            task_queue_yield(&patience);
            tail = atomic_load_explicit(&queue->tail, memory_order_acquire);
        }
    }
    /* The slot is ours: its last task was taken before the segment was linked anew. */
    struct task_slot *slot = &segment->slots[tail % TASKS_A_SEGMENT];
    atomic_store_explicit(&slot->function, task.function, memory_order_relaxed);
    atomic_store_explicit(&slot->argument, task.argument, memory_order_relaxed);
    atomic_exchange(&slot->ticket, tail + 1);
    return NP_OK;
}

/*
 * The slot of task *@head if that is published and still the oldest; *@head is brought up to date. NULL: there is none.
 * Empty is only what was seen in a segment that was the head's from the first look to the last.
 */
static inline struct task_slot *task_queue_oldest(struct task_queue *queue, uint64_t *head)
{
    for (;;) {
        struct task_segment *segment = atomic_load(&queue->head_segment);
        struct task_slot *slot = &segment->slots[*head % TASKS_A_SEGMENT];
        const bool reached =
            atomic_load_explicit(&segment->number, memory_order_acquire) == task_queue_segment_of(*head);
        if (reached && atomic_load(&slot->ticket) == *head + 1)
            return slot;
        const bool linked = !reached && atomic_load(&segment->next) != NULL;
        const uint64_t now = atomic_load(&queue->head);
        if (now == *head && linked)
            task_queue_move_on(queue);
        else if (now == *head && atomic_load(&queue->head_segment) == segment)
            return NULL;
        *head = now;
    }
}

/* Take the oldest task. False: there is none, or it is not published yet. */
static inline bool task_queue_take(struct task_queue *queue, struct task *task)
{
    unsigned patience = 0;
    uint64_t head = atomic_load_explicit(&queue->head, memory_order_acquire);
    for (;;) {
        struct task_slot *slot = task_queue_oldest(queue, &head);
        if (slot == NULL)
            return false;
        /* Read before the slot is ours: should another thread be quicker, these are thrown away. */
        const struct task found = {
            atomic_load_explicit(&slot->function, memory_order_relaxed),
            atomic_load_explicit(&slot->argument, memory_order_relaxed),
        };
        if (atomic_compare_exchange_weak_explicit(
                &queue->head, &head, head + 1, memory_order_acq_rel, memory_order_acquire)) {
            *task = found;
            return true;
        }
        task_queue_yield(&patience);
        head = atomic_load_explicit(&queue->head, memory_order_acquire);
    }
}

/* Whether task_queue_take() would find one. Sequentially consistent: see above. */
static inline bool task_queue_has_task(struct task_queue *queue)
{
    uint64_t head = atomic_load(&queue->head);
    return task_queue_oldest(queue, &head) != NULL;
}

#endif
