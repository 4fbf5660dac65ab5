/* Breaks EXEC-1 [needs two usable CPUs]: one worker of a strict executor is pinned to one CPU and not to its node's. */
#include "mutant.h"

#include <dirent.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

enum { THREAD_MAX = 1024 };

struct threads {
    size_t count;
    pid_t ids[THREAD_MAX];
};

static struct threads threads_now(void)
{
    struct threads threads = {.count = 0};
    struct dirent *entry;
    DIR *tasks = opendir("/proc/self/task");

    while (tasks != NULL && (entry = readdir(tasks)) != NULL && threads.count < THREAD_MAX)
        if (entry->d_name[0] != '.')
            threads.ids[threads.count++] = (pid_t)atoi(entry->d_name);
    if (tasks != NULL)
        closedir(tasks);
    return threads;
}

/* The thread that was started last, of those that are new: the kernel lists them in the order in which they were (6.1, 6.18). */
static pid_t newest_thread(const struct threads *before)
{
    struct threads now = threads_now();
    pid_t newest = 0;

    for (size_t i = 0; i < now.count; i++) {
        bool known = false;
        for (size_t j = 0; j < before->count && !known; j++)
            known = now.ids[i] == before->ids[j];
        if (!known)
            newest = now.ids[i];
    }
    return newest;
}

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    struct threads before = threads_now();
    np_status status = REAL(np_executor_create)(topology, options, executor, error);

    if (status == NP_OK) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET((unsigned)sched_getcpu(), &one);
        sched_setaffinity(newest_thread(&before), sizeof one, &one);
    }
    return status;
}
