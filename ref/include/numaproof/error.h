/**
 * @file
 * Statuses, error records, modes and enforcement levels: the words every other header speaks.
 *
 * Every fallible function returns an np_status and, where the caller passes a record, fills it with what was asked,
 * what was found and what mends it. The record belongs to the caller, is never allocated, and is written on error
 * only: after NP_OK it is as it was before. Passing NULL for it is always allowed.
 *
 * Nothing here has state: any thread may call it, and a forked child.
 *
 * The numbers below are part of the ABI. They are pinned: new ones are added at the end, none is ever reused.
 */
#ifndef NUMAPROOF_ERROR_H
#define NUMAPROOF_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/** What became of a call. */
typedef enum np_status {
    NP_OK = 0,                    /**< Done; a strict call's guarantee is true. */
    NP_INVALID_ARGUMENT = 1,      /**< The call itself is wrong, in either mode; nothing was changed (LAW-6). */
    NP_HARD_MODE_UNAVAILABLE = 2, /**< A strict call's guarantee cannot be given; nothing was changed (LAW-2, LAW-5). */
    NP_ALLOCATION = 3,            /**< There is not that much memory, address space or other resource (MEM-16). */
    NP_SYSTEM = 4,                /**< A system call failed in a way that no clause foresees; see system_errno. */
    NP_NOT_AVAILABLE = 5,         /**< Neither the machine nor its firmware says: a fact that is unknown (TOPO-4). */
    NP_SHUT_DOWN = 6,             /**< The executor takes no more tasks (EXEC-8). */
    NP_TIMED_OUT = 7              /**< The time allowed is over and the work is not (EXEC-9). */
} np_status;

/** The facts of one error. 512 bytes, pinned. */
typedef struct np_error {
    int32_t code;         /**< The np_status that was returned. */
    int32_t system_errno; /**< The errno behind it, or 0 where no system call failed. */
    char operation[64];   /**< What was being done: "pin", "region", "executor", "cpuset parse", ... */
    char reason[440];     /**< What was asked, what was found, what mends it. One line, NUL-terminated, never empty. */
} np_error;

/** How hard a call insists on locality. Soft is the default everywhere (LAW-7), and is what zero means. */
typedef enum np_mode {
    NP_SOFT = 0,  /**< Best effort: goes on with what it can get, and says what that is (LAW-3). */
    NP_STRICT = 1 /**< The guarantee, or NP_HARD_MODE_UNAVAILABLE (LAW-1). */
} np_mode;

/** What stands behind a placement (LAW-4). No other value is ever reported. */
typedef enum np_level {
    NP_LEVEL_NONE = 0,        /**< No policy stands. */
    NP_LEVEL_BEST_EFFORT = 1, /**< A policy stands that the kernel may not keep, or that was not verified. */
    NP_LEVEL_STRICT = 2       /**< Verified. */
} np_level;

/** A level with its cause. The reason is empty if and only if the level is strict (LAW-4). 512 bytes, pinned. */
typedef struct np_enforcement {
    int32_t level;    /**< An np_level. */
    char reason[508]; /**< The cause of a level below strict: one line, NUL-terminated. */
} np_enforcement;

/**
 * The name of @p status in words for people, "unknown status" for a number that is none.
 * Static storage, never NULL. Any thread.
 */
const char *np_status_name(np_status status);

/** "none", "best-effort" or "strict"; "unknown level" for a number that is none. Static storage. Any thread. */
const char *np_level_name(np_level level);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
