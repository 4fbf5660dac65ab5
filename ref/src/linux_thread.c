/*
 * The system calls behind linux_thread.h.
 *
 * Sleeping is FUTEX_WAIT_BITSET and not FUTEX_WAIT, since only the former takes an absolute deadline: a relative one
 * would start anew after each wake-up that came for no reason. All words are private to the process.
 */
#include "linux_thread.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NANOSECONDS 1000000000u

/* Between two looks whether a thread has ended: it takes some microseconds, once it has a CPU. */
#define THREAD_END_NAP 50000u

uint64_t linux_now(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NANOSECONDS + (uint64_t)now.tv_nsec;
}

int linux_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t deadline)
{
    struct timespec until = {.tv_sec = (time_t)(deadline / NANOSECONDS), .tv_nsec = (long)(deadline % NANOSECONDS)};
    const long slept = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value,
        deadline == LINUX_NO_DEADLINE ? NULL : &until, NULL, FUTEX_BITSET_MATCH_ANY);
    return slept < 0 ? errno : 0;
}

static void wake(_Atomic uint32_t *word, int threads)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, threads, NULL, NULL, 0);
}

void linux_wake_one(_Atomic uint32_t *word)
{
    wake(word, 1);
}

void linux_wake_all(_Atomic uint32_t *word)
{
    wake(word, INT_MAX);
}

void linux_nap(uint64_t nanoseconds)
{
    _Atomic uint32_t nobody_wakes = 0;
    linux_sleep(&nobody_wakes, 0, linux_now() + nanoseconds);
}

/* The kernel returns how many bytes it has written, a multiple of those of a long. */
int linux_affinity_is_within(pid_t thread, const np_cpuset *cpus, bool *within)
{
    uint64_t words[NP_CPU_MAX / 64];
    const long bytes = syscall(SYS_sched_getaffinity, thread, sizeof words, words);
    if (bytes < 0)
        return errno;
    uint64_t any = 0;
    uint64_t outside = 0;
    for (size_t i = 0; i < (size_t)bytes / sizeof words[0]; i++) {
        any |= words[i];
        outside |= words[i] & ~cpus->words[i];
    }
    *within = any != 0 && outside == 0;
    return 0;
}

int linux_set_real_time(pid_t thread, int priority)
{
    const struct sched_param parameter = {.sched_priority = priority};
    return sched_setscheduler(thread, SCHED_FIFO, &parameter) < 0 ? errno : 0;
}

int linux_get_real_time(pid_t thread, int *priority)
{
    struct sched_param parameter = {0};
    const int policy = sched_getscheduler(thread);
    if (policy < 0 || sched_getparam(thread, &parameter) < 0)
        return errno;
    *priority = (policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO ? parameter.sched_priority : 0;
    return 0;
}

/* Asleep and not by sched_yield(), which gives a CPU only to threads of the caller's priority: it may be SCHED_FIFO. */
void linux_await_thread_end(pid_t thread)
{
    const uint64_t limit = linux_now() + NANOSECONDS;
    while (tgkill(getpid(), thread, 0) == 0 && linux_now() < limit)
        linux_nap(THREAD_END_NAP);
}

void linux_join(pthread_t thread, const pid_t *id)
{
    int state = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    pthread_join(thread, NULL);
    linux_await_thread_end(*id);
    pthread_setcancelstate(state, NULL);
}

int linux_fork_mark_create(const _Atomic uint32_t **mark)
{
    const size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return errno;
    if (madvise(page, bytes, MADV_WIPEONFORK) != 0) {
        const int problem = errno;
        munmap(page, bytes);
        return problem;
    }
    _Atomic uint32_t *word = page;
    atomic_store_explicit(word, 1, memory_order_relaxed);
    *mark = word;
    return 0;
}

void linux_fork_mark_destroy(const _Atomic uint32_t *mark)
{
    if (mark != NULL)
        munmap((void *)(uintptr_t)mark, (size_t)sysconf(_SC_PAGESIZE));
}
