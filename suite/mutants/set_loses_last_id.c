/* Breaks SET-5: the walk over a set ends one id early, as a loop to the maximum less one does. */
#include "mutant.h"

int np_nodeset_next(const np_nodeset *set, int after)
{
    int next = REAL(np_nodeset_next)(set, after);

    return next == NP_NODE_MAX - 1 ? -1 : next;
}
