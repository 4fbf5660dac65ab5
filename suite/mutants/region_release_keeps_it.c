/* Breaks MEM-1: a released region stays in the address space. */
#include "mutant.h"

void np_region_release(np_region *region)
{
    (void)region;
}
