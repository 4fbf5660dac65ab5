/* Breaks STAT-2: a ratio at a bound is judged by what is below it. */
#include "mutant.h"

#include <math.h>

np_locality np_locality_of_ratio(double ratio)
{
    return REAL(np_locality_of_ratio)(nextafter(ratio, 0));
}
