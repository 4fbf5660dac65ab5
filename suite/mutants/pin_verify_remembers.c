/* Breaks LAW-9: verifying tells what was true when the pin was made. */
#include "mutant.h"

np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error)
{
    np_enforcement made;

    np_status status = REAL(np_pin_verify)(pin, holds, present, error);
    if (status != NP_OK || REAL(np_pin_enforcement)(pin, &made, NULL) != NP_OK)
        return status;
    *holds = made.level == NP_LEVEL_STRICT;
    if (present != NULL)
        *present = made;
    return status;
}
