/* Breaks LAW-8 [needs a build without sanitizers]: each pin leaves a few bytes behind, until there is no memory left. */
#include "mutant.h"

#include <stdlib.h>

static void *volatile last;

np_status np_pin_release(np_pin *pin, np_error *error)
{
    last = malloc(24);
    return REAL(np_pin_release)(pin, error);
}
