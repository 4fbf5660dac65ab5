/**
 * @file
 * What this thread may do: the three capabilities and the kernel setting that hard mode rests on.
 *
 * Hard mode is supported when CAP_SYS_ADMIN and CAP_SYS_NICE are in the calling thread's effective set and automatic
 * NUMA balancing is off (CAP-4). CAP_IPC_LOCK is reported beside them, for locked regions.
 *
 * Nothing is remembered between calls: each thread, and a forked child, is told what it may do itself, now.
 */
#ifndef NUMAPROOF_CAPABILITIES_H
#define NUMAPROOF_CAPABILITIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** What detection found. 8 bytes, pinned. */
typedef struct np_capabilities {
    uint32_t node_count;          /**< Online nodes, at least 1 (CAP-3). */
    bool strict_memory_binding;   /**< CAP_SYS_ADMIN is effective in the calling thread (CAP-1). */
    bool strict_cpu_affinity;     /**< CAP_SYS_NICE is (CAP-1). */
    bool memory_locking;          /**< CAP_IPC_LOCK is (CAP-1). */
    bool numa_balancing_disabled; /**< kernel.numa_balancing reads 0, or there is no such setting (CAP-2). */
} np_capabilities;

/** One thing that hard mode lacks. The strings have static storage. */
typedef struct np_missing {
    const char *name;    /**< "CAP_SYS_ADMIN", "CAP_SYS_NICE" or "kernel.numa_balancing=0". */
    const char *purpose; /**< What hard mode needs it for. */
    const char *remedy;  /**< The command or setting that mends it. */
} np_missing;

/** The most that can be missing. */
#define NP_MISSING_MAX 3

/**
 * Find out what the calling thread may do, now (CAP-1, CAP-2, CAP-3).
 *
 * Cannot fail: what cannot be read counts as missing (CAP-6). Changes nothing. Any thread; each sees its own effective
 * set. NULL does nothing. Source: capabilities(7); Documentation/admin-guide/sysctl/kernel.rst, numa_balancing.
 */
void np_capabilities_detect(np_capabilities *capabilities);

/** Whether the capabilities and the setting that hard mode needs are all there (CAP-4). False for NULL. */
bool np_capabilities_supports_hard_mode(const np_capabilities *capabilities);

/**
 * List what hard mode lacks, always in the order CAP_SYS_ADMIN, CAP_SYS_NICE, balancing (CAP-5).
 *
 * Returns how many there are, 0 if and only if hard mode is supported, and fills that many of @p missing, which may be
 * NULL where only the number is wanted. NULL @p capabilities lacks everything.
 */
size_t np_capabilities_missing(const np_capabilities *capabilities, np_missing missing[NP_MISSING_MAX]);

/**
 * Write a summary for people, a line a field, then the verdict and what is missing with how to get it (CAP-7).
 * As snprintf: at most @p size bytes with the NUL; returns the length that it would have had.
 */
size_t np_capabilities_summary(const np_capabilities *capabilities, char *buffer, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
