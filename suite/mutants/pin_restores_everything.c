/* Breaks PIN-1: a released pin lets the thread run everywhere, and not where it could before. */
#include "mutant.h"

#include <sched.h>

np_status np_pin_release(np_pin *pin, np_error *error)
{
    cpu_set_t all;

    np_status status = REAL(np_pin_release)(pin, error);
    memset(&all, 0xff, sizeof all);
    if (status == NP_OK && pin != NULL)
        sched_setaffinity(0, sizeof all, &all);
    return status;
}
