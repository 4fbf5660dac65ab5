/* Breaks EXEC-1 [needs two usable CPUs]: one worker of a strict executor is pinned to one CPU and not to its node's. */
#include "mutant.h"

#include <dirent.h>
#include <sched.h>
#include <stdlib.h>

/* The thread that was started last: its id is the highest, but where ids have begun anew. */
static pid_t newest_thread(void)
{
    pid_t newest = 0;
    struct dirent *entry;
    DIR *tasks = opendir("/proc/self/task");

    while (tasks != NULL && (entry = readdir(tasks)) != NULL)
        if (atoi(entry->d_name) > newest)
            newest = (pid_t)atoi(entry->d_name);
    if (tasks != NULL)
        closedir(tasks);
    return newest;
}

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);

    if (status == NP_OK) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET((unsigned)sched_getcpu(), &one);
        sched_setaffinity(newest_thread(), sizeof one, &one);
    }
    return status;
}
