/* Breaks LAW-6: a soft pin to the empty set is one to everything. */
#include "mutant.h"

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset all;

    memset(&all, 0xff, sizeof all);
    if (cpus != NULL && mode == NP_SOFT && REAL(np_cpuset_count)(cpus) == 0)
        cpus = &all;
    return REAL(np_pin_to_cpus)(cpus, mode, pin, error);
}
