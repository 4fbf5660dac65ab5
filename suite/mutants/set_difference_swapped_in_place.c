/* Breaks SET-4: a difference written into its second operand reads what it has just written. */
#include "mutant.h"

np_status np_cpuset_difference(const np_cpuset *a, const np_cpuset *b, np_cpuset *result, np_error *error)
{
    np_status status = REAL(np_cpuset_difference)(a, b, result, error);

    if (status == NP_OK && result == b)
        status = REAL(np_cpuset_intersection)(a, result, result, error);
    return status == NP_OK && result == b ? REAL(np_cpuset_union)(result, a, result, error) : status;
}
