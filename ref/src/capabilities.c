/*
 * What the calling thread may do, found out anew at each call.
 *
 * Nothing is remembered between calls: a capability dropped, a setting changed or a node added shows at once (CAP-1).
 * Detection cannot fail (CAP-6), so what the kernel will not say counts against hard mode.
 */
#include "linux.h"
#include "text.h"
#include <assert.h>
#include <numaproof/capabilities.h>

static_assert(sizeof(np_capabilities) == 8, "the capabilities record is pinned");

/* What hard mode rests on, in the contract's order (CAP-5). */
static const np_missing requirements[NP_MISSING_MAX] = {
    {"CAP_SYS_ADMIN", "strict memory binding",
        "run as root, or setcap cap_sys_admin,cap_sys_nice+ep PROGRAM; in a container --cap-add SYS_ADMIN; in a "
        "systemd "
        "service AmbientCapabilities=CAP_SYS_ADMIN"},
    {"CAP_SYS_NICE", "strict CPU affinity",
        "run as root, or setcap cap_sys_admin,cap_sys_nice+ep PROGRAM; in a container --cap-add SYS_NICE; in a systemd "
        "service AmbientCapabilities=CAP_SYS_NICE"},
    {"kernel.numa_balancing=0", "pages that stay where they were placed",
        "sysctl -w kernel.numa_balancing=0, and a line in /etc/sysctl.d to keep it"},
};

void np_capabilities_detect(np_capabilities *capabilities)
{
    if (capabilities == NULL)
        return;
    struct linux_capabilities effective = {0};
    if (linux_effective_capabilities(&effective) != 0)
        effective = (struct linux_capabilities){0};
    np_nodeset nodes = {0};
    unsigned node_count = linux_online_nodes(&nodes) == 0 ? np_nodeset_count(&nodes) : 0;
    *capabilities = (np_capabilities){
        .node_count = node_count > 0 ? node_count : 1,
        .strict_memory_binding = effective.sys_admin,
        .strict_cpu_affinity = effective.sys_nice,
        .memory_locking = effective.ipc_lock,
        .numa_balancing_disabled = !linux_numa_balancing().enabled,
    };
}

bool np_capabilities_supports_hard_mode(const np_capabilities *capabilities)
{
    return np_capabilities_missing(capabilities, NULL) == 0;
}

size_t np_capabilities_missing(const np_capabilities *capabilities, np_missing missing[NP_MISSING_MAX])
{
    const bool have[NP_MISSING_MAX] = {
        capabilities != NULL && capabilities->strict_memory_binding,
        capabilities != NULL && capabilities->strict_cpu_affinity,
        capabilities != NULL && capabilities->numa_balancing_disabled,
    };
    size_t count = 0;
    for (size_t i = 0; i < NP_MISSING_MAX; i++) {
        if (have[i])
            continue;
        if (missing != NULL)
            missing[count] = requirements[i];
        count++;
    }
    return count;
}

size_t np_capabilities_summary(const np_capabilities *capabilities, char *buffer, size_t size)
{
    static const np_capabilities nothing = {0};
    const np_capabilities *shown = capabilities != NULL ? capabilities : &nothing;
    struct text text = text_into(buffer, size);
    text_add(&text, "NUMA nodes:              %u\n", shown->node_count);
    text_add(&text, "Strict memory binding:   %s (CAP_SYS_ADMIN)\n", shown->strict_memory_binding ? "yes" : "no");
    text_add(&text, "Strict CPU affinity:     %s (CAP_SYS_NICE)\n", shown->strict_cpu_affinity ? "yes" : "no");
    text_add(&text, "Memory locking:          %s (CAP_IPC_LOCK)\n", shown->memory_locking ? "yes" : "no");
    text_add(
        &text, "NUMA balancing disabled: %s (kernel.numa_balancing)\n", shown->numa_balancing_disabled ? "yes" : "no");

    np_missing missing[NP_MISSING_MAX];
    const size_t count = np_capabilities_missing(shown, missing);
    text_add(&text, "Hard mode:               %s\n", count == 0 ? "supported" : "not supported, missing:");
    for (size_t i = 0; i < count; i++)
        text_add(&text, "  %s, for %s: %s\n", missing[i].name, missing[i].purpose, missing[i].remedy);
    return text.length;
}
