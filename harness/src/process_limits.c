/*
 * Resource limits from getrlimit(2), and the memory limit of the control group.
 *
 * Which group this is, /proc/self/cgroup says: "0::/a/b" in the unified hierarchy, "4:memory:/a/b" in the old one. In a
 * container the path may lie outside what the container sees of /sys/fs/cgroup; then the top of what it sees is its own
 * group. A limit further up holds too, so that the least one on the way is taken.
 */
#include "process_limits.h"

#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The old hierarchy writes "no limit" as the greatest number of pages. */
static const unsigned long long practically_unlimited = 1ULL << 60;

static void limit_text(char text[LIMIT_TEXT], __rlimit_resource_t resource)
{
    struct rlimit limit;
    text[0] = '\0';
    if (getrlimit(resource, &limit) == 0) {
        if (limit.rlim_cur == RLIM_INFINITY) {
            snprintf(text, LIMIT_TEXT, "unlimited");
        } else {
            snprintf(text, LIMIT_TEXT, "%llu", (unsigned long long)limit.rlim_cur);
        }
    }
}

/* The least limit from the group @path up to the top; 0 when no file says anything. */
static unsigned long long least_limit(const char *root, const char *hierarchy, char *path, const char *file)
{
    unsigned long long least = 0;
    for (;;) {
        char text[LIMIT_TEXT];
        if (file_read_line(text, sizeof(text), root, "/sys/fs/cgroup%s%s/%s", hierarchy, path, file)) {
            unsigned long long limit = strcmp(text, "max") == 0 ? ULLONG_MAX : strtoull(text, NULL, 10);
            least = least == 0 || limit < least ? limit : least;
        }
        char *end = strrchr(path, '/');
        if (end == NULL) {
            return least;
        }
        *end = '\0';
    }
}

static unsigned long long group_limit(FILE *groups, const char *root)
{
    char row[PATH_MAX];
    unsigned long long least = 0;
    while (least == 0 && fgets(row, sizeof(row), groups) != NULL) {
        row[strcspn(row, "\n")] = '\0';
        char *controllers = strchr(row, ':');
        char *path = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (path == NULL) {
            continue;
        }
        *path++ = '\0';
        if (strcmp(controllers, ":") == 0) {
            least = least_limit(root, "", path, "memory.max");
        } else if (strcmp(controllers, ":memory") == 0) {
            least = least_limit(root, "/memory", path, "memory.limit_in_bytes");
        }
    }
    return least;
}

/* Where the cpuset of this process is set, in the unified hierarchy; the top of it has none. */
static void find_cpuset(struct limits *limits, const char *root)
{
    char row[PATH_MAX];
    if (!file_read_line(row, sizeof(row), root, "/proc/self/cgroup") || strncmp(row, "0::/", 4) != 0 ||
        !file_read_line(limits->cpuset_cpus, LIMIT_TEXT, root, "/sys/fs/cgroup%s/cpuset.cpus.effective", row + 3) ||
        !file_read_line((char[LIMIT_TEXT]){0}, LIMIT_TEXT, root, "/sys/fs/cgroup%s/cpuset.cpus", row + 3) ||
        snprintf(limits->cpuset_group, GROUP_TEXT, "/sys/fs/cgroup%s", row + 3) >= GROUP_TEXT) {
        limits->cpuset_group[0] = '\0';
    }
}

void limits_read(struct limits *limits, const char *root)
{
    char path[PATH_MAX];
    limit_text(limits->locked_memory, RLIMIT_MEMLOCK);
    limit_text(limits->address_space, RLIMIT_AS);
    limit_text(limits->processes, RLIMIT_NPROC);
    limits->group_memory[0] = '\0';
    find_cpuset(limits, root);
    snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    FILE *groups = fopen(path, "re");
    if (groups == NULL) {
        return;
    }
    unsigned long long least = group_limit(groups, root);
    fclose(groups);
    if (least >= practically_unlimited) {
        snprintf(limits->group_memory, LIMIT_TEXT, "unlimited");
    } else if (least > 0) {
        snprintf(limits->group_memory, LIMIT_TEXT, "%llu", least);
    }
}
