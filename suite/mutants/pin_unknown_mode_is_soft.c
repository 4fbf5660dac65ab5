/* Breaks LAW-6: a mode that is none is taken as soft. */
#include "mutant.h"

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    return REAL(np_pin_to_cpus)(cpus, mode == NP_STRICT ? mode : NP_SOFT, pin, error);
}
