/* Breaks MEM-13: making a region sets the calling thread's own policy back to the default. */
#include "mutant.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    np_status status = REAL(np_region_create)(bytes, options, region, error);

    syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0UL);
    return status;
}
