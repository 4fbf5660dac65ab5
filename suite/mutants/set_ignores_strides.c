/* Breaks SET-1: of a range with a stride every id is taken. */
#include "mutant.h"

np_status np_cpuset_parse(const char *list, np_cpuset *set, np_error *error)
{
    char plain[256];
    size_t used = 0;

    np_status status = REAL(np_cpuset_parse)(list, set, error);
    if (status != NP_OK || strlen(list) >= sizeof plain)
        return status;
    for (const char *at = list; *at != '\0'; at++) {
        if (*at == ':')
            at += strcspn(at, ",\n");
        plain[used++] = *at;
        if (*at == '\0')
            break;
    }
    plain[used] = '\0';
    return REAL(np_cpuset_parse)(plain, set, error);
}
