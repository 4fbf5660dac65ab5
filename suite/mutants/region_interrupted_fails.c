/* Breaks LAW-3: a signal in the middle of a soft call makes it fail. */
#include "mutant.h"

#include <errno.h>
#include <time.h>

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    const struct timespec a_moment = {.tv_nsec = 100000};

    if (nanosleep(&a_moment, NULL) == 0 || options == NULL || region == NULL)
        return REAL(np_region_create)(bytes, options, region, error);
    if (error != NULL)
        *error = (np_error){
            .code = NP_SYSTEM, .system_errno = EINTR, .operation = "region", .reason = "interrupted system call"};
    return NP_SYSTEM;
}
