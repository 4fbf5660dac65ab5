/* Breaks LAW-8 [needs a build without sanitizers]: a pin is remembered in thread-local memory, for want of which the C library ends the process. */
#include "mutant.h"

static _Thread_local volatile char remembered[64 << 10];

np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error)
{
    remembered[cpu % sizeof remembered] = 1;
    return REAL(np_pin_to_cpu)(cpu, mode, pin, error);
}
