/* Breaks SHARD-3: an addition in ten thousand is lost, as it is where two threads add without atomics. */
#include "mutant.h"

#include <stdatomic.h>

void np_counter_add(np_counter *counter, int64_t amount)
{
    static atomic_uint additions;

    if (atomic_fetch_add(&additions, 1) % 10000 != 9999)
        REAL(np_counter_add)(counter, amount);
}
