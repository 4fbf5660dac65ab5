/* From the executable to its data: see paths.h. */
#include "paths.h"

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool put(char path[PATH_MAX], const char *folder, const char *name, struct problem *problem)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return (length > 0 && length < PATH_MAX) ||
           problem_set(problem, STATUS_CANNOT_RUN, "the path %s/%s is too long", folder, name);
}

bool paths_find(struct paths *paths, struct problem *problem)
{
    ssize_t length = readlink("/proc/self/exe", paths->command, PATH_MAX - 1);
    if (length < 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "cannot read /proc/self/exe: %s", strerror(errno));
    }
    paths->command[length] = '\0';
    char folder[PATH_MAX];
    snprintf(folder, sizeof(folder), "%s", paths->command);
    *strrchr(folder, '/') = '\0';
    if (strcmp(folder, NP_BUILD_BIN) == 0) {
        return put(paths->library, NP_BUILD_LIB, "libnumaproof.so", problem) &&
               put(paths->qemu, NP_SOURCE, "qemu", problem) && put(paths->reports, NP_SOURCE, "reports", problem);
    }
    char *prefix_end = strrchr(folder, '/');
    *(prefix_end != NULL ? prefix_end : folder) = '\0';
    return put(paths->library, folder, NP_INSTALL_LIB "/libnumaproof.so." NP_SOVERSION, problem) &&
           put(paths->qemu, folder, "share/numaproof/qemu", problem) &&
           put(paths->reports, folder, "share/numaproof/reports", problem);
}
