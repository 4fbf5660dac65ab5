/* Breaks CAP-5: what is missing is listed in the opposite order. */
#include "mutant.h"

size_t np_capabilities_missing(const np_capabilities *capabilities, np_missing missing[NP_MISSING_MAX])
{
    size_t count = REAL(np_capabilities_missing)(capabilities, missing);

    for (size_t i = 0; missing != NULL && i < count / 2; i++) {
        np_missing other = missing[i];
        missing[i] = missing[count - 1 - i];
        missing[count - 1 - i] = other;
    }
    return count;
}
