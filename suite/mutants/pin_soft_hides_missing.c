/* Breaks PIN-5: a soft pin that got a part says so, but not which CPUs are missing. */
#include "mutant.h"

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    np_status status = REAL(np_pin_enforcement)(pin, enforcement, error);

    if (status == NP_OK && enforcement->level == NP_LEVEL_BEST_EFFORT)
        strcpy(enforcement->reason, "some CPUs are not available");
    return status;
}
