/* Breaks PIN-2: a strict pin takes the first CPU of the set and leaves the others. */
#include "mutant.h"

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset one = {{0}};

    if (mode == NP_STRICT && REAL(np_cpuset_add)(&one, (unsigned)REAL(np_cpuset_first)(cpus), NULL) == NP_OK)
        cpus = &one;
    return REAL(np_pin_to_cpus)(cpus, mode, pin, error);
}
