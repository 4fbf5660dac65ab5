/* Breaks LAW-1: a strict pin to a single CPU that is refused is made soft, without a word. */
#include "mutant.h"

np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = REAL(np_pin_to_cpu)(cpu, mode, pin, NULL);

    if (status == NP_HARD_MODE_UNAVAILABLE)
        return REAL(np_pin_to_cpu)(cpu, NP_SOFT, pin, error);
    return status == NP_OK ? NP_OK : REAL(np_pin_to_cpu)(cpu, mode, pin, error);
}
