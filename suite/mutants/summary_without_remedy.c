/* Breaks CAP-7: the summary says what is missing, but not how to get it. */
#include "mutant.h"

#include <stdio.h>

size_t np_capabilities_summary(const np_capabilities *capabilities, char *buffer, size_t size)
{
    char text[8192];
    np_missing missing[NP_MISSING_MAX];
    size_t count = REAL(np_capabilities_missing)(capabilities, missing);

    REAL(np_capabilities_summary)(capabilities, text, sizeof text);
    for (size_t i = 0; i < count; i++) {
        char *remedy = strstr(text, missing[i].remedy);
        if (remedy != NULL)
            memmove(remedy, remedy + strlen(missing[i].remedy), strlen(remedy + strlen(missing[i].remedy)) + 1);
    }
    snprintf(buffer, size, "%s", text);
    return strlen(text);
}
