/**
 * @file
 * Pinning the calling thread to CPUs, and giving it back what it had.
 *
 * A pin remembers the affinity of before and restores exactly that (PIN-1). Pins nest like brackets: the innermost is
 * released first, on the thread that made it (PIN-6). No pin touches another thread's affinity or any memory policy
 * (PIN-8). A forked child has the pins of the thread that forked, and releases its own copies.
 */
#ifndef NUMAPROOF_PIN_H
#define NUMAPROOF_PIN_H

#include <numaproof/error.h>
#include <numaproof/set.h>
#include <numaproof/topology.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** An affinity in force, and the one to go back to. Belongs to the thread that made it. */
typedef struct np_pin np_pin;

/**
 * Pin the calling thread, and no other, to @p cpus until the pin is released (PIN-1, PIN-8).
 *
 * Strict: on return the thread's affinity equals @p cpus and it runs on one of them (PIN-2); refused when a CPU cannot be
 * used ("affinity not fully applied", PIN-3), when CAP_SYS_NICE is missing (PIN-4) or when the call is forbidden, with
 * the former affinity in force. Soft: pinned to what can be used; with none of it, or forbidden, nothing changes and
 * the level is none (PIN-5). Either way it is no crash, no half of it, and no silence (LAW-1, LAW-2, LAW-3, LAW-8).
 *
 * Thread-bound: release on the thread that pinned, innermost first. Soft makes two system calls (three where it pins to
 * CPUs that the thread did not have), strict four; release one more.
 *
 * Returns NP_OK; NP_INVALID_ARGUMENT (NULL, an empty set, an unknown mode; LAW-6); NP_HARD_MODE_UNAVAILABLE ("pin",
 * reason; LAW-5); NP_ALLOCATION. @p pin is written on NP_OK only. Source: sched_setaffinity(2).
 */
np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error);

/** The same for a single CPU (PIN-7). An id past NP_CPU_MAX - 1 is NP_INVALID_ARGUMENT. */
np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error);

/**
 * The same for the CPUs of a node of @p topology (PIN-7). A node without CPUs: strict refuses, soft reports none.
 * NP_INVALID_ARGUMENT for a node that @p topology does not have, and for a topology that is not this machine (TOPO-9).
 */
np_status np_pin_to_node(const np_topology *topology, unsigned node, np_mode mode, np_pin **pin, np_error *error);

/** np_pin_to_cpus in soft mode, the default (LAW-7). */
np_status np_pin_current(const np_cpuset *cpus, np_pin **pin, np_error *error);

/**
 * Restore the affinity of before @p pin, and end it (PIN-1).
 *
 * What is restored is the affinity itself, with the CPUs in it that are offline. A pin of level none changed nothing, and
 * restores nothing. A thread may end with pins unreleased: they end no other thread's pin, verify as not available, and
 * any thread may release them, which then only frees them. A forked child has the pins of the thread that forked.
 *
 * NP_INVALID_ARGUMENT, and nothing changes, when @p pin is not this thread's innermost (PIN-6). NP_SYSTEM when the kernel
 * will not restore (the reason says why): the pin then still stands and may be released again. NULL is NP_OK and
 * does nothing.
 */
np_status np_pin_release(np_pin *pin, np_error *error);

/** The CPUs that @p pin set: those asked for less those that could not be had; empty where the level is none. */
np_status np_pin_cpus(const np_pin *pin, np_cpuset *cpus, np_error *error);

/** What the pin got when it was made (LAW-4, PIN-5). NP_INVALID_ARGUMENT for NULL. */
np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error);

/**
 * Look again (PIN-9, LAW-9): *@p holds is whether the thread's affinity still is all that was asked for, every CPU of
 * it is online, and no one has moved the thread; @p present, which may be NULL, is the level as it is now, with the
 * reason where it is below strict.
 *
 * From any thread: the pin's own thread is the one looked at. NP_INVALID_ARGUMENT for NULL; NP_NOT_AVAILABLE when that
 * thread has ended.
 */
np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
