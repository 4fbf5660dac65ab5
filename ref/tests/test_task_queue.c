/*
 * The queue of a node: order, growth over segments, closing; and many threads at both ends, each task seen once.
 */
#include "../src/task_queue.h"
#include "unit.h"
#include <numaproof/topology.h>
#include <stdlib.h>

#define PRODUCERS 3
#define TAKERS    3
#define EACH      20000

static struct node_memory memory;
static struct task_queue *queue;

static void open_queue(void)
{
    np_topology *topology = NULL;
    np_nodeset nodes = {0};
    EXPECT(np_topology_discover(&topology, NULL) == NP_OK);
    np_topology_usable_nodes(topology, &nodes, NULL);
    np_topology_destroy(topology);
    node_memory_init(&memory, (unsigned)np_nodeset_first(&nodes), NP_SOFT, 128 << 10);
    void *block = NULL;
    EXPECT(node_memory_take(&memory, sizeof *queue, alignof(struct task_queue), &block, NULL) == NP_OK);
    queue = block;
    EXPECT(task_queue_init(queue, &memory, NULL) == NP_OK);
}

static void nothing(void *argument)
{
    (void)argument;
}

static struct task task_of(size_t number)
{
    return (struct task){nothing, (void *)number};
}

static void first_in_first_out(void)
{
    open_queue();
    struct task task;
    EXPECT(!task_queue_has_task(queue));
    EXPECT(!task_queue_take(queue, &task));
    size_t taken = 0;
    size_t wrong = 0;
    for (size_t put = 0; put < 5 * TASKS_A_SEGMENT; put++) {
        EXPECT(task_queue_put(queue, task_of(put), NULL) == NP_OK);
        if (put % 3 != 0)
            continue;
        wrong += !task_queue_take(queue, &task) || (size_t)task.argument != taken++ || task.function != nothing;
    }
    EXPECT_NUMBER(task_queue_accepted(queue) - task_queue_taken(queue), 5 * TASKS_A_SEGMENT - taken);
    while (task_queue_has_task(queue))
        wrong += !task_queue_take(queue, &task) || (size_t)task.argument != taken++;
    EXPECT_NUMBER(taken, 5 * TASKS_A_SEGMENT);
    EXPECT_NUMBER(wrong, 0);
    node_memory_end(&memory);
}

/* Emptied segments are used again: a queue that stays short does not grow. */
static void short_queue_stays_small(void)
{
    open_queue();
    struct task task;
    for (size_t round = 0; round < 100 * TASKS_A_SEGMENT; round++) {
        EXPECT(task_queue_put(queue, task_of(round), NULL) == NP_OK);
        EXPECT(task_queue_take(queue, &task) && (size_t)task.argument == round);
    }
    EXPECT(memory.chunks != NULL && memory.chunks->next == NULL);
    node_memory_end(&memory);
}

static void closed_takes_no_more(void)
{
    open_queue();
    np_error error = {0};
    struct task task;
    EXPECT(task_queue_put(queue, task_of(1), NULL) == NP_OK);
    task_queue_close(queue);
    EXPECT_ERROR(task_queue_put(queue, task_of(2), &error), NP_SHUT_DOWN, error, "no more tasks");
    EXPECT_NUMBER(task_queue_accepted(queue), 1);
    EXPECT(task_queue_take(queue, &task) && (size_t)task.argument == 1);
    EXPECT(!task_queue_take(queue, &task));
    node_memory_end(&memory);
}

static _Atomic uint8_t *seen;
static atomic_bool all_put;

static void *produce(void *closure)
{
    const size_t first = (size_t)closure * EACH;
    size_t refused = 0;
    for (size_t i = 0; i < EACH; i++)
        refused += task_queue_put(queue, task_of(first + i), NULL) != NP_OK;
    return (void *)refused;
}

static void *take_all(void *closure)
{
    (void)closure;
    struct task task;
    for (;;) {
        const bool last = atomic_load(&all_put);
        if (task_queue_take(queue, &task))
            atomic_fetch_add(&seen[(size_t)task.argument], 1);
        else if (last)
            return NULL;
    }
}

static void every_task_is_taken_once(void)
{
    open_queue();
    seen = calloc(PRODUCERS * EACH, sizeof *seen);
    atomic_store(&all_put, false);
    pthread_t producers[PRODUCERS];
    pthread_t takers[TAKERS];
    for (size_t i = 0; i < PRODUCERS; i++)
        EXPECT(pthread_create(&producers[i], NULL, produce, (void *)i) == 0);
    for (size_t i = 0; i < TAKERS; i++)
        EXPECT(pthread_create(&takers[i], NULL, take_all, NULL) == 0);
    for (size_t i = 0; i < PRODUCERS; i++) {
        void *refused = NULL;
        pthread_join(producers[i], &refused);
        EXPECT_NUMBER((size_t)refused, 0);
    }
    atomic_store(&all_put, true);
    for (size_t i = 0; i < TAKERS; i++)
        pthread_join(takers[i], NULL);
    size_t wrong = 0;
    for (size_t i = 0; i < PRODUCERS * EACH; i++)
        wrong += seen[i] != 1;
    EXPECT_NUMBER(wrong, 0);
    free(seen);
    node_memory_end(&memory);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"first in, first out, over segments", first_in_first_out},
        {"a short queue stays small", short_queue_stays_small},
        {"a closed queue takes no more and gives what it has", closed_takes_no_more},
        {"every task is taken once", every_task_is_taken_once},
    };
    return unit_main("task queue", tests, sizeof tests / sizeof tests[0]);
}
