/* Checks of what this process may do, and of what hard mode makes of it. */
#include "checks_internal.h"

#include <stdio.h>
#include <string.h>

static void check_capability(
    struct check *check, const struct facts *facts, cap_value_t capability, enum check_verdict without)
{
    bool held = privileges_have(&facts->privileges, capability);
    check_set(check, held ? CHECK_PASS : without, held ? "effective" : "missing");
    if (!held) {
        char *name = cap_to_name(capability);
        check_fix(check, "run as root, or: sudo setcap '%s+ep' PROGRAM", name != NULL ? name : check->id);
        cap_free(name);
    }
}

void check_cap_sys_admin(struct check *check, const struct facts *facts)
{
    check_capability(check, facts, CAP_SYS_ADMIN, CHECK_FAIL);
}

void check_cap_sys_nice(struct check *check, const struct facts *facts)
{
    check_capability(check, facts, CAP_SYS_NICE, CHECK_FAIL);
}

void check_cap_ipc_lock(struct check *check, const struct facts *facts)
{
    if (strcmp(facts->limits.locked_memory, "unlimited") == 0) {
        check_set(check, CHECK_PASS, "memory may be locked without limit");
        return;
    }
    check_capability(check, facts, CAP_IPC_LOCK, CHECK_WARN);
}

void check_hard_mode(struct check *check, const struct facts *facts)
{
    bool balancing_off = facts->settings.values[SETTING_NUMA_BALANCING].state == SETTING_ABSENT ||
                         strcmp(facts->settings.values[SETTING_NUMA_BALANCING].text, "0") == 0;
    bool expected = balancing_off && privileges_have(&facts->privileges, CAP_SYS_ADMIN) &&
                    privileges_have(&facts->privileges, CAP_SYS_NICE);
    if (facts->probes.hard_mode != expected) {
        check_set(check, CHECK_FAIL, "the library says %s, the kernel's own files say %s",
            facts->probes.hard_mode ? "supported" : "not supported", expected ? "supported" : "not supported");
        check_fix(check, "use a library that passes: numaproof conform --clause 'CAP-*'");
    } else if (expected) {
        check_set(check, CHECK_PASS, "supported");
    } else {
        check_set(check, CHECK_FAIL, "not supported: %s missing", facts->probes.missing);
        check_fix(check, "mend what is missing, as the checks above say");
    }
}

void check_refusals(struct check *check, const struct facts *facts)
{
    static const enum check_verdict verdicts[] = {
        [REFUSAL_HANDLED] = CHECK_PASS,
        [REFUSAL_WRONG] = CHECK_FAIL,
        [REFUSAL_UNTRIED] = CHECK_UNKNOWN,
    };
    const char *text = facts->probes.refusal_text;
    bool handled = facts->probes.refusal == REFUSAL_HANDLED;
    check_set(check, verdicts[facts->probes.refusal], "%s%s", handled ? "refused, and soft went on: " : "", text);
    if (!handled) {
        check_fix(check, "use a library that passes: numaproof conform --clause 'LAW-*' --clause 'PIN-*'");
    }
}

void check_metrics(struct check *check, const struct facts *facts)
{
    const struct probes *probes = &facts->probes;
    if (!probes->pages_located) {
        check_set(check, CHECK_WARN, "pages cannot be located: %s", probes->pages_text);
        check_fix(check, "allow move_pages in the container's seccomp profile");
        return;
    }
    for (size_t i = 0; i < facts->nodes.count; i++) {
        if (facts->nodes.kernel_support && !facts->nodes.list[i].counts) {
            check_set(check, CHECK_WARN, "no counts: numastat of node %u cannot be read", facts->nodes.list[i].id);
            check_fix(check, "make /sys visible to this process");
            return;
        }
    }
    check_set(check, CHECK_PASS, "%s; numastat of each node%s", probes->pages_text,
        probes->maps_readable ? ", numa_maps" : "");
}

/* What of @all this process may not use: the difference, as a list. */
static void forbidden(const struct facts *facts, char cpus[128], char nodes[128])
{
    np_cpuset lacking_cpus = {0};
    np_nodeset lacking_nodes = {0};
    for (size_t i = 0; i < facts->nodes.count; i++) {
        const struct node *node = &facts->nodes.list[i];
        if (node->memory_bytes > 0 && !np_nodeset_contains(&facts->privileges.nodes, node->id)) {
            np_nodeset_add(&lacking_nodes, node->id, NULL);
        }
    }
    np_cpuset_difference(&facts->nodes.online, &facts->privileges.cpus, &lacking_cpus, NULL);
    np_cpuset_format(&lacking_cpus, cpus, 128);
    np_nodeset_format(&lacking_nodes, nodes, 128);
}

/* The command that gives back what is lacking depends on what took it: an affinity, a group that is seen, one that is not. */
static void fix_cpuset(struct check *check, const struct facts *facts, bool cpus_only)
{
    const struct limits *limits = &facts->limits;
    np_cpuset group = {0};
    np_nodeset nodes = {0};
    char cpus[128];
    char memory[128];
    for (size_t i = 0; i < facts->nodes.count; i++) {
        if (facts->nodes.list[i].memory_bytes > 0) {
            np_nodeset_add(&nodes, facts->nodes.list[i].id, NULL);
        }
    }
    np_cpuset_format(&facts->nodes.online, cpus, sizeof(cpus));
    np_nodeset_format(&nodes, memory, sizeof(memory));
    bool known = limits->cpuset_group[0] != '\0' && np_cpuset_parse(limits->cpuset_cpus, &group, NULL) == NP_OK;
    if (cpus_only && (!known || np_cpuset_subset(&facts->nodes.online, &group))) {
        check_fix(check,
            "taskset --cpu-list %s numaproof validate; in a container --cpuset-cpus, in a unit CPUAffinity= "
            "and AllowedCPUs=",
            cpus);
    } else if (known) {
        check_fix(check, "echo %s | sudo tee %s/cpuset.cpus; echo %s | sudo tee %s/cpuset.mems", cpus,
            limits->cpuset_group, memory, limits->cpuset_group);
    } else {
        check_fix(check,
            "start it without these limits: container --cpuset-cpus=%s --cpuset-mems=%s; systemd "
            "AllowedCPUs=%s AllowedMemoryNodes=%s",
            cpus, memory, cpus, memory);
    }
}

void check_cpuset(struct check *check, const struct facts *facts)
{
    char cpus[128];
    char nodes[128];
    forbidden(facts, cpus, nodes);
    if (cpus[0] == '\0' && nodes[0] == '\0') {
        check_set(check, CHECK_PASS, "all");
        return;
    }
    check_set(check, CHECK_WARN, "not allowed here:%s%s%s%s%s", cpus[0] != '\0' ? " CPUs " : "", cpus,
        cpus[0] != '\0' && nodes[0] != '\0' ? "," : "", nodes[0] != '\0' ? " memory of nodes " : "", nodes);
    fix_cpuset(check, facts, nodes[0] == '\0');
}
