/*
 * This process put into a cgroup of its own: a cpuset, or a limit of memory. Both versions of cgroups are spoken, since
 * machines have either, and some have both with the controllers split between them.
 */
#include "fault.h"
#include "fault_journal.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a controller is to be found. */
struct hierarchy {
    unsigned version; /* 1, 2; 0: nowhere */
    char root[256];
};

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || strchr(" ,", at[-1]) != NULL) && strchr(" ,\n", at[length]) != NULL)
            return true;
    return false;
}

/* One line of /proc/self/mounts: device, directory, type, options. */
static bool mount_offers(const char *line, const char *controller, struct hierarchy *hierarchy)
{
    char directory[256], type[32], options[512], file[300], controllers[512];

    if (sscanf(line, "%*s %255s %31s %511s", directory, type, options) != 3)
        return false;
    snprintf(file, sizeof file, "%s/cgroup.controllers", directory);
    if (strcmp(type, "cgroup") == 0 && has_word(options, controller))
        hierarchy->version = 1;
    else if (strcmp(type, "cgroup2") == 0 && oracle_read_file(file, controllers, sizeof controllers) &&
             has_word(controllers, controller))
        hierarchy->version = 2;
    else
        return false;
    memcpy(hierarchy->root, directory, sizeof directory);
    return true;
}

static struct hierarchy find_hierarchy(const char *controller)
{
    struct hierarchy hierarchy = {.version = 0};
    char line[1024];

    FILE *mounts = fopen("/proc/self/mounts", "re");
    while (mounts != NULL && fgets(line, sizeof line, mounts) != NULL)
        if (mount_offers(line, controller, &hierarchy))
            break;
    if (mounts != NULL)
        fclose(mounts);
    return hierarchy;
}

bool fault_has_controller(const char *controller)
{
    return find_hierarchy(controller).version != 0;
}

static void put(const char *group, const char *name, const char *value)
{
    char file[400];

    snprintf(file, sizeof file, "%s/%s", group, name);
    int setting = open(file, O_WRONLY | O_CLOEXEC);
    if (setting < 0 || write(setting, value, strlen(value)) != (ssize_t)strlen(value))
        case_error("fault: %s cannot be set to %s: %s", file, value, strerror(errno));
    close(setting);
}

/* A new group under the root of @hierarchy; in version 2 the root must hand the controller down first. */
static void make_group(const struct hierarchy *hierarchy, const char *controller, char *group, size_t size)
{
    char file[300], words[512], sign[40];

    snprintf(file, sizeof file, "%s/cgroup.subtree_control", hierarchy->root);
    if (hierarchy->version == 2 && oracle_read_file(file, words, sizeof words) && !has_word(words, controller)) {
        snprintf(sign, sizeof sign, "-%s", controller);
        journal_write(file, sign);
        sign[0] = '+';
        put(hierarchy->root, "cgroup.subtree_control", sign);
    }
    snprintf(group, size, "%s/numaproof-%s-%d", hierarchy->root, controller, (int)getpid());
    journal_remove(group);
    if (mkdir(group, 0755) != 0)
        case_error("fault: %s cannot be made: %s", group, strerror(errno));
}

static void move_in(const char *group)
{
    char pid[16];

    snprintf(pid, sizeof pid, "%d", (int)getpid());
    put(group, "cgroup.procs", pid);
}

/* A file of the group's root, as the default for what is not limited. */
static void inherit(const struct hierarchy *hierarchy, const char *group, const char *name, const char *effective)
{
    char file[300], value[4096];

    snprintf(file, sizeof file, "%s/%s", hierarchy->root, hierarchy->version == 2 ? effective : name);
    if (!oracle_read_file(file, value, sizeof value))
        case_error("fault: %s cannot be read: %s", file, strerror(errno));
    value[strcspn(value, "\n")] = '\0';
    put(group, name, value);
}

void fault_cpuset(const struct ids *cpus, const struct ids *nodes)
{
    struct hierarchy hierarchy = find_hierarchy("cpuset");
    char group[360];

    make_group(&hierarchy, "cpuset", group, sizeof group);
    if (cpus != NULL)
        put(group, "cpuset.cpus", ids_text(cpus).text);
    else
        inherit(&hierarchy, group, "cpuset.cpus", "cpuset.cpus.effective");
    if (nodes != NULL)
        put(group, "cpuset.mems", ids_text(nodes).text);
    else
        inherit(&hierarchy, group, "cpuset.mems", "cpuset.mems.effective");
    move_in(group);

    struct ids allowed_cpus = oracle_allowed_cpus(), allowed_nodes = oracle_allowed_nodes();
    if ((cpus != NULL && !ids_equal(cpus, &allowed_cpus)) || (nodes != NULL && !ids_equal(nodes, &allowed_nodes)))
        case_error("fault: in its cpuset this process may use CPUs %s and nodes %s", ids_text(&allowed_cpus).text,
            ids_text(&allowed_nodes).text);
}

void fault_memory_limit(uint64_t bytes)
{
    struct hierarchy hierarchy = find_hierarchy("memory");
    char group[360], file[400], value[32], found[32];
    const char *name = hierarchy.version == 2 ? "memory.max" : "memory.limit_in_bytes";

    make_group(&hierarchy, "memory", group, sizeof group);
    snprintf(value, sizeof value, "%" PRIu64, bytes);
    put(group, name, value);
    snprintf(file, sizeof file, "%s/memory.swap.max", group);
    if (access(file, W_OK) == 0)
        put(group, "memory.swap.max", "0");
    move_in(group);
    snprintf(file, sizeof file, "%s/%s", group, name);
    if (!oracle_read_file(file, found, sizeof found) || strtoull(found, NULL, 10) != bytes)
        case_error("fault: %s is %.20s after it was set to %s", file, found, value);
}
