/*
 * What goes wrong only when a thread is stopped at a bad moment, forced.
 *
 * A kernel may stop a thread between any two instructions, for as long as it likes; a busy one does it for seconds. Here threads
 * are stopped where it matters: the linker puts functions of this file in place of five that lie at such moments (--wrap), and
 * a thread that has a `struct stop` for the moment waits there until the test lets it go. What must not happen is then a wait
 * that does not end, or a wrong answer. Nodes are laid out, so that they can share the CPUs of a small machine.
 */
#include "../src/linux.h"
#include "../src/linux_thread.h"
#include "../src/worker.h"
#include "executor_lab.h"
#include "unit.h"
#include <errno.h>
#include <numaproof/capabilities.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)

enum moment { BEFORE_A_LOOK, AFTER_A_LOOK, AFTER_A_SLEEP, AT_A_NEW_SEGMENT };

/* Where a thread is to be stopped, once. */
struct stop {
    enum moment at;
    sem_t reached, go;
};

static _Thread_local struct stop *stop_of_this_thread;

static void be_at(enum moment moment)
{
    struct stop *stop = stop_of_this_thread;
    if (stop == NULL || stop->at != moment)
        return;
    stop_of_this_thread = NULL;
    sem_post(&stop->reached);
    while (sem_wait(&stop->go) != 0)
        continue;
}

/* What the test does while its own thread adds up counts, with the number of the call from 1. NULL: nothing. */
static _Thread_local void (*while_counting)(unsigned call);
static _Thread_local unsigned countings;

/* While this is set, the worker that it points to falls asleep as late as it can: see __wrap_linux_sleep(). */
static _Atomic(struct worker *) late_sleeper;
static atomic_int late_sleeper_woken;

/*
 * Sleeps on this word that lasted until their deadline, which none needs to. Not all sleeps: lld (14) puts __wrap_linux_sleep()
 * also where its own file calls it, in the naps that linux_join() takes; GNU ld only where other files do.
 */
static _Atomic(_Atomic uint32_t *) watched;
static atomic_int overslept;

int __real_linux_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline);
int __wrap_linux_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline);
void __real_linux_wake_all(_Atomic uint32_t *word);
void __wrap_linux_wake_all(_Atomic uint32_t *word);
int __real_linux_affinity_is_within(pid_t thread, const np_cpuset *set, bool *within);
int __wrap_linux_affinity_is_within(pid_t thread, const np_cpuset *set, bool *within);
np_status __real_task_queue_extend(struct task_queue *queue, np_error *error);
np_status __wrap_task_queue_extend(struct task_queue *queue, np_error *error);
uint64_t __real_node_queue_taken(const struct node_queue *queue);
uint64_t __wrap_node_queue_taken(const struct node_queue *queue);

/* All that the late one has looked at before its sleep may have changed by now: it was stopped here until somebody woke it. */
int __wrap_linux_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline)
{
    const struct worker *late = late_sleeper;
    const bool is_late = late != NULL && word == &late->standing;
    while (is_late && late_sleeper_woken == 0)
        sched_yield();
    const int slept = __real_linux_sleep(word, value, is_late ? linux_now() + 2 * SECOND : deadline);
    overslept += word == watched && slept == ETIMEDOUT;
    be_at(AFTER_A_SLEEP);
    return slept;
}

void __wrap_linux_wake_all(_Atomic uint32_t *word)
{
    __real_linux_wake_all(word);
    const struct worker *late = late_sleeper;
    late_sleeper_woken += late != NULL && word == &late->standing;
}

int __wrap_linux_affinity_is_within(pid_t thread, const np_cpuset *set, bool *within)
{
    be_at(BEFORE_A_LOOK);
    const int problem = __real_linux_affinity_is_within(thread, set, within);
    be_at(AFTER_A_LOOK);
    return problem;
}

np_status __wrap_task_queue_extend(struct task_queue *queue, np_error *error)
{
    be_at(AT_A_NEW_SEGMENT);
    return __real_task_queue_extend(queue, error);
}

uint64_t __wrap_node_queue_taken(const struct node_queue *queue)
{
    if (while_counting != NULL)
        while_counting(++countings);
    return __real_node_queue_taken(queue);
}

static void count_and(void (*act)(unsigned call))
{
    while_counting = act;
    countings = 0;
}

static np_executor *executor;
static np_cpuset cpus[2];

/* @count nodes, the first on a CPU of its own, the others on another. */
static void build(unsigned count, np_mode mode, np_steal steal)
{
    static char lists[2][16];
    struct lab_node nodes[3];
    const np_executor_options options = {.mode = (int32_t)mode, .steal = (int32_t)steal, .workers_per_node = 1};
    np_error error = {0};
    for (unsigned i = 0; i < 2; i++) {
        snprintf(lists[i], sizeof lists[i], "%d", lab_cpu(i));
        EXPECT(np_cpuset_parse(lists[i], &cpus[i], NULL) == NP_OK);
    }
    for (unsigned i = 0; i < count; i++)
        nodes[i] = (struct lab_node){i, lists[i == 0 ? 0 : 1], 0};
    EXPECT_NUMBER(lab_build(nodes, count, NULL, &options, &executor, &error), NP_OK);
    EXPECT_TEXT(error.reason, "");
}

static void destroy(void)
{
    EXPECT_NUMBER(np_executor_destroy(executor, NULL), NP_OK);
}

static void move(unsigned node, const np_cpuset *to)
{
    EXPECT_NUMBER(linux_set_affinity(executor->nodes[node]->workers[0]->thread_id, to), 0);
}

static void submit(unsigned node, np_task *task, void *argument)
{
    EXPECT_NUMBER(np_executor_submit(executor, node, task, argument, NULL), NP_OK);
}

/* Until @count is @expected, which takes no time unless it never is. */
static void expect_soon(atomic_long *count, long expected)
{
    const uint64_t limit = linux_now() + 20 * SECOND;
    while (*count != expected && linux_now() < limit)
        sched_yield();
    EXPECT_NUMBER(*count, expected);
}

static struct stop stop_at(enum moment moment)
{
    struct stop stop = {.at = moment};
    return stop;
}

static void arm(struct stop *stop)
{
    sem_init(&stop->reached, 0, 0);
    sem_init(&stop->go, 0, 0);
}

static void await_stop(struct stop *stop)
{
    while (sem_wait(&stop->reached) != 0)
        continue;
}

/* The worker that runs it is stopped at its next such moment, after it was let through the gate. */
struct marked {
    struct stop stop;
    struct gate gate;
};

static void mark_task(void *closure)
{
    struct marked *marked = closure;
    gate_task(&marked->gate);
    stop_of_this_thread = &marked->stop;
}

static void mark(struct marked *marked, unsigned node, enum moment moment)
{
    marked->stop = stop_at(moment);
    arm(&marked->stop);
    gate_init(&marked->gate);
    submit(node, mark_task, marked);
    gate_await(&marked->gate, 1);
}

/* The node's worker is off its node with a task waiting, and has found out. */
static void lose(unsigned node, atomic_long *count)
{
    struct gate gate;
    gate_init(&gate);
    submit(node, gate_task, &gate);
    gate_await(&gate, 1);
    submit(node, count_task, count);
    move(node, &cpus[node == 0 ? 1 : 0]);
    gate_open(&gate, 1);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_HARD_MODE_UNAVAILABLE);
    gate_end(&gate);
}

/* A submit from another thread, which is stopped in it. */
struct submitter {
    struct stop stop;
    pthread_t thread;
    atomic_long count;
    np_status status;
};

static void *submit_and_stop(void *closure)
{
    struct submitter *submitter = closure;
    stop_of_this_thread = &submitter->stop;
    submitter->status = np_executor_submit(executor, 0, count_task, &submitter->count, NULL);
    return NULL;
}

static void begin_to_submit(struct submitter *submitter, enum moment moment)
{
    *submitter = (struct submitter){.stop = stop_at(moment)};
    arm(&submitter->stop);
    EXPECT(pthread_create(&submitter->thread, NULL, submit_and_stop, submitter) == 0);
    await_stop(&submitter->stop);
}

static void go_on_to_submit(struct submitter *submitter)
{
    sem_post(&submitter->stop.go);
    EXPECT(pthread_join(submitter->thread, NULL) == 0);
}

/* What a lost worker waits for comes between its last look and its sleep. */
static void a_lost_worker_is_late_to_sleep(void)
{
    for (int repaired = 0; repaired < 2; repaired++) {
        atomic_long count = 0;
        late_sleeper_woken = overslept = 0;
        build(2, NP_STRICT, NP_STEAL_LOCAL_ONLY);
        late_sleeper = executor->nodes[0]->workers[0];
        watched = &executor->nodes[0]->workers[0]->standing;
        lose(0, &count);
        if (repaired != 0) {
            EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
            EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
        }
        destroy();
        EXPECT_NUMBER(count, repaired);
        EXPECT(late_sleeper_woken > 0);
        EXPECT_NUMBER(overslept, 0);
        late_sleeper = NULL;
        watched = NULL;
    }
}

static struct submitter late_submitter;

/* Two nodes are counted twice; the second time is under way. */
static void submit_at_the_third_counting(unsigned call)
{
    if (call == 3)
        go_on_to_submit(&late_submitter);
}

/* A submit was stopped after it had found its node well, at the queue's new segment, and puts its task while a waiter adds up. */
static void who_waits_hears_of_a_late_submit(void)
{
    struct gate gate;
    atomic_long count = 0;
    np_error error = {0};
    gate_init(&gate);
    build(2, NP_STRICT, NP_STEAL_LOCAL_ONLY);
    lose(1, &count);
    for (unsigned i = 1; i < TASKS_A_SEGMENT; i++)
        submit(0, count_task, &count);
    submit(0, gate_task, &gate);
    gate_await(&gate, 1);
    begin_to_submit(&late_submitter, AT_A_NEW_SEGMENT);
    move(0, &cpus[1]);
    gate_open(&gate, 1);
    while (executor->nodes[0]->lost == 0 || !lab_sleeps(executor->nodes[0]->workers[0]->thread_id))
        sched_yield();
    overslept = 0;
    watched = &executor->quiet;
    count_and(submit_at_the_third_counting);
    EXPECT_ERROR(
        np_executor_wait(executor, 5 * SECOND, &error), NP_HARD_MODE_UNAVAILABLE, error, "2 tasks may not be run");
    EXPECT(countings > 3);
    EXPECT_NUMBER(overslept, 0);
    watched = NULL;
    count_and(NULL);
    EXPECT_NUMBER(late_submitter.status, NP_OK);
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(count, TASKS_A_SEGMENT);
    EXPECT_NUMBER(late_submitter.count, 1);
    destroy();
    gate_end(&gate);
}

/* A worker that has been found has a task in hand, and has not woken yet; another node is lost and stays so. */
static void what_a_found_worker_holds_is_not_stuck(void)
{
    atomic_long count = 0;
    struct task task = {0};
    struct lane_position position = {0};
    build(2, NP_STRICT, NP_STEAL_LOCAL_ONLY);
    lose(1, &count);
    struct worker *worker = executor->nodes[0]->workers[0];
    struct node_queue *queue = &executor->nodes[0]->queue;
    lab_await_sleep_of(worker);
    EXPECT_NUMBER(node_queue_put(queue, 0, (struct task){count_task, &count}, NULL), NP_OK);
    EXPECT(node_queue_take(queue, &position, &task));
    worker->holding = 1;
    EXPECT_NUMBER(np_executor_wait(executor, 0, NULL), NP_TIMED_OUT);
    worker->holding = 0;
    worker->begun[0]++;
    task.function(task.argument);
    worker->ended_in_public = ++worker->ended;
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_NUMBER(count, 1);
    destroy();
}

/* What somebody saw before a repair is not held against the worker afterwards: by who submits, or by the worker itself. */
static void a_repair_comes_after_the_look(void)
{
    struct submitter submitter;
    struct marked marked;
    build(2, NP_STRICT, NP_STEAL_LOCAL_ONLY);
    lab_await_sleep(executor);
    move(0, &cpus[1]);
    begin_to_submit(&submitter, AFTER_A_LOOK);
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    go_on_to_submit(&submitter);
    EXPECT_NUMBER(submitter.status, NP_OK);

    mark(&marked, 0, BEFORE_A_LOOK);
    move(0, &cpus[1]);
    gate_open(&marked.gate, 1);
    await_stop(&marked.stop);
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    sem_post(&marked.stop.go);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_health(executor, NULL, NULL, NULL), NP_OK);
    EXPECT_NUMBER(submitter.count, 1);
    destroy();
}

static void rest_at_each_counting(unsigned call)
{
    if (call < 1000)
        atomic_fetch_add(&executor->quiet, 1);
}

/* A timeout holds though workers come to rest again and again, each time while the waiter adds up. */
static void a_timeout_holds_while_workers_rest(void)
{
    struct gate gate;
    gate_init(&gate);
    build(2, NP_SOFT, NP_STEAL_LOCAL_ONLY);
    submit(0, gate_task, &gate);
    count_and(rest_at_each_counting);
    EXPECT_NUMBER(np_executor_wait(executor, 0, NULL), NP_TIMED_OUT);
    EXPECT(countings < 10);
    count_and(NULL);
    gate_open(&gate, 1);
    destroy();
    gate_end(&gate);
}

/* A worker that is held in a task, whichever it is. */
struct held {
    struct gate gate;
    pid_t thread;
};

static void hold_task(void *closure)
{
    struct held *held = closure;
    held->thread = linux_thread_id();
    gate_task(&held->gate);
}

/* Tasks of node 1 are accepted and not published, since who submits them was stopped in between. */
static void an_unpublished_queue_does_not_hide_the_others(void)
{
    enum { LATE = 2, NODES = 3 };
    struct held held[NODES];
    atomic_long count = 0;
    build(NODES, NP_SOFT, NP_STEAL_ANY);
    for (unsigned i = 0; i < NODES; i++) {
        gate_init(&held[i].gate);
        submit(i, hold_task, &held[i]);
        gate_await(&held[i].gate, 1);
    }
    struct task_queue *late = &executor->nodes[1]->queue.lanes[0];
    const uint64_t first = atomic_fetch_add(&late->tail, LATE);
    submit(2, count_task, &count);
    for (unsigned i = 0; i < NODES; i++)
        if (held[i].thread == executor->nodes[0]->workers[0]->thread_id)
            gate_open(&held[i].gate, 1);
    expect_soon(&count, 1);
    for (uint64_t number = first; number < first + LATE; number++) {
        struct task_slot *slot = &late->tail_segment->slots[number % TASKS_A_SEGMENT];
        slot->function = count_task;
        slot->argument = &count;
        slot->ticket = number + 1;
    }
    executor_rouse(executor->nodes[1]);
    for (unsigned i = 0; i < NODES; i++)
        gate_open(&held[i].gate, 1);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(count, 1 + LATE);
    destroy();
    for (unsigned i = 0; i < NODES; i++)
        gate_end(&held[i].gate);
}

/* A worker that was woken, and on which a submit to another node relied, is lost before it has looked for a task. */
static void another_takes_a_lost_searchers_place(void)
{
    struct gate gate;
    struct marked marked;
    atomic_long count = 0, of_the_lost = 0;
    gate_init(&gate);
    build(3, NP_STRICT, NP_STEAL_LOCAL_THEN_SOCKET_THEN_REMOTE);
    lab_await_sleep(executor);
    struct worker *worker = executor->nodes[0]->workers[0];
    mark(&marked, 0, AFTER_A_SLEEP);
    submit(1, gate_task, &gate);
    gate_await(&gate, 1);
    gate_open(&marked.gate, 1);
    lab_await_sleep_of(worker);
    lab_await_sleep_of(executor->nodes[2]->workers[0]);
    submit(0, count_task, &of_the_lost);
    await_stop(&marked.stop);
    move(0, &cpus[1]);
    submit(1, count_task, &count);
    sem_post(&marked.stop.go);
    expect_soon(&count, 1);
    gate_open(&gate, 1);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_HARD_MODE_UNAVAILABLE);
    EXPECT_NUMBER(of_the_lost, 0);
    EXPECT_NUMBER(np_executor_repair(executor, NULL), NP_OK);
    EXPECT_NUMBER(np_executor_wait(executor, NP_NO_TIMEOUT, NULL), NP_OK);
    EXPECT_NUMBER(of_the_lost, 1);
    destroy();
    gate_end(&gate);
}

int main(void)
{
    const struct unit_test tests[] = {
        {"a lost worker is late to sleep", a_lost_worker_is_late_to_sleep},
        {"who waits hears of a late submit", who_waits_hears_of_a_late_submit},
        {"what a found worker holds is not stuck", what_a_found_worker_holds_is_not_stuck},
        {"a repair comes after the look", a_repair_comes_after_the_look},
        {"a timeout holds while workers rest", a_timeout_holds_while_workers_rest},
        {"an unpublished queue does not hide the others", an_unpublished_queue_does_not_hide_the_others},
        {"another takes a lost searcher's place", another_takes_a_lost_searchers_place},
    };
    np_capabilities capabilities;
    np_capabilities_detect(&capabilities);
    if (!np_capabilities_supports_hard_mode(&capabilities) || lab_cpu(1) < 0) {
        puts("skipped: needs hard mode and two CPUs");
        return UNIT_SKIPPED;
    }
    return unit_main("executor at bad moments", tests, sizeof tests / sizeof tests[0]);
}
