/*
 * Finding out what there is: capabilities beside the bare reads that they come from, discovery beside hwloc's own load.
 *
 * hwloc is loaded as it comes, with its defaults and no file of its own: what a program pays that uses hwloc for
 * itself. Both sides free what they have made.
 */
#include "api_rows.h"
#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <hwloc.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DETECTIONS 40 /* Of a sample: about half a millisecond. */

static bool read_bare(const char *path)
{
    char text[64];
    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0)
        return false;
    ssize_t count = read(file, text, sizeof text);
    close(file);
    return count > 0;
}

/* Where there is no such setting, or one node, the attempt is the read. */
static void detect_bare(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    syscall(SYS_capget, &header, data);
    read_bare("/proc/sys/kernel/numa_balancing");
    read_bare("/sys/devices/system/node/online");
}

static bool sample_capabilities(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    const struct functions *api = state;
    np_capabilities capabilities;

    (void)why;
    double start = api_now();
    for (int i = 0; i < DETECTIONS; i++)
        if (baseline)
            detect_bare();
        else
            api->capabilities_detect(&capabilities);
    *nanoseconds = (api_now() - start) / DETECTIONS;
    return true;
}

static bool load_hwloc(void)
{
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology) != 0)
        return false;
    bool loaded = hwloc_topology_load(topology) == 0;
    hwloc_topology_destroy(topology);
    return loaded;
}

static bool sample_discovery(void *state, bool baseline, double *nanoseconds, np_error *why)
{
    const struct functions *api = state;
    np_topology *topology = NULL;
    double start = api_now();

    if (baseline && !load_hwloc()) {
        failure(why, NP_SYSTEM, "hwloc does not load: %s", strerrordesc_np(errno));
        return false;
    }
    if (!baseline && api->topology_discover(&topology, why) != NP_OK)
        return false;
    api->topology_destroy(topology);
    *nanoseconds = api_now() - start;
    return true;
}

/* The table of functions is all the state there is; it is the machine's, and read only. */
static void *begin(const struct api_machine *machine, const struct api_row *row, np_error *why)
{
    double once;

    return row->sample((void *)(uintptr_t)&machine->api, false, &once, why) ? (void *)(uintptr_t)&machine->api : NULL;
}

static void end(void *state)
{
    (void)state;
}

static const struct api_row rows[] = {
    {.name = "capabilities",
        .baseline = "capget, and reads of numa_balancing and node/online",
        .bound = {RATIO_AT_MOST, 3},
        .begin = begin,
        .sample = sample_capabilities,
        .end = end},
    {.name = "topology discovery",
        .baseline = "hwloc_topology_load",
        .bound = {RATIO_AT_MOST, 1.2},
        .begin = begin,
        .sample = sample_discovery,
        .end = end},
};

const struct api_rows api_lookup_rows = {rows, sizeof rows / sizeof rows[0]};
