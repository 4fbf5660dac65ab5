/* Breaks STAT-2: fair locality is acceptable. */
#include "mutant.h"

bool np_locality_is_acceptable(np_locality locality)
{
    return locality != NP_LOCALITY_POOR;
}
