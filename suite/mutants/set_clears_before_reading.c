/* Breaks SET-2: a bad list is refused, but the set has been emptied by then. */
#include "mutant.h"

np_status np_nodeset_parse(const char *list, np_nodeset *set, np_error *error)
{
    np_status status = REAL(np_nodeset_parse)(list, set, error);

    if (status != NP_OK && set != NULL)
        memset(set, 0, sizeof *set);
    return status;
}
