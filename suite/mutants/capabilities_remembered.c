/* Breaks CAP-1: what was found by the first call is told for ever. */
#include "mutant.h"

#include <stdbool.h>

void np_capabilities_detect(np_capabilities *capabilities)
{
    static np_capabilities first;
    static bool known;

    if (!known)
        REAL(np_capabilities_detect)(&first);
    known = true;
    if (capabilities != NULL)
        *capabilities = first;
}
