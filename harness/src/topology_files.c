/* hwloc's export, and lstopo's picture of it: see topology_files.h. */
#include "topology_files.h"

#include "child.h"
#include "file.h"

#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern char **environ;

void topology_ignore_environment(void)
{
    char **variable = environ;
    while (variable != NULL && *variable != NULL) {
        char name[64];
        size_t length = strcspn(*variable, "=");
        if (strncmp(*variable, "HWLOC_", 6) == 0 && length < sizeof(name)) {
            snprintf(name, sizeof(name), "%.*s", (int)length, *variable);
            fprintf(stderr, "numaproof: %s is ignored: results are about this machine\n", name);
            unsetenv(name);
        } else {
            variable++;
        }
    }
}

static bool write_xml(const struct folder *folder, struct problem *problem)
{
    hwloc_topology_t topology = NULL;
    char *text = NULL;
    int length = 0;
    bool written = false;
    if (hwloc_topology_init(&topology) != 0) {
        return problem_set(problem, STATUS_CANNOT_RUN, "hwloc cannot start: %s", strerror(errno));
    }
    if (hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_IMPORTANT) != 0 ||
        hwloc_topology_load(topology) != 0 || hwloc_topology_export_xmlbuffer(topology, &text, &length, 0) != 0) {
        problem_set(problem, STATUS_CANNOT_RUN, "hwloc cannot describe this machine: %s", strerror(errno));
    } else {
        written = file_write(folder->path, "topology.xml", text, (size_t)length - 1, problem);
        hwloc_free_xmlbuffer(topology, text);
    }
    hwloc_topology_destroy(topology);
    return written;
}

/* Copy all of @source, a file in memory, to topology.svg. */
static bool keep_picture(const struct folder *folder, int source, struct problem *problem)
{
    off_t size = lseek(source, 0, SEEK_END);
    void *picture = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, source, 0) : MAP_FAILED;
    if (picture == MAP_FAILED) {
        return problem_set(problem, STATUS_CANNOT_RUN, "lstopo made no picture");
    }
    bool written = file_write(folder->path, "topology.svg", picture, (size_t)size, problem);
    munmap(picture, (size_t)size);
    return written;
}

static bool draw(const struct folder *folder, const char *program, struct problem *problem)
{
    char xml[PATH_MAX];
    int exit_status = 0;
    if (!file_join(xml, sizeof(xml), folder->path, "topology.xml", problem)) {
        return false;
    }
    const char *const arguments[] = {program, "--input", xml, "--output-format", "svg", "-", NULL};
    int output = memfd_create("topology.svg", MFD_CLOEXEC);
    struct child child = {.arguments = arguments, .rights = CHILD_FILE_RIGHTS, .output = output, .error = -1};
    bool drawn = output >= 0 && child_run(&child, &exit_status, problem);
    if (drawn && exit_status != 0) {
        drawn = problem_set(problem, STATUS_CANNOT_RUN, "%s ended with status %d", program, exit_status);
    }
    drawn = drawn && keep_picture(folder, output, problem);
    if (output >= 0) {
        close(output);
    }
    return drawn;
}

bool topology_files_write(struct folder *folder, struct problem *problem)
{
    struct problem trouble;
    if (!write_xml(folder, problem)) {
        return false;
    }
    if (!draw(folder, "lstopo-no-graphics", &trouble) && !draw(folder, "lstopo", &trouble)) {
        folder_log(folder, "no picture of the machine: %s", trouble.text);
    }
    return true;
}
