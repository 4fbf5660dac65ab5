/* Breaks LAW-7: the convenience call without a mode is strict. */
#include "mutant.h"

np_status np_pin_current(const np_cpuset *cpus, np_pin **pin, np_error *error)
{
    return REAL(np_pin_to_cpus)(cpus, NP_STRICT, pin, error);
}
