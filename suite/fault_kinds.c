/*
 * Which kinds of faults there are, and whether each can be injected here.
 */
#include "fault.h"
#include "oracle.h"

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
    case FAULT_CPU_OFFLINE:
        return "a CPU taken offline";
    case FAULT_BALANCING:
        return "NUMA balancing switched";
    case FAULT_MEMORY_OFFLINE:
        return "memory taken offline";
    case FAULT_HUGE_PAGES:
        return "pools of huge pages sized";
    case FAULT_CPUSET:
        return "a cpuset";
    case FAULT_MEMORY_LIMIT:
        return "a cgroup with little memory";
    case FAULT_FULL_NODE:
        return "a full node";
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

/* CPU 0 cannot be taken offline on most machines, so that the switch of any other is looked for. */
static bool has_cpu_switch(void)
{
    struct ids cpus = oracle_present_cpus();

    for (int cpu = ids_first(&cpus); cpu >= 0; cpu = ids_next(&cpus, cpu)) {
        char file[80];
        snprintf(file, sizeof file, "/sys/devices/system/cpu/cpu%d/online", cpu);
        if (access(file, W_OK) == 0)
            return true;
    }
    return false;
}

/* What this kernel and this process lack for @kind; "" for nothing. */
static const char *lacks(enum fault_kind kind)
{
    unsigned action = SECCOMP_RET_ERRNO;

    if ((kind & FAULTS_OF_THE_MACHINE) != 0 && geteuid() != 0)
        return "only root can change the machine";
    if (kind == FAULT_SECCOMP && syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0)
        return "this kernel has no seccomp filters";
    if (kind == FAULT_USER && geteuid() == 0 && !(has_capability(CAP_SETUID) && has_capability(CAP_SETGID)))
        return "this root may not change its user: CAP_SETUID or CAP_SETGID is missing";
    if (kind == FAULT_CPU_OFFLINE && !has_cpu_switch())
        return "no CPU can be taken offline here";
    if (kind == FAULT_BALANCING && access("/proc/sys/kernel/numa_balancing", W_OK) != 0)
        return "there is no kernel.numa_balancing to be set";
    /* The file may be root's to write, and the kernel asks for the capability all the same (6.1). */
    if (kind == FAULT_BALANCING && !has_capability(CAP_SYS_ADMIN))
        return "kernel.numa_balancing is set with CAP_SYS_ADMIN only";
    if (kind == FAULT_MEMORY_OFFLINE && access("/sys/devices/system/memory/block_size_bytes", R_OK) != 0)
        return "this kernel cannot take memory offline";
    if (kind == FAULT_HUGE_PAGES && access("/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", W_OK) != 0)
        return "this kernel has no pool of 2 MiB pages";
    if (kind == FAULT_CPUSET && !fault_has_controller("cpuset"))
        return "no cgroup with the cpuset controller is mounted";
    if (kind == FAULT_MEMORY_LIMIT && !fault_has_controller("memory"))
        return "no cgroup with the memory controller is mounted";
    return "";
}

void fault_obstacle(enum fault_kind kind, bool allow_system_changes, char *obstacle, size_t size)
{
    bool allowed = (kind & FAULTS_OF_THE_MACHINE) == 0 || allow_system_changes || oracle_is_guest();

    snprintf(
        obstacle, size, "%s", allowed ? lacks(kind) : "it changes the machine, which --allow-system-changes allows");
}
