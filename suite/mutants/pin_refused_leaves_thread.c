/* Breaks LAW-2: a refused strict pin leaves a helper thread behind. */
#include "mutant.h"

#include <pthread.h>
#include <unistd.h>

static void *wait_for_ever(void *closure)
{
    pause();
    return closure;
}

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    pthread_t helper;

    np_status status = REAL(np_pin_to_cpus)(cpus, mode, pin, error);
    if (status == NP_HARD_MODE_UNAVAILABLE)
        (void)pthread_create(&helper, NULL, wait_for_ever, NULL);
    return status;
}
