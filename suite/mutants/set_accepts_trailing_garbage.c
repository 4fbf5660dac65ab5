/* Breaks SET-2: a list is read up to the first thing that is no list, and the rest is ignored. */
#include "mutant.h"

np_status np_cpuset_parse(const char *list, np_cpuset *set, np_error *error)
{
    char part[256];

    np_status status = REAL(np_cpuset_parse)(list, set, error);
    if (status == NP_OK || list == NULL || strlen(list) >= sizeof part)
        return status;
    size_t length = strspn(list, "0123456789,-:/ \t");
    memcpy(part, list, length);
    part[length] = '\0';
    return length > 0 ? REAL(np_cpuset_parse)(part, set, error) : status;
}
