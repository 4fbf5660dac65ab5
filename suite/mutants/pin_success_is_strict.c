/* Breaks LAW-4: every pin that was made at all is reported as strict. */
#include "mutant.h"

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    np_status status = REAL(np_pin_enforcement)(pin, enforcement, error);

    if (status == NP_OK && enforcement->level == NP_LEVEL_BEST_EFFORT)
        *enforcement = (np_enforcement){.level = NP_LEVEL_STRICT};
    return status;
}
