/* Breaks PIN-5: a soft pin of which nothing can be had pins the thread to some CPU that there is. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset got = {{0}};
    cpu_set_t here;

    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);
    if (status == NP_OK && REAL(np_pin_cpus)(*pin, &got, NULL) == NP_OK && REAL(np_cpuset_count)(&got) == 0) {
        CPU_ZERO(&here);
        CPU_SET(0, &here);
        sched_setaffinity(0, sizeof here, &here);
    }
    return status;
}
