/* Breaks SHARD-3: what is added between the sum and the reset is lost. */
#include "mutant.h"

#include <sched.h>

/* It waits for something to be added, so that the lie is told wherever anybody adds. */
int64_t np_counter_reset(np_counter *counter)
{
    int64_t sum = np_counter_sum(counter);

    for (int looks = 0; looks < 1000 && np_counter_sum(counter) == sum; looks++)
        sched_yield();
    REAL(np_counter_reset)(counter);
    return sum;
}
