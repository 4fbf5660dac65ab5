/* Breaks LAW-2 [needs a build without sanitizers]: each refused strict pin leaves a page mapped. */
#include "mutant.h"

#include <sys/mman.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);

    if (status == NP_HARD_MODE_UNAVAILABLE)
        (void)!mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return status;
}
