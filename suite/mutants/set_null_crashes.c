/* Breaks LAW-8: an id past the maximum is looked up where there is no memory. */
#include "mutant.h"

bool np_cpuset_contains(const np_cpuset *set, unsigned id)
{
    volatile const uint64_t *words = set->words;

    return (words[id / 64] >> (id % 64) & 1) != 0;
}
