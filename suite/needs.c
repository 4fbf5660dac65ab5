/*
 * Needs: checking and describing them; see needs.h.
 *
 * Both walk the same short list of questions, so that a need cannot be checked and not listed. A list asks nothing of the
 * machine.
 */
#include "needs.h"
#include "oracle.h"
#include "oracle_access.h"
#include "sanitized.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

/* The text that is being written: either all needs, or the first unmet one. */
struct walk {
    bool listing;
    char *text;
    size_t size, used;
    bool unmet;
};

/* One need: in a list always written; in a check only when not met, with what was found. */
static void need(struct walk *walk, bool met, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void need(struct walk *walk, bool met, const char *format, ...)
{
    va_list arguments;

    if (!walk->listing && (met || walk->unmet))
        return;
    walk->unmet = true;
    if (walk->used > 0 && walk->used < walk->size)
        walk->used += (size_t)snprintf(walk->text + walk->used, walk->size - walk->used, ", ");
    if (walk->used >= walk->size)
        return;
    va_start(arguments, format);
    walk->used += (size_t)vsnprintf(walk->text + walk->used, walk->size - walk->used, format, arguments);
    va_end(arguments);
}

/* What stands behind a count that is not enough; nothing where needs are only listed. */
struct found {
    char text[48];
};

static struct found found(const struct walk *walk, unsigned number)
{
    struct found text = {""};

    if (!walk->listing)
        snprintf(text.text, sizeof text.text, "; there %s %u", number == 1 ? "is" : "are", number);
    return text;
}

/* The machine in numbers. */
struct machine {
    unsigned nodes, memory_nodes, usable_memory_nodes, cpus, fewest_cpus_per_node, nodes_without_cpus,
        cpus_without_memory, ids;
};

static struct machine look_at_machine(void)
{
    struct ids nodes = oracle_online_nodes(), memory = oracle_memory_nodes(), allowed_nodes = oracle_allowed_nodes();
    struct ids usable = ids_and(&memory, &allowed_nodes), allowed_cpus = oracle_allowed_cpus();
    struct machine machine = {
        .nodes = ids_count(&nodes),
        .memory_nodes = ids_count(&memory),
        .usable_memory_nodes = ids_count(&usable),
        .cpus = ids_count(&allowed_cpus),
        .fewest_cpus_per_node = IDS_MAX,
    };

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node)) {
        struct ids cpus = oracle_cpus_of_node((unsigned)node);
        struct ids own = ids_and(&cpus, &allowed_cpus);
        machine.ids = (unsigned)node + 1;
        machine.cpus_without_memory += ids_count(&own) > 0 && !ids_has(&usable, (unsigned)node);
        machine.nodes_without_cpus += ids_count(&cpus) == 0;
        if (ids_count(&cpus) > 0 && ids_count(&own) < machine.fewest_cpus_per_node)
            machine.fewest_cpus_per_node = ids_count(&own);
    }
    return machine;
}

static void walk_machine(struct walk *walk, const struct needs *needs)
{
    struct machine has = {0};

    if (!walk->listing)
        has = look_at_machine();
    if (needs->nodes > 1)
        need(walk, has.nodes >= needs->nodes, "%u nodes%s", needs->nodes, found(walk, has.nodes).text);
    if (needs->nodes_at_most > 0)
        need(walk, has.nodes <= needs->nodes_at_most, "at most %u node%s%s", needs->nodes_at_most,
            needs->nodes_at_most == 1 ? "" : "s", found(walk, has.nodes).text);
    if (needs->memory_nodes > 0)
        need(walk, has.usable_memory_nodes >= needs->memory_nodes, "%u nodes with usable memory%s", needs->memory_nodes,
            found(walk, has.usable_memory_nodes).text);
    if (needs->cpus > 0)
        need(walk, has.cpus >= needs->cpus, "%u usable CPUs%s", needs->cpus, found(walk, has.cpus).text);
    if (needs->cpus_per_node > 0)
        need(walk, has.fewest_cpus_per_node >= needs->cpus_per_node, "%u usable CPUs on each node%s",
            needs->cpus_per_node, found(walk, has.fewest_cpus_per_node).text);
    if (needs->memory_where_cpus)
        need(walk, has.cpus_without_memory == 0, "usable memory on each node with usable CPUs");
    if (needs->node_without_cpus)
        need(walk, has.nodes_without_cpus > 0, "a node without CPUs");
    if (needs->node_without_memory)
        need(walk, has.memory_nodes < has.nodes, "a node without memory");
    if (needs->gap_in_nodes)
        need(walk, has.ids > has.nodes, "a gap in the node ids");
    if (needs->declared_figures)
        need(walk, walk->listing || oracle_declares_anything(), "firmware that declares latency or bandwidth (HMAT)");
}

/* "CAP_SYS_NICE", as the contract spells it and libcap does not. */
static void need_capability(struct walk *walk, bool met, int capability)
{
    char *name = cap_to_name(capability);

    for (char *letter = name; letter != NULL && *letter != '\0'; letter++)
        *letter = (char)toupper((unsigned char)*letter);
    need(walk, met, "%s", name != NULL ? name : "a capability that libcap does not know");
    cap_free(name);
}

static void walk_privileges(struct walk *walk, const struct needs *needs)
{
    uint64_t effective = walk->listing ? 0 : oracle_effective_capabilities();

    if (needs->root)
        need(walk, geteuid() == 0, "root");
    for (int capability = 0; capability < 64; capability++)
        if ((needs->capabilities & CAPABILITY(capability)) != 0)
            need_capability(walk, (effective & CAPABILITY(capability)) != 0, capability);
    if (needs->plain_memory)
        need(walk, !BUILT_WITH_SANITIZER, "a build without sanitizers");
}

static bool each_node_has_free(uint64_t bytes)
{
    struct ids nodes = oracle_memory_nodes();

    for (int node = ids_first(&nodes); node >= 0; node = ids_next(&nodes, node))
        if (oracle_node_memory((unsigned)node).free < bytes)
            return false;
    return true;
}

static void walk_memory(struct walk *walk, const struct needs *needs)
{
    if (needs->free_bytes > 0)
        need(walk, walk->listing || oracle_available_memory() >= needs->free_bytes,
            "%" PRIu64 " MiB of available memory", needs->free_bytes >> 20);
    if (needs->free_bytes_per_node > 0)
        need(walk, walk->listing || each_node_has_free(needs->free_bytes_per_node), "%" PRIu64 " MiB free on each node",
            needs->free_bytes_per_node >> 20);
}

/* Balancing that is on is switched off for the case, where that is allowed. */
static void walk_balancing(struct walk *walk, const struct needs *needs, bool allow_system_changes)
{
    char obstacle[200] = "";

    if (!needs->balancing_off)
        return;
    if (!walk->listing && oracle_balancing() != 0)
        fault_obstacle(FAULT_BALANCING, allow_system_changes, obstacle, sizeof obstacle);
    need(walk, obstacle[0] == '\0', "kernel.numa_balancing=0%s%s", obstacle[0] != '\0' ? "; " : "", obstacle);
}

static void walk_access_counter(struct walk *walk, const struct needs *needs)
{
    char why[200] = "";

    if (!needs->access_counter)
        return;
    bool counts = !walk->listing && oracle_counts_accesses(why, sizeof why);
    need(walk, counts, "an access counter%s%s", walk->listing ? "" : ": ", why);
}

static void walk_faults(struct walk *walk, const struct needs *needs, bool allow_system_changes)
{
    for (unsigned bit = 1; bit < FAULT_KINDS_END; bit <<= 1) {
        char obstacle[200] = "";
        if ((needs->faults & bit) == 0)
            continue;
        if (!walk->listing)
            fault_obstacle((enum fault_kind)bit, allow_system_changes, obstacle, sizeof obstacle);
        need(walk, obstacle[0] == '\0', "the fault \"%s\"%s%s", fault_name((enum fault_kind)bit),
            obstacle[0] != '\0' ? "; " : "", obstacle);
    }
}

static void walk_all(struct walk *walk, const struct needs *needs, bool allow_system_changes)
{
    walk_privileges(walk, needs);
    walk_machine(walk, needs);
    walk_memory(walk, needs);
    walk_balancing(walk, needs, allow_system_changes);
    walk_access_counter(walk, needs);
    walk_faults(walk, needs, allow_system_changes);
}

bool needs_are_met(const struct needs *needs, bool allow_system_changes, char *reason, size_t size)
{
    char unmet[512] = "";
    struct walk walk = {.listing = false, .text = unmet, .size = sizeof unmet};

    walk_all(&walk, needs, allow_system_changes);
    if (walk.unmet)
        snprintf(reason, size, "needs %s", unmet);
    return !walk.unmet;
}

void needs_describe(const struct needs *needs, char *text, size_t size)
{
    struct walk walk = {.listing = true, .text = text, .size = size};

    snprintf(text, size, "nothing");
    walk_all(&walk, needs, true);
}
