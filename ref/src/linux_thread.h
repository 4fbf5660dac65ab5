/*
 * What is asked of Linux about threads: sleeping and waking, scheduling policy, and their end.
 *
 * Like linux.h: each function does one thing, decides nothing, and returns 0 or an errno.
 */
#ifndef NUMAPROOF_LINUX_THREAD_H
#define NUMAPROOF_LINUX_THREAD_H

#include "linux_rseq.h"
#include <numaproof/set.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A deadline that never comes. Deadlines are CLOCK_MONOTONIC nanoseconds. */
#define LINUX_NO_DEADLINE UINT64_MAX

uint64_t linux_now(void);

/*
 * Sleep while @word is @value, until woken or @deadline. Returns for no reason too, as futexes do: the caller looks at
 * its condition again. ETIMEDOUT: the deadline has passed.
 */
int linux_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline);
void linux_wake_one(_Atomic uint32_t *word);
void linux_wake_all(_Atomic uint32_t *word);

/*
 * Sleep for that long, or less where a signal comes: for who asks the kernel again until its answer changes. No point of
 * cancellation, as nanosleep() is.
 */
void linux_nap(uint64_t nanoseconds);

/*
 * Whether the affinity of @thread has CPUs, and all of them are in @cpus. As linux_get_affinity(), which leaves out what is
 * not active, but looks only at as many CPUs as the kernel has: about the price of the system call.
 */
int linux_affinity_is_within(pid_t thread, const np_cpuset *cpus, bool *within);

/* SCHED_FIFO at @priority for @thread, 0 the calling one; and what @thread has: 0 where it is not SCHED_FIFO. */
int linux_set_real_time(pid_t thread, int priority);
int linux_get_real_time(pid_t thread, int *priority);

/*
 * Wait until a thread of this process that was joined is gone from /proc.
 *
 * The kernel wakes whoever joins (CLONE_CHILD_CLEARTID, in mm_release) before it takes the thread out of the process
 * (release_task), so that for some microseconds after pthread_join() the thread still shows (Linux 2.5 to 6.18). Gives
 * up after a second: the id may be another thread's by then.
 */
void linux_await_thread_end(pid_t thread);

/*
 * Join @thread, whose id it has written to *@id before its end, and wait until it is gone from /proc. Never a point of
 * cancellation, as pthread_join() is: whoever were cancelled there would leave a thread that uses its stack, or a lock.
 */
void linux_join(pthread_t thread, const pid_t *id);

/*
 * The CPU that the calling thread runs on, negative where the kernel will not say: as linux_current_cpu(), for what a
 * load costs where the kernel keeps the number in the thread's own memory (rseq: Linux 4.18, glibc 2.35; tools that run
 * the program themselves refuse it).
 */
static inline int linux_cpu_now(void)
{
    return __rseq_size != 0 ? linux_rseq_cpu() : sched_getcpu();
}

/* Pass some time without asking the kernel: about 20 to 50 ns a pause on the processors of these years. */
static inline void linux_pause(unsigned pauses)
{
    for (unsigned i = 0; i < pauses; i++) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("isb");
#endif
    }
}

/*
 * A word that reads 1 in this process, and 0 in each child that it forks. EINVAL: the kernel has no such thing (before
 * Linux 4.14); EPERM, ENOSYS: a filter does not let it be asked. ENOMEM, EAGAIN: it has no memory for it now, or the process
 * no room for one more mapping.
 */
int linux_fork_mark_create(const _Atomic uint32_t **mark);
void linux_fork_mark_destroy(const _Atomic uint32_t *mark);

#endif
