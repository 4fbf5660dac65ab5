/*
 * Empty tasks: what an executor costs when there is nothing in the task to hide it.
 *
 * One or four threads submit to a node with two workers, as fast as they can, and a wait ends the sample: a task's share of
 * the time from the first submit to the end of the last task. The baseline is the mutex and the deque of
 * baseline_executor.c, with the same workers on the same CPUs; both exist throughout, and who is not measured sleeps.
 *
 * Strict against soft is the same with two executors of ours: what the look before each task costs. Each is built anew for its
 * sample, and warmed up: of two that stand side by side, one may be faster by ten nanoseconds a task for where its queues
 * happen to lie, which a thousand samples of the same two would show as certain.
 */
#include "api_rows.h"
#include "baseline_executor.h"
#include "failure.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS          40000 /* Of a sample, all submitters together: some milliseconds. */
#define WORKERS        2
#define SUBMITTERS_MAX 4

struct executors {
    const struct functions *api;
    unsigned node;
    np_executor *ours;
    struct baseline_executor *plain;
    unsigned submitters;
    const struct api_machine *machine;

    /* Of the sample being taken. */
    bool baseline;
    atomic_uint ready;
    atomic_int go; /* 1: begin. -1: give up. */
    atomic_uint refused;
};

static void do_nothing(void *argument)
{
    (void)argument;
}

static np_status submit(struct executors *executors)
{
    if (executors->baseline)
        return baseline_executor_submit(executors->plain, executors->node, do_nothing, NULL);
    return executors->api->executor_submit(executors->ours, executors->node, do_nothing, NULL, NULL);
}

static np_status await_all(struct executors *executors, np_error *error)
{
    if (executors->baseline) {
        baseline_executor_wait(executors->plain);
        return NP_OK;
    }
    return api_await_all(executors->machine, executors->ours, error);
}

static void submit_share(struct executors *executors)
{
    for (unsigned i = 0; i < TASKS / executors->submitters; i++)
        if (submit(executors) != NP_OK)
            atomic_fetch_add(&executors->refused, 1);
}

static void *submit_in_thread(void *closure)
{
    struct executors *executors = closure;
    int go;

    atomic_fetch_add(&executors->ready, 1);
    while ((go = atomic_load(&executors->go)) == 0)
        sched_yield();
    if (go > 0)
        submit_share(executors);
    return NULL;
}

/* The calling thread is one of the submitters. False: threads could not be started. */
static bool submit_together(struct executors *executors, double *start)
{
    pthread_t threads[SUBMITTERS_MAX];
    unsigned started = 0, wanted = executors->submitters - 1;

    atomic_store(&executors->ready, 0);
    atomic_store(&executors->go, 0);
    while (started < wanted && pthread_create(&threads[started], NULL, submit_in_thread, executors) == 0)
        started++;
    while (atomic_load(&executors->ready) < started)
        sched_yield();
    *start = api_now();
    atomic_store(&executors->go, started == wanted ? 1 : -1);
    if (started == wanted)
        submit_share(executors);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started == wanted;
}

static bool run_tasks(struct executors *executors, bool baseline, double *nanoseconds, np_error *why)
{
    double start;

    executors->baseline = baseline;
    atomic_store(&executors->refused, 0);
    if (!submit_together(executors, &start)) {
        failure(why, NP_SYSTEM, "%u submitting threads could not be started", executors->submitters);
        return false;
    }
    if (await_all(executors, why) != NP_OK)
        return false;
    *nanoseconds = (api_now() - start) / TASKS;
    if (atomic_load(&executors->refused) > 0) {
        failure(why, NP_SYSTEM, "%u of %d submits were refused", atomic_load(&executors->refused), TASKS);
        return false;
    }
    return true;
}

static bool sample(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    return run_tasks(state, baseline, nanoseconds, why);
}

static void end(void *state)
{
    struct executors *executors = state;

    api_let_go(executors->machine, executors->ours);
    baseline_executor_destroy(executors->plain);
    free(executors);
}

static np_executor *create(const struct api_machine *machine, np_mode mode, np_error *why)
{
    const np_executor_options options = {
        .mode = (int32_t)mode, .steal = NP_STEAL_LOCAL_ONLY, .workers_per_node = WORKERS};
    np_executor *executor = NULL;

    return machine->api.executor_create(machine->topology, &options, &executor, why) == NP_OK ? executor : NULL;
}

static struct executors *prepare(const struct api_machine *machine, np_mode mode, unsigned submitters, np_error *why)
{
    struct executors *executors = calloc(1, sizeof *executors);

    if (executors == NULL) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return NULL;
    }
    *executors =
        (struct executors){.machine = machine, .api = &machine->api, .node = machine->node, .submitters = submitters};
    executors->ours = create(machine, mode, why);
    if (executors->ours != NULL)
        return executors;
    end(executors);
    return NULL;
}

static void *begin(const struct api_machine *machine, unsigned submitters, np_error *why)
{
    struct executors *executors = prepare(machine, NP_SOFT, submitters, why);
    const struct baseline_node node = {.id = machine->node, .cpus = machine->cpus};

    if (executors == NULL)
        return NULL;
    executors->plain = baseline_executor_create(&node, 1, WORKERS);
    if (executors->plain != NULL)
        return executors;
    failure(why, NP_SYSTEM, "the baseline executor could not be started: %s", strerrordesc_np(errno));
    end(executors);
    return NULL;
}

static void *begin_one(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    (void)row;
    return begin(machine, 1, why);
}

static void *begin_four(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    (void)row;
    return begin(machine, SUBMITTERS_MAX, why);
}

/* As sample(), of an executor that was made for it; the first run warms up. */
static bool sample_mode(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    struct executors *executors = state;

    executors->ours = create(executors->machine, baseline ? NP_SOFT : NP_STRICT, why);
    if (executors->ours == NULL)
        return false;
    bool run = true;
    for (int time = 0; time < 2 && run; time++)
        run = run_tasks(executors, false, nanoseconds, why);
    api_let_go(executors->machine, executors->ours);
    executors->ours = NULL;
    return run;
}

static void *begin_modes(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    struct executors *executors = prepare(machine, NP_STRICT, 1, why);

    (void)row;
    if (executors == NULL)
        return NULL;
    api_let_go(executors->machine, executors->ours);
    executors->ours = NULL;
    return executors;
}

static const struct api_row rows[] = {
    {.name = "empty tasks, one submitter, two workers",
        .baseline = "mutex, deque and condition variable",
        .speed_up = true,
        .bound = {RATIO_AT_LEAST, 1.5},
        .begin = begin_one,
        .sample = sample,
        .end = end},
    {.name = "empty tasks, four submitters, two workers",
        .baseline = "mutex, deque and condition variable",
        .speed_up = true,
        .bound = {RATIO_AT_LEAST, 2},
        .begin = begin_four,
        .sample = sample,
        .end = end},
    {.name = "a task in a strict executor",
        .baseline = "the same in a soft one",
        .kind = RATIO_DIFFERENCE,
        .bound = {RATIO_AT_MOST, 20},
        .begin = begin_modes,
        .sample = sample_mode,
        .end = end},
};

const struct api_rows api_executor_rows = {rows, sizeof rows / sizeof rows[0]};
