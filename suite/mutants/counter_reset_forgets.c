/* Breaks SHARD-3: what is added between the sum and the reset is lost. */
#include "mutant.h"

#include <sched.h>

int64_t np_counter_reset(np_counter *counter)
{
    int64_t sum = np_counter_sum(counter);

    sched_yield();
    REAL(np_counter_reset)(counter);
    return sum;
}
