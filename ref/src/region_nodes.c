/*
 * Nodes in words: what they are called, and why one cannot be used.
 *
 * The kernel drops from a policy, without a word, every node that is not there, that has no memory, or that the cpuset
 * forbids, and fails with a bare EINVAL where none is left. Whoever asked should know which node it was and what to do
 * about it, and the four causes have four different cures (MEM-4). Sources: Documentation/ABI/stable/sysfs-devices-node.
 */
#include "error_internal.h"
#include "linux.h"
#include "region_internal.h"
#include "text.h"
#include <fcntl.h>

/* A list of nodes in sysfs, or @otherwise where it cannot be read. */
static np_nodeset listed(const char *name, const np_nodeset *otherwise)
{
    char path[64];
    np_nodeset nodes = *otherwise;
    struct text text = text_into(path, sizeof path);
    text_add(&text, "/sys/devices/system/node/%s", name);
    linux_read_nodes(AT_FDCWD, path, &nodes);
    return nodes;
}

struct region_text region_name_nodes(const np_nodeset *nodes)
{
    struct region_text name;
    struct text text = text_into(name.text, sizeof name.text);
    text_add(&text, "node%s %s", np_nodeset_count(nodes) == 1 ? "" : "s", nodes_in_words(nodes).text);
    return name;
}

/* Take those of @left that @known lacks out of it, and say what is the matter with them. */
static void explain(
    struct text *text, np_nodeset *left, const np_nodeset *known, const char *matter, const char *but_has)
{
    np_nodeset culprits;
    np_nodeset_difference(left, known, &culprits, NULL);
    np_nodeset_intersection(left, known, left, NULL);
    const unsigned count = np_nodeset_count(&culprits);
    if (count == 0)
        return;
    text_add(text, "%s%s %s %s", text->length > 0 ? "; " : "", region_name_nodes(&culprits).text,
        count == 1 ? "is" : "are", matter);
    if (but_has != NULL)
        text_add(text, " (%s %s)", but_has, region_name_nodes(known).text);
}

struct region_text region_explain_nodes(const np_nodeset *nodes, const np_nodeset *allowed)
{
    const np_nodeset possible = listed("possible", nodes);
    const np_nodeset online = listed("online", nodes);
    const np_nodeset with_memory = listed("has_memory", nodes);
    struct region_text explained = {""};
    struct text text = text_into(explained.text, sizeof explained.text);
    np_nodeset left = *nodes;
    explain(&text, &left, &possible, "absent", "this machine can have");
    explain(&text, &left, &online, "offline", NULL);
    explain(&text, &left, &with_memory, "without memory", "there is some on");
    explain(&text, &left, allowed, "outside the cpuset", "it allows");
    return explained;
}

struct region_text region_name_strays(const np_region *region, const np_placement *placement)
{
    struct region_text named = {""};
    struct text text = text_into(named.text, sizeof named.text);
    for (unsigned node = 0; node < NP_NODE_MAX; node++)
        if (placement->on_node[node] != 0 && !np_nodeset_contains(&region->home, node))
            text_add(&text, "%snode %u: %llu", text.length > 0 ? ", " : "", node,
                (unsigned long long)placement->on_node[node]);
    return named;
}
