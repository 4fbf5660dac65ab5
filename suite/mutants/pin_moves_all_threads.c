/* Breaks PIN-8: a pin is applied to every thread of the process. */
#include "mutant.h"

#include <dirent.h>
#include <sched.h>
#include <stdlib.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    struct dirent *entry;

    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);
    DIR *threads = status == NP_OK ? opendir("/proc/self/task") : NULL;
    while (threads != NULL && (entry = readdir(threads)) != NULL)
        if (atoi(entry->d_name) > 0)
            sched_setaffinity(atoi(entry->d_name), sizeof cpus->words, (const cpu_set_t *)cpus->words);
    if (threads != NULL)
        closedir(threads);
    return status;
}
