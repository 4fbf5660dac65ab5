/*
 * Faults, injected for real.
 *
 * Each function makes a fault, verifies that it is in force, and ends the case as an error of the suite when it is not: a
 * case that ran without its fault would prove nothing. The first group touches this process alone and dies with it.
 */
#ifndef NUMAPROOF_SUITE_FAULT_H
#define NUMAPROOF_SUITE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The kinds whose possibility is a need of a case (needs.faults), as bits. */
enum fault_kind {
    FAULT_SECCOMP = 1 << 0, /* system calls forbidden to this process */
    FAULT_USER = 1 << 1,    /* becoming an ordinary user */
    FAULT_KINDS_END = 1 << 2
};

/* "system calls forbidden", ... */
const char *fault_name(enum fault_kind kind);

/* Why this kind cannot be injected here, in words; "" if it can. */
void fault_obstacle(enum fault_kind kind, bool allow_system_changes, char *obstacle, size_t size);

/* Take a capability from the calling thread for good: effective, permitted, inheritable. Nothing if it is not there. */
void fault_drop_capability(int capability);

/* Take it from the effective set only, and give it back. */
void fault_lower_capability(int capability);
void fault_raise_capability(int capability);

/* Become an ordinary user (nobody), with no capability at all. Needs FAULT_USER. */
void fault_become_user(void);

/*
 * Forbid system calls to the whole process: fault_forbid(EPERM, SYS_mbind, SYS_set_mempolicy). They fail with @error, as
 * they do in a container; the oracle's own go on. Needs FAULT_SECCOMP.
 */
#define fault_forbid(error, ...)                                                                                       \
    fault_forbid_calls((error), (const long[]){__VA_ARGS__}, sizeof((const long[]){__VA_ARGS__}) / sizeof(long))
void fault_forbid_calls(int error, const long *calls, size_t count);

/* Set a soft and hard limit (RLIMIT_MEMLOCK, RLIMIT_NOFILE, ...). */
void fault_limit(int resource, uint64_t value);

/* RLIMIT_AS at what is mapped now and @more bytes. */
void fault_limit_address_space(uint64_t more);

#endif
