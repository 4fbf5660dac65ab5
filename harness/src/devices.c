/* /sys/class/net and /sys/block: see devices.h. */
#include "devices.h"

#include "file.h"
#include "problem.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *kind;
    const char *folder;
} kinds[] = {
    {"network", "/sys/class/net"},
    {"block", "/sys/block"},
};

/* A device of hardware has a link "device" to it; loop devices, bridges and the like have none. */
static size_t read_kind(struct device **devices, size_t count, size_t kind, const char *root)
{
    char pattern[PATH_MAX];
    glob_t found = {0};
    snprintf(pattern, sizeof(pattern), "%s%s/*/device", root, kinds[kind].folder);
    if (glob(pattern, 0, NULL, &found) != 0) {
        return count;
    }
    *devices = reallocarray(*devices, count + found.gl_pathc, sizeof(**devices));
    if (*devices == NULL) {
        out_of_memory();
    }
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct device *device = *devices + count + i;
        char node[16];
        *device = (struct device){.kind = kinds[kind].kind, .node = -1};
        *strrchr(found.gl_pathv[i], '/') = '\0';
        snprintf(device->name, sizeof(device->name), "%s", strrchr(found.gl_pathv[i], '/') + 1);
        if (file_read_line(node, sizeof(node), found.gl_pathv[i], "/device/numa_node") && node[0] != '\0') {
            device->node = (int)strtol(node, NULL, 10);
        }
    }
    count += found.gl_pathc;
    globfree(&found);
    return count;
}

size_t devices_read(struct device **devices, const char *root)
{
    size_t count = 0;
    *devices = NULL;
    for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
        count = read_kind(devices, count, kind, root);
    }
    return count;
}
