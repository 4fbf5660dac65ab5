/* Breaks MEM-12 [needs two usable CPUs]: parallel touch leaves the caller on one CPU. */
#include "mutant.h"

#include <sys/syscall.h>
#include <unistd.h>

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);
    np_cpuset one = {{0}};

    if (status == NP_OK && options != NULL && options->prefault == NP_PREFAULT_PARALLEL_TOUCH) {
        syscall(SYS_sched_getaffinity, 0, sizeof one, &one);
        int first = np_cpuset_first(&one);
        np_cpuset_clear(&one);
        np_cpuset_add(&one, (unsigned)first, NULL);
        syscall(SYS_sched_setaffinity, 0, sizeof one, &one);
    }
    return status;
}
