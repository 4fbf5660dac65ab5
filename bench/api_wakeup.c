/*
 * Waking up: from a submit to an executor whose workers all sleep, to the first instruction of the task.
 *
 * The baseline is the least that Linux asks for: a thread, with the affinity that workers have, sleeps on a futex; another
 * stores a word and wakes it. Before each ping on either side every thread that could answer is seen asleep by the
 * kernel's own word, so that no figure is of a worker that was still looking for work. A sample is the median of several.
 *
 * Most of it is the kernel's: finding a CPU, an interrupt to it, and in a virtual machine its wake-up from the
 * hypervisor, which costs more than all the rest together.
 */
#include "api_rows.h"
#include "failure.h"
#include "statistics.h"
#include "threads.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PINGS         15
#define SLEEP_SECONDS 2.0

enum { PING_NONE, PING_NOW, PING_END };

struct wakeups {
    const struct api_machine *machine;
    np_executor *executor;
    struct thread_list workers;
    np_cpuset cpus;

    pthread_t ponger;
    bool has_ponger;
    struct thread_list ponger_id;
    _Atomic uint32_t ping; /* The futex. */

    atomic_ulong woken; /* When the other side ran, in nanoseconds; 0 = not yet. */
};

static uint64_t clock_now(void)
{
    return (uint64_t)api_now();
}

static void *pong(void *closure)
{
    struct wakeups *wakeups = closure;
    uint32_t ping;

    sched_setaffinity(0, sizeof wakeups->cpus.words, (const cpu_set_t *)(const void *)wakeups->cpus.words);
    for (;;) {
        while ((ping = atomic_load(&wakeups->ping)) == PING_NONE)
            syscall(SYS_futex, &wakeups->ping, FUTEX_WAIT_PRIVATE, PING_NONE, NULL, NULL, 0);
        if (ping == PING_END)
            return NULL;
        uint64_t now = clock_now();
        /* Who was stopped here for longer than the other side's patience finds that it is to end. */
        atomic_compare_exchange_strong(&wakeups->ping, &ping, PING_NONE);
        atomic_store(&wakeups->woken, now);
    }
}

static void send_ping(struct wakeups *wakeups, uint32_t ping)
{
    atomic_store(&wakeups->ping, ping);
    syscall(SYS_futex, &wakeups->ping, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void note_time(void *closure)
{
    struct wakeups *wakeups = closure;

    atomic_store(&wakeups->woken, clock_now());
}

static bool wake_once(struct wakeups *wakeups, bool baseline, double *nanoseconds, np_error *why)
{
    const struct api_machine *machine = wakeups->machine;

    /* All that could answer on either side: so the caches and the CPUs are as warm for one as for the other. */
    if (!threads_await_sleep(&wakeups->workers, SLEEP_SECONDS) ||
        !threads_await_sleep(&wakeups->ponger_id, SLEEP_SECONDS)) {
        failure(why, NP_SYSTEM, "not all workers were asleep within %.0f s of the last task", SLEEP_SECONDS);
        return false;
    }
    atomic_store(&wakeups->woken, 0);
    uint64_t start = clock_now();
    np_status status = NP_OK;
    if (baseline)
        send_ping(wakeups, PING_NOW);
    else
        status = machine->api.executor_submit(wakeups->executor, machine->node, note_time, wakeups, why);
    if (status == NP_OK)
        status = api_await_count(machine, &wakeups->woken, 1, why);
    *nanoseconds = (double)(atomic_load(&wakeups->woken) - start);
    return status == NP_OK;
}

static bool sample(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    double times[PINGS];
    struct summary summary;

    for (size_t i = 0; i < PINGS; i++)
        if (!wake_once(state, baseline, &times[i], why))
            return false;
    if (!statistics_summarize(times, PINGS, &summary)) {
        failure(why, NP_ALLOCATION, "no memory for the measurement");
        return false;
    }
    *nanoseconds = summary.median;
    return true;
}

static void end(void *state)
{
    struct wakeups *wakeups = state;

    if (wakeups->has_ponger) {
        send_ping(wakeups, PING_END);
        pthread_join(wakeups->ponger, NULL);
    }
    if (api_let_go(wakeups->machine, wakeups->executor))
        free(wakeups);
}

/* The threads that have come since @before was listed. */
static bool list_new(struct thread_list *threads, const struct thread_list *before)
{
    if (!threads_list(threads))
        return false;
    threads_subtract(threads, before);
    return threads->count > 0;
}

static bool start_both(struct wakeups *wakeups, const struct api_machine *machine, np_mode mode, np_error *why)
{
    const np_executor_options options = {.mode = (int32_t)mode};
    struct thread_list *before = malloc(sizeof *before);
    bool listed = before != NULL && threads_list(before);
    np_status status =
        listed ? machine->api.executor_create(machine->topology, &options, &wakeups->executor, why) : NP_SYSTEM;
    bool made = listed && status == NP_OK;

    bool known = made && list_new(&wakeups->workers, before) && threads_list(before);
    wakeups->has_ponger = known && pthread_create(&wakeups->ponger, NULL, pong, wakeups) == 0;
    known = wakeups->has_ponger && list_new(&wakeups->ponger_id, before);
    if (!listed || (made && !known))
        failure(why, NP_SYSTEM, "the workers, or the thread of the baseline, do not show in /proc/self/task");
    free(before);
    return known;
}

static void *begin(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    struct wakeups *wakeups = calloc(1, sizeof *wakeups);

    failure(why, NP_ALLOCATION, "no memory for the measurement");
    if (wakeups == NULL)
        return NULL;
    *wakeups = (struct wakeups){.machine = machine, .cpus = machine->cpus};
    double once;
    if (start_both(wakeups, machine, row->mode, why) && wake_once(wakeups, false, &once, why))
        return wakeups;
    end(wakeups);
    return NULL;
}

static const struct api_row rows[] = {
    {.name = "wake-up from idle",
        .mode = NP_SOFT,
        .in_modes = true,
        .baseline = "a futex ping",
        .bound = {RATIO_AT_MOST, 1.5},
        .begin = begin,
        .sample = sample,
        .end = end},
    {.name = "wake-up from idle",
        .mode = NP_STRICT,
        .in_modes = true,
        .baseline = "a futex ping",
        .bound = {RATIO_AT_MOST, 1.5},
        .begin = begin,
        .sample = sample,
        .end = end},
};

const struct api_rows api_wakeup_rows = {rows, sizeof rows / sizeof rows[0]};
