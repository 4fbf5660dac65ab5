/*
 * The refusals that have nothing to do with CPUs, nodes or bytes.
 *
 * Hard mode asks for privileges that the kernel itself does not always ask for: without CAP_SYS_NICE a thread may pin
 * itself, and without CAP_SYS_ADMIN it may bind memory. The contract wants them all the same, because what they stand
 * for (real-time workers, moving shared pages) is what a program needs to keep the guarantee later. The words are the
 * contract's too (LAW-5): "permission denied" and "NUMA balancing is enabled" are two reasons, never one; "affinity not
 * fully applied" is the third, and is made where affinities are (affinity.c).
 */
#include "hard_mode.h"
#include "error_internal.h"
#include "linux.h"
#include <string.h>

static np_status require_capabilities(unsigned needs, const char *operation, np_error *error)
{
    struct linux_capabilities have = {0};
    const int problem = linux_effective_capabilities(&have);
    if (problem != 0)
        return fail(error, NP_HARD_MODE_UNAVAILABLE, problem, operation,
            "permission denied: the kernel does not tell this thread's capabilities: %s", strerrordesc_np(problem));

    const bool admin_lacks = (needs & NEEDS_SYS_ADMIN) != 0 && !have.sys_admin;
    const bool nice_lacks = (needs & NEEDS_SYS_NICE) != 0 && !have.sys_nice;
    if (!admin_lacks && !nice_lacks)
        return NP_OK;
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, operation,
        "permission denied: %s%s%s not in this thread's effective capabilities; "
        "run as root, or grant with setcap %s%s%s+ep PROGRAM",
        admin_lacks ? "CAP_SYS_ADMIN" : "", admin_lacks && nice_lacks ? " and " : "", nice_lacks ? "CAP_SYS_NICE" : "",
        admin_lacks ? "cap_sys_admin" : "", admin_lacks && nice_lacks ? "," : "", nice_lacks ? "cap_sys_nice" : "");
}

np_status hard_mode_require(unsigned needs, const char *operation, np_error *error)
{
    if ((needs & (NEEDS_SYS_ADMIN | NEEDS_SYS_NICE)) != 0) {
        const np_status status = require_capabilities(needs, operation, error);
        if (status != NP_OK)
            return status;
    }
    if ((needs & NEEDS_BALANCING_OFF) != 0) {
        const struct linux_balancing balancing = linux_numa_balancing();
        if (balancing.enabled)
            return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, operation,
                "NUMA balancing is enabled: kernel.numa_balancing reads %s and must read 0, or the kernel moves pages "
                "on its "
                "own; sysctl -w kernel.numa_balancing=0",
                balancing.found);
    }
    return NP_OK;
}
