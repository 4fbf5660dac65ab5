/*
 * Which kinds of faults there are, and whether each can be injected here.
 */
#include "fault.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

const char *fault_name(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_SECCOMP:
        return "system calls forbidden by a filter";
    case FAULT_USER:
        return "an ordinary user";
    case FAULT_KINDS_END:
        break;
    }
    return "unknown fault";
}

static bool has_capability(cap_value_t capability)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t own = cap_get_proc();

    if (own != NULL)
        cap_get_flag(own, capability, CAP_EFFECTIVE, &value);
    cap_free(own);
    return value == CAP_SET;
}

void fault_obstacle(enum fault_kind kind, bool allow_system_changes, char *obstacle, size_t size)
{
    unsigned action = SECCOMP_RET_ERRNO;

    (void)allow_system_changes;
    obstacle[0] = '\0';
    if (kind == FAULT_SECCOMP && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0)
        snprintf(obstacle, size, "this kernel has no seccomp filters");
    if (kind == FAULT_USER && geteuid() == 0 && !(has_capability(CAP_SETUID) && has_capability(CAP_SETGID)))
        snprintf(obstacle, size, "this root may not change its user: CAP_SETUID or CAP_SETGID is missing");
}
