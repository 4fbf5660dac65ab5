/* Breaks SET-3: a range that crosses a multiple of 64 is written as two. */
#include "mutant.h"

#include <stdio.h>

size_t np_cpuset_format(const np_cpuset *set, char *buffer, size_t size)
{
    char text[8192];
    size_t length = REAL(np_cpuset_format)(set, text, sizeof text);
    char *found = length < sizeof text - 8 ? strstr(text, "63-66") : NULL;

    if (found != NULL) {
        memmove(found + 8, found + 5, strlen(found + 5) + 1);
        memcpy(found, "63,64-66", 8);
        length += 3;
    }
    snprintf(buffer, size, "%s", text);
    return length;
}
