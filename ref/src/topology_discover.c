/*
 * The picture of this machine.
 *
 * Files of /sys are read one after the other while the machine may change: a CPU or a node that comes or goes in
 * between makes two files contradict each other. So a contradiction is believed only when it is seen three times, with
 * pauses: three readings at once can all fall into one change, as of a node whose memory comes.
 *
 * What this process may use is asked of the kernel itself and not of cgroup files, which a container may not show: a
 * short-lived thread asks for every CPU there is and reads back which it got. That is the very mechanism that a pin
 * meets later. Its answer does not depend on how the calling thread is pinned just now.
 */
#include "error_internal.h"
#include "linux.h"
#include "linux_thread.h"
#include "topology_internal.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define OPERATION "topology"
#define ATTEMPTS  3
#define PAUSE     10000000u /* Nanoseconds. */

static np_status read_machine(np_topology **topology, np_error *error)
{
    static const char root[] = "/sys";
    const int sysfs = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (sysfs < 0)
        return fail(error, NP_SYSTEM, errno, OPERATION, "%s: %s; mount sysfs there", root, strerrordesc_np(errno));
    uint64_t memory = 0;
    linux_total_memory(&memory);
    np_status status = topology_read_sysfs(sysfs, root, memory, topology, error);
    for (int attempt = 1; status == NP_SYSTEM && attempt < ATTEMPTS; attempt++) {
        linux_nap(PAUSE);
        status = topology_read_sysfs(sysfs, root, memory, topology, error);
    }
    close(sysfs);
    return status;
}

/* What cannot be found out counts as usable. */
static void limit_to_process(np_topology *topology)
{
    np_cpuset cpus = topology->cpus;
    np_nodeset nodes = topology->nodes;
    linux_usable_cpus(&cpus);
    linux_usable_nodes(&nodes);
    topology_limit_usable(topology, &cpus, &nodes);
}

np_status np_topology_discover(np_topology **topology, np_error *error)
{
    if (topology == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "there is nowhere to put the topology: it is NULL");
    np_error problem;
    np_topology *made = NULL;
    np_status status = read_machine(&made, &problem);
    if (status == NP_OK)
        status = topology_add_machine_detail(made, &problem);
    if (status != NP_OK) {
        np_topology_destroy(made);
        if (error != NULL)
            *error = problem;
        return status;
    }
    limit_to_process(made);
    made->this_machine = true;
    *topology = made;
    return NP_OK;
}
