/*
 * hwloc's picture of the running machine, where it may be believed.
 *
 * Environment variables can make hwloc describe another machine than this one, and none of its functions turns that
 * off; some administrators set them for all programs. Such a picture must never become a verdict on this machine. So
 * while one of them is set hwloc is not asked, and whoever wants to know cores, caches or sockets is told which variable
 * is in the way. As a second line, a picture whose CPUs are not those of sysfs is not believed whatever its cause.
 *
 * By default hwloc also binds the calling thread to each CPU in turn to ask the processor (seen in 2.9: nine affinity calls
 * on two CPUs); discovery must change nothing, so that is turned off, and with it most of hwloc's time.
 */
#include "error_internal.h"
#include "topology_hwloc.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology"

/* What makes hwloc look at something else than the machine, or believe that something else is the machine. */
static const char *const redirections[] = {"HWLOC_XMLFILE", "HWLOC_SYNTHETIC", "HWLOC_FSROOT", "HWLOC_CPUID_PATH",
    "HWLOC_COMPONENTS", "HWLOC_THISSYSTEM", "HWLOC_DUMPED_HWDATA_DIR", "HWLOC_PLUGINS_PATH"};

static const char *redirection_in_force(void)
{
    for (size_t i = 0; i < sizeof redirections / sizeof redirections[0]; i++)
        if (getenv(redirections[i]) != NULL)
            return redirections[i];
    return NULL;
}

static bool load(hwloc_topology_t hwloc)
{
    static const unsigned long flags = HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
                                       HWLOC_TOPOLOGY_FLAG_DONT_CHANGE_BINDING | HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
                                       HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS;
    return hwloc_topology_set_flags(hwloc, flags) == 0 && hwloc_topology_load(hwloc) == 0;
}

static bool same_cpus(const np_topology *topology, hwloc_topology_t hwloc)
{
    np_cpuset seen;
    return cpuset_from_hwloc(hwloc_topology_get_topology_cpuset(hwloc), &seen) &&
           np_cpuset_equal(&seen, &topology->cpus);
}

np_status topology_add_machine_detail(np_topology *topology, np_error *error)
{
    const char *redirection = redirection_in_force();
    if (redirection != NULL) {
        snprintf(topology->detail_missing, sizeof topology->detail_missing,
            "%s in the environment makes hwloc describe something else than this machine; unset it", redirection);
        return NP_OK;
    }
    hwloc_topology_t hwloc = NULL;
    if (hwloc_topology_init(&hwloc) != 0)
        return fail(error, NP_ALLOCATION, ENOMEM, OPERATION, "no memory for hwloc's discovery");
    np_status status = NP_OK;
    if (!load(hwloc))
        snprintf(topology->detail_missing, sizeof topology->detail_missing,
            "hwloc cannot describe this machine's cores, caches and sockets: %s", strerrordesc_np(errno));
    else if (!same_cpus(topology, hwloc))
        snprintf(topology->detail_missing, sizeof topology->detail_missing,
            "hwloc and sysfs do not agree which CPUs are online: cores, caches and sockets are not believed");
    else
        status = topology_add_detail(topology, hwloc, error);
    hwloc_topology_destroy(hwloc);
    return status;
}
