/* Breaks PIN-6: a pin that is not the innermost is said to be released. */
#include "mutant.h"

np_status np_pin_release(np_pin *pin, np_error *error)
{
    np_status status = REAL(np_pin_release)(pin, NULL);

    if (status == NP_INVALID_ARGUMENT)
        return NP_OK;
    return status == NP_OK ? NP_OK : REAL(np_pin_release)(pin, error);
}
