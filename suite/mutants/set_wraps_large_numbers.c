/* Breaks SET-2: a number of more than 32 bits is taken modulo 2 to the 32nd. */
#include "mutant.h"

#include <stdio.h>
#include <stdlib.h>

np_status np_cpuset_parse(const char *list, np_cpuset *set, np_error *error)
{
    char *end, small[16];

    if (list == NULL)
        return REAL(np_cpuset_parse)(list, set, error);
    unsigned long value = strtoul(list, &end, 10);
    if (end == list || *end != '\0' || value <= UINT32_MAX)
        return REAL(np_cpuset_parse)(list, set, error);
    snprintf(small, sizeof small, "%u", (unsigned)value);
    return REAL(np_cpuset_parse)(small, set, error);
}
