/* Other threads of this process, as /proc shows them: see threads.c. */
#ifndef NUMAPROOF_BENCH_THREADS_H
#define NUMAPROOF_BENCH_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define THREADS_MOST 4096

/* Thread ids, ascending. */
struct thread_list {
    size_t count;
    pid_t id[THREADS_MOST];
};

/* All threads that this process has now. False when /proc does not say, or there are more than fit. */
bool threads_list(struct thread_list *threads);

/* Take out of @threads those that are in @others. */
void threads_subtract(struct thread_list *threads, const struct thread_list *others);

/* Wait until each of @threads sleeps in the kernel. False when one did not within @seconds. */
bool threads_await_sleep(const struct thread_list *threads, double seconds);

/* What the kernel has counted of a thread since its start. */
struct thread_activity {
    uint64_t switches;    /* Context switches, voluntary and not. */
    uint64_t nanoseconds; /* On a CPU. */
};

/* The sum over @threads. False when one of them is gone or /proc does not say. */
bool threads_activity(const struct thread_list *threads, struct thread_activity *activity);

#endif
