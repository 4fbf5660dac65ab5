/* Breaks LAW-4: best-effort is called strict. */
#include "mutant.h"

const char *np_level_name(np_level level)
{
    return REAL(np_level_name)(level == NP_LEVEL_BEST_EFFORT ? NP_LEVEL_STRICT : level);
}
