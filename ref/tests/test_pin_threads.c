/*
 * Pins and threads: PIN-6, PIN-8, and the ends of threads and processes. Run under ThreadSanitizer too.
 *
 * Order between threads is made with barriers and joins, never with time.
 */
#include "unit.h"
#include <numaproof/pin.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS  200
#define DEPTH   5

static np_cpuset usable;
static int first_cpu;

static np_cpuset affinity_now(void)
{
    np_cpuset now = {0};
    syscall(SYS_sched_getaffinity, 0, sizeof now, &now);
    return now;
}

/* Nest DEPTH pins, each to another part of the usable CPUs; returns how many things were wrong. */
static long nest(unsigned *seed)
{
    np_pin *pins[DEPTH];
    np_cpuset before[DEPTH];
    long wrong = 0;
    for (int depth = 0; depth < DEPTH; depth++) {
        before[depth] = affinity_now();
        np_cpuset part = {0};
        for (int cpu = np_cpuset_first(&usable); cpu >= 0; cpu = np_cpuset_next(&usable, cpu))
            if (rand_r(seed) % 2 == 0)
                np_cpuset_add(&part, (unsigned)cpu, NULL);
        if (np_cpuset_count(&part) == 0)
            part = usable;
        wrong += np_pin_to_cpus(&part, NP_SOFT, &pins[depth], NULL) != NP_OK;
        const np_cpuset now = affinity_now();
        wrong += !np_cpuset_equal(&now, &part);
    }
    wrong += np_pin_release(pins[0], NULL) != NP_INVALID_ARGUMENT;
    for (int depth = DEPTH - 1; depth >= 0; depth--) {
        wrong += np_pin_release(pins[depth], NULL) != NP_OK;
        const np_cpuset now = affinity_now();
        wrong += !np_cpuset_equal(&now, &before[depth]);
    }
    return wrong;
}

static void *nest_many(void *closure)
{
    unsigned seed = (unsigned)(size_t)closure;
    long wrong = 0;
    for (int round = 0; round < ROUNDS; round++)
        wrong += nest(&seed);
    return (void *)wrong;
}

static void nesting(void)
{
    pthread_t threads[THREADS];
    const np_cpuset before = affinity_now();
    for (size_t i = 0; i < THREADS; i++)
        EXPECT_NUMBER(pthread_create(&threads[i], NULL, nest_many, (void *)(i + 1)), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        EXPECT_NUMBER((long)wrong, 0);
    }
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
}

/* A thread that pins and stays until it is told to end, while another one looks at its pin. */
struct pinned_thread {
    pthread_barrier_t pinned;
    pthread_barrier_t looked_at;
    np_pin *pin;
    bool release;
    np_status released;
};

static void *pin_and_wait(void *closure)
{
    struct pinned_thread *thread = closure;
    np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &thread->pin, NULL);
    pthread_barrier_wait(&thread->pinned);
    pthread_barrier_wait(&thread->looked_at);
    if (thread->release)
        thread->released = np_pin_release(thread->pin, NULL);
    return NULL;
}

static pthread_t start(struct pinned_thread *thread, bool release)
{
    pthread_t id;
    *thread = (struct pinned_thread){.release = release, .released = NP_SYSTEM};
    pthread_barrier_init(&thread->pinned, NULL, 2);
    pthread_barrier_init(&thread->looked_at, NULL, 2);
    EXPECT_NUMBER(pthread_create(&id, NULL, pin_and_wait, thread), 0);
    pthread_barrier_wait(&thread->pinned);
    return id;
}

static void let_end(struct pinned_thread *thread, pthread_t id)
{
    pthread_barrier_wait(&thread->looked_at);
    pthread_join(id, NULL);
    pthread_barrier_destroy(&thread->pinned);
    pthread_barrier_destroy(&thread->looked_at);
}

/* PIN-6: a pin of another thread cannot be released here; PIN-9: it can be verified here, and it is its thread's. */
static void other_thread(void)
{
    struct pinned_thread thread;
    const pthread_t id = start(&thread, true);
    const np_cpuset before = affinity_now();
    np_error error = {0};
    EXPECT_ERROR(np_pin_release(thread.pin, &error), NP_INVALID_ARGUMENT, error, "innermost");
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
    bool holds = false;
    EXPECT_NUMBER(np_pin_verify(thread.pin, &holds, NULL, NULL), NP_OK);
    EXPECT(holds);
    let_end(&thread, id);
    EXPECT_NUMBER(thread.released, NP_OK);
}

/* The pin of a thread that has ended is not mistaken for one of whoever got its number, and any thread may free it. */
static void ended_thread(void)
{
    struct pinned_thread thread;
    let_end(&thread, start(&thread, false));
    bool holds = true;
    np_error error = {0};
    EXPECT_ERROR(np_pin_verify(thread.pin, &holds, NULL, &error), NP_NOT_AVAILABLE, error, "ended");
    const np_cpuset before = affinity_now();
    EXPECT_NUMBER(np_pin_release(thread.pin, &error), NP_OK);
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
}

static np_pin *mine;
static np_pin *others;

static void in_forked_child(void)
{
    bool holds = false;
    np_error error = {0};
    EXPECT_NUMBER(np_pin_verify(mine, &holds, NULL, NULL), NP_OK);
    EXPECT(holds);
    EXPECT_ERROR(np_pin_verify(others, &holds, NULL, &error), NP_NOT_AVAILABLE, error, "ended");
    EXPECT_ERROR(np_pin_release(others, &error), NP_INVALID_ARGUMENT, error, "innermost");
    EXPECT_NUMBER(np_pin_release(mine, &error), NP_OK);
    const np_cpuset now = affinity_now();
    EXPECT(np_cpuset_equal(&now, &usable));
}

/* A fork copies the pins of the thread that forks, and no other thread. */
static void fork_with_pins(void)
{
    struct pinned_thread thread;
    const pthread_t id = start(&thread, true);
    others = thread.pin;
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &mine, NULL), NP_OK);
    unit_in_child(in_forked_child);
    bool holds = false;
    EXPECT_NUMBER(np_pin_verify(mine, &holds, NULL, NULL), NP_OK);
    EXPECT(holds);
    EXPECT_NUMBER(np_pin_release(mine, NULL), NP_OK);
    let_end(&thread, id);
}

/* PIN-6: out of order, and twice. */
static void wrong_order(void)
{
    np_pin *outer = NULL;
    np_pin *inner = NULL;
    np_error error = {0};
    EXPECT_NUMBER(np_pin_to_cpus(&usable, NP_SOFT, &outer, NULL), NP_OK);
    EXPECT_NUMBER(np_pin_to_cpu((unsigned)first_cpu, NP_SOFT, &inner, NULL), NP_OK);
    const np_cpuset before = affinity_now();
    EXPECT_ERROR(np_pin_release(outer, &error), NP_INVALID_ARGUMENT, error, "innermost first");
    const np_cpuset after = affinity_now();
    EXPECT(np_cpuset_equal(&before, &after));
    EXPECT_NUMBER(np_pin_release(inner, NULL), NP_OK);
    EXPECT_ERROR(np_pin_release(inner, &error), NP_INVALID_ARGUMENT, error, "innermost first");
    EXPECT_NUMBER(np_pin_release(outer, NULL), NP_OK);
    const np_cpuset restored = affinity_now();
    EXPECT(np_cpuset_equal(&restored, &usable));
}

int main(void)
{
    static const struct unit_test tests[] = {
        {"nesting in eight threads", nesting},
        {"another thread's pin", other_thread},
        {"an ended thread's pin", ended_thread},
        {"fork", fork_with_pins},
        {"wrong order", wrong_order},
    };
    usable = affinity_now();
    first_cpu = np_cpuset_first(&usable);
    return unit_main("pins and threads", tests, sizeof tests / sizeof tests[0]);
}
