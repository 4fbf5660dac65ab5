/* Breaks ABI-2: the library claims another major version. */
#include "mutant.h"

unsigned np_version(void)
{
    return REAL(np_version)() + (1 << 16);
}
