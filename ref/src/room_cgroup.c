/*
 * Room in the memory cgroups that the process is in.
 *
 * A cgroup's limit holds for all that is below it, so that every level from the process's own up to the root is looked
 * at, and the tightest counts. Version 2 calls the files memory.max and memory.current, version 1
 * memory.limit_in_bytes and memory.usage_in_bytes; a machine may have both hierarchies, and the memory controller is in
 * one of them. /proc/self/cgroup says which, and the path.
 *
 * The path is that of the process's cgroup namespace, or, in a container without one, the host's, of which the
 * container sees only the last part, mounted as if it were the root: a level that is not there is passed over, and
 * the root of the mount is always looked at. Source: cgroups(7), Documentation/admin-guide/cgroup-v2.rst.
 */
#include "linux.h"
#include "room.h"
#include "text.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One version's files. */
struct hierarchy {
    const char *mounts[2]; /* Where it is usually mounted, below /sys/fs/cgroup. */
    const char *limit;
    const char *usage;
    const char *droppable[2]; /* Lines of memory.stat. */
};

static const struct hierarchy versions[2] = {
    {{"/memory", NULL}, "memory.limit_in_bytes", "memory.usage_in_bytes", {"total_inactive_file", "total_active_file"}},
    {{"", "/unified"}, "memory.max", "memory.current", {"inactive_file", "active_file"}},
};

/* Version 1 says 2^63 less a page where there is no limit. */
#define NO_LIMIT (UINT64_C(1) << 62)

/* A line of /proc/self/cgroup is "4:memory:/path", the controllers separated by commas, or "0::/path" for version 2. */
static const struct hierarchy *which_hierarchy(char *line, char **path)
{
    char *controllers = strchr(line, ':');
    char *end = controllers != NULL ? strchr(++controllers, ':') : NULL;
    if (end == NULL)
        return NULL;
    *end = '\0';
    *path = end + 1;
    if (controllers == end)
        return &versions[1];
    for (char *name = strsep(&controllers, ","); name != NULL; name = strsep(&controllers, ","))
        if (strcmp(name, "memory") == 0)
            return &versions[0];
    return NULL;
}

/* The hierarchy that has the memory controller: version 1 if any line names it there, else version 2. */
static const struct hierarchy *own_cgroup(char *text, char **path)
{
    const struct hierarchy *found = NULL;
    for (char *line = strsep(&text, "\n"); line != NULL; line = strsep(&text, "\n")) {
        char *candidate = NULL;
        const struct hierarchy *hierarchy = which_hierarchy(line, &candidate);
        if (hierarchy == NULL || (found == &versions[0]))
            continue;
        found = hierarchy;
        *path = candidate;
    }
    return found;
}

static int read_value(const char *directory, const char *file, uint64_t *value)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", directory, file) >= (int)sizeof path)
        return -1;
    return linux_read_number(AT_FDCWD, path, value);
}

static uint64_t droppable_bytes(const struct hierarchy *hierarchy, const char *directory)
{
    char path[PATH_MAX], text[8192];
    if (snprintf(path, sizeof path, "%s/memory.stat", directory) >= (int)sizeof path)
        return 0;
    if (linux_read_text(AT_FDCWD, path, text, sizeof text) != 0)
        return 0;
    uint64_t sum = 0;
    char *rest = text;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        char *number = strchr(line, ' ');
        if (number == NULL)
            continue;
        *number++ = '\0';
        if (strcmp(line, hierarchy->droppable[0]) == 0 || strcmp(line, hierarchy->droppable[1]) == 0)
            sum += strtoull(number, NULL, 10);
    }
    return sum;
}

/* One level. No limit there reads as the word "max" in version 2, which is no number. */
static void look_at(
    const struct hierarchy *hierarchy, const char *directory, const char *name, struct cgroup_room *tightest)
{
    uint64_t limit = 0, used = 0;
    if (read_value(directory, hierarchy->limit, &limit) != 0 || limit >= NO_LIMIT ||
        read_value(directory, hierarchy->usage, &used) != 0)
        return;
    uint64_t droppable = droppable_bytes(hierarchy, directory);
    uint64_t kept = used > droppable ? used - droppable : 0;
    uint64_t left = limit > kept ? limit - kept : 0;
    if (tightest->limited && left >= tightest->available_bytes)
        return;
    *tightest =
        (struct cgroup_room){.limited = true, .limit_bytes = limit, .used_bytes = used, .available_bytes = left};
    struct text text = text_into(tightest->name, sizeof tightest->name);
    text_add(&text, "%s", name);
}

static void look_upwards(
    const struct hierarchy *hierarchy, const char *mount, const char *path, struct cgroup_room *room)
{
    char directory[PATH_MAX];
    size_t root = strlen(mount);
    if (snprintf(directory, sizeof directory, "%s%s", mount, path) >= (int)sizeof directory)
        return;
    for (size_t length = strlen(directory); length > root; length--) {
        if (directory[length] != '/' && directory[length] != '\0')
            continue;
        directory[length] = '\0';
        if (directory[length - 1] != '/')
            look_at(hierarchy, directory, directory + root, room);
    }
    directory[root] = '\0';
    look_at(hierarchy, directory, "/", room);
}

struct cgroup_room room_in_cgroup_at(const char *mounts, char *self)
{
    struct cgroup_room room = {0};
    char *path = NULL;
    const struct hierarchy *hierarchy = own_cgroup(self, &path);
    if (hierarchy == NULL)
        return room;
    for (size_t i = 0; i < 2 && hierarchy->mounts[i] != NULL; i++) {
        char mount[PATH_MAX];
        if (snprintf(mount, sizeof mount, "%s%s", mounts, hierarchy->mounts[i]) < (int)sizeof mount)
            look_upwards(hierarchy, mount, path, &room);
    }
    return room;
}

struct cgroup_room room_in_cgroup(void)
{
    char self[8192];
    if (linux_read_text(AT_FDCWD, "/proc/self/cgroup", self, sizeof self) != 0)
        return (struct cgroup_room){0};
    return room_in_cgroup_at("/sys/fs/cgroup", self);
}
