/*
 * A mutex, a deque and a condition variable a node: the textbook's executor, and an honest one.
 *
 * It is the baseline that a clever executor has to beat, so it is written as one who knows his craft would write it, with
 * nothing left to blame: the deque is a ring that doubles, in which a task is copied and nothing allocated; the lock is
 * taken once a task on each side; a condition is signalled only when somebody waits for it, and after the lock is
 * given up, so that who is woken need not wait for it; nodes lie on cache lines of their own; workers are pinned.
 */
#include "baseline_executor.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>

#define APART       128
#define FIRST_SLOTS 1024

struct task {
    np_task *function;
    void *argument;
};

/* Guarded by `lock`, but for what is constant. */
struct node {
    alignas(APART) pthread_mutex_t lock;
    pthread_cond_t work, done;
    struct task *ring; /* Of `slots`, a power of two. */
    size_t slots, first, count;
    size_t unfinished; /* Accepted, and not ended. */
    unsigned idle;     /* Workers that wait for work. */
    unsigned waiting;  /* Threads that wait for the end. */
    bool closing;

    struct baseline_node place; /* Constant. */
};

struct baseline_executor {
    struct node *nodes;
    size_t node_count;
    pthread_t *threads;
    size_t thread_count;
};

static void pin(const np_cpuset *cpus)
{
    sched_setaffinity(0, sizeof cpus->words, (const cpu_set_t *)(const void *)cpus->words);
}

/* The oldest task, or none when the node is closing. The lock is held, before and after. */
static bool take(struct node *node, struct task *task)
{
    while (node->count == 0 && !node->closing) {
        node->idle++;
        pthread_cond_wait(&node->work, &node->lock);
        node->idle--;
    }
    if (node->count == 0)
        return false;
    *task = node->ring[node->first];
    node->first = (node->first + 1) & (node->slots - 1);
    node->count--;
    return true;
}

static void *work(void *closure)
{
    struct node *node = closure;
    struct task task;

    pin(&node->place.cpus);
    pthread_mutex_lock(&node->lock);
    while (take(node, &task)) {
        pthread_mutex_unlock(&node->lock);
        task.function(task.argument);
        pthread_mutex_lock(&node->lock);
        if (--node->unfinished == 0 && node->waiting > 0)
            pthread_cond_broadcast(&node->done);
    }
    pthread_mutex_unlock(&node->lock);
    return NULL;
}

static bool grow(struct node *node)
{
    struct task *ring = malloc(2 * node->slots * sizeof *ring);

    if (ring == NULL)
        return false;
    for (size_t i = 0; i < node->count; i++)
        ring[i] = node->ring[(node->first + i) & (node->slots - 1)];
    free(node->ring);
    node->ring = ring;
    node->slots *= 2;
    node->first = 0;
    return true;
}

static np_status put(struct node *node, struct task task)
{
    pthread_mutex_lock(&node->lock);
    bool accepted = node->count < node->slots || grow(node);
    if (accepted) {
        node->ring[(node->first + node->count++) & (node->slots - 1)] = task;
        node->unfinished++;
    }
    bool wake = accepted && node->idle > 0;
    pthread_mutex_unlock(&node->lock);
    if (wake)
        pthread_cond_signal(&node->work);
    return accepted ? NP_OK : NP_ALLOCATION;
}

np_status baseline_executor_submit(struct baseline_executor *executor, unsigned node, np_task *task, void *argument)
{
    if (task == NULL)
        return NP_INVALID_ARGUMENT;
    for (size_t i = 0; i < executor->node_count; i++)
        if (executor->nodes[i].place.id == node)
            return put(&executor->nodes[i], (struct task){task, argument});
    return NP_INVALID_ARGUMENT;
}

static void wait_for_node(struct node *node)
{
    pthread_mutex_lock(&node->lock);
    node->waiting++;
    while (node->unfinished > 0)
        pthread_cond_wait(&node->done, &node->lock);
    node->waiting--;
    pthread_mutex_unlock(&node->lock);
}

/* Of all nodes at one time: under all locks, taken in order. */
static size_t count_unfinished(struct baseline_executor *executor)
{
    size_t unfinished = 0;

    for (size_t i = 0; i < executor->node_count; i++) {
        pthread_mutex_lock(&executor->nodes[i].lock);
        unfinished += executor->nodes[i].unfinished;
    }
    for (size_t i = 0; i < executor->node_count; i++)
        pthread_mutex_unlock(&executor->nodes[i].lock);
    return unfinished;
}

/*
 * Nodes that were found empty one after the other need not have been so at once: a task may have submitted to one that had been
 * looked at, and have ended before its own was.
 */
void baseline_executor_wait(struct baseline_executor *executor)
{
    do
        for (size_t i = 0; i < executor->node_count; i++)
            wait_for_node(&executor->nodes[i]);
    while (executor->node_count > 1 && count_unfinished(executor) > 0);
}

static bool init_node(struct node *node, const struct baseline_node *place)
{
    *node = (struct node){.lock = PTHREAD_MUTEX_INITIALIZER,
        .work = PTHREAD_COND_INITIALIZER,
        .done = PTHREAD_COND_INITIALIZER,
        .ring = malloc(FIRST_SLOTS * sizeof *node->ring),
        .slots = FIRST_SLOTS,
        .place = *place};
    return node->ring != NULL;
}

static int start(struct baseline_executor *executor, unsigned workers)
{
    int problem = 0;

    for (size_t i = 0; i < executor->node_count * workers && problem == 0; i++) {
        problem = pthread_create(&executor->threads[i], NULL, work, &executor->nodes[i / workers]);
        executor->thread_count += problem == 0;
    }
    return problem;
}

struct baseline_executor *baseline_executor_create(const struct baseline_node *nodes, size_t count, unsigned workers)
{
    struct baseline_executor *executor = calloc(1, sizeof *executor);

    if (executor == NULL)
        return NULL;
    executor->nodes = aligned_alloc(APART, count * sizeof *executor->nodes);
    executor->threads = calloc(count * workers, sizeof *executor->threads);
    int problem = executor->nodes == NULL || executor->threads == NULL ? ENOMEM : 0;
    for (size_t i = 0; i < count && problem == 0; i++) {
        problem = init_node(&executor->nodes[i], &nodes[i]) ? 0 : ENOMEM;
        executor->node_count += problem == 0;
    }
    if (problem == 0)
        problem = start(executor, workers);
    if (problem == 0)
        return executor;
    baseline_executor_destroy(executor);
    errno = problem;
    return NULL;
}

void baseline_executor_destroy(struct baseline_executor *executor)
{
    if (executor == NULL)
        return;
    for (size_t i = 0; i < executor->node_count; i++) {
        pthread_mutex_lock(&executor->nodes[i].lock);
        executor->nodes[i].closing = true;
        pthread_cond_broadcast(&executor->nodes[i].work);
        pthread_mutex_unlock(&executor->nodes[i].lock);
    }
    for (size_t i = 0; i < executor->thread_count; i++)
        pthread_join(executor->threads[i], NULL);
    for (size_t i = 0; i < executor->node_count; i++)
        free(executor->nodes[i].ring);
    free(executor->nodes);
    free(executor->threads);
    free(executor);
}
