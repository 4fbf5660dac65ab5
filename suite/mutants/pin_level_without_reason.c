/* Breaks LAW-4: a level below strict comes without its cause. */
#include "mutant.h"

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    np_status status = REAL(np_pin_enforcement)(pin, enforcement, error);

    if (status == NP_OK)
        enforcement->reason[0] = '\0';
    return status;
}
