/* Breaks LAW-3: a soft pin too is refused without CAP_SYS_NICE. */
#include "mutant.h"

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_capabilities capabilities;

    REAL(np_capabilities_detect)(&capabilities);
    return REAL(np_pin_to_cpus)(cpus, capabilities.strict_cpu_affinity ? mode : NP_STRICT, pin, error);
}
