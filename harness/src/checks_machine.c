/* Checks of what the machine has: nodes, CPUs, memory. */
#include "checks_internal.h"

#include <stdio.h>
#include <string.h>

/* Whether @word stands alone among the words of @line. */
static bool has_word(const char *line, const char *word)
{
    size_t length = strlen(word);
    for (const char *found = strstr(line, word); found != NULL; found = strstr(found + 1, word)) {
        bool starts = found == line || found[-1] == ' ';
        if (starts && (found[length] == ' ' || found[length] == '\0')) {
            return true;
        }
    }
    return false;
}

void check_numa_hardware(struct check *check, const struct facts *facts)
{
    if (facts->nodes.count > 1) {
        check_set(check, CHECK_PASS, "%zu nodes", facts->nodes.count);
        return;
    }
    check_set(check, CHECK_WARN, "1 node: locality is trivial here");
    check_fix(check, "firmware set-up: node interleaving off; virtual machine: give it a NUMA topology");
}

void check_kernel_numa(struct check *check, const struct facts *facts)
{
    if (has_word(facts->nodes.command_line, "numa=off")) {
        check_set(check, CHECK_FAIL, "numa=off on the kernel command line");
        check_fix(check, "take numa=off out of GRUB_CMDLINE_LINUX in /etc/default/grub; sudo update-grub; reboot");
    } else if (!facts->nodes.kernel_support) {
        check_set(check, CHECK_FAIL, "this kernel was built without it: no /sys/devices/system/node");
        check_fix(check, "boot a kernel with CONFIG_NUMA=y");
    } else if (strstr(facts->nodes.command_line, "numa=fake") != NULL) {
        check_set(check, CHECK_WARN, "numa=fake on the kernel command line: these nodes are made up");
        check_fix(check, "take numa=fake out of GRUB_CMDLINE_LINUX in /etc/default/grub; sudo update-grub; reboot");
    } else {
        check_set(check, CHECK_PASS, "present");
    }
}

void check_offline_cpus(struct check *check, const struct facts *facts)
{
    np_cpuset offline = {0};
    char text[256];
    np_cpuset_difference(&facts->nodes.present, &facts->nodes.online, &offline, NULL);
    unsigned count = np_cpuset_count(&offline);
    if (count == 0) {
        check_set(check, CHECK_PASS, "all %u online", np_cpuset_count(&facts->nodes.online));
        return;
    }
    check_set(check, CHECK_WARN, "%u offline: %s", count, cpus_text(&offline, text, sizeof(text)));
    check_fix(check, "echo 1 | sudo tee /sys/devices/system/cpu/cpu%d/online%s", np_cpuset_first(&offline),
        count > 1 ? ", and so for each" : "");
}

/* The ids of the nodes that lack memory, as a list. Returns how many they are. */
static unsigned without_memory(const struct nodes *nodes, char *text, size_t size)
{
    np_nodeset lacking = {0};
    for (size_t i = 0; i < nodes->count; i++) {
        if (nodes->list[i].memory_bytes == 0) {
            np_nodeset_add(&lacking, nodes->list[i].id, NULL);
        }
    }
    np_nodeset_format(&lacking, text, size);
    return np_nodeset_count(&lacking);
}

void check_nodes_without_memory(struct check *check, const struct facts *facts)
{
    char text[256];
    if (without_memory(&facts->nodes, text, sizeof(text)) == 0) {
        check_set(check, CHECK_PASS, "all %zu have some", facts->nodes.count);
        return;
    }
    check_set(check, CHECK_WARN, "none on node %s", text);
    check_fix(check, "put memory modules into that node's channels; until then bind its threads to the nearest node");
}

void check_uneven_memory(struct check *check, const struct facts *facts)
{
    const struct node *least = NULL;
    const struct node *most = NULL;
    size_t count = 0;
    for (size_t i = 0; i < facts->nodes.count; i++) {
        const struct node *node = &facts->nodes.list[i];
        if (node->memory_bytes > 0) {
            count++;
            least = least == NULL || node->memory_bytes < least->memory_bytes ? node : least;
            most = most == NULL || node->memory_bytes > most->memory_bytes ? node : most;
        }
    }
    if (count < 2) {
        check_set(check, CHECK_NOT_APPLICABLE, "one node with memory");
        return;
    }
    double ratio = (double)most->memory_bytes / (double)least->memory_bytes;
    double difference = (double)(most->memory_bytes - least->memory_bytes) / (double)(1 << 20);
    bool even = ratio <= facts->thresholds->uneven_memory_ratio || difference <= facts->thresholds->uneven_memory_mib;
    check_set(check, even ? CHECK_PASS : CHECK_WARN, "node %u has %.1f GiB, node %u %.1f GiB", least->id,
        (double)least->memory_bytes / (double)(1 << 30), most->id, (double)most->memory_bytes / (double)(1 << 30));
    if (!even) {
        check_fix(check, "compare the modules of both nodes: sudo dmidecode --type memory");
    }
}
