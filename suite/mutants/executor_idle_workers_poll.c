/* Breaks EXEC-10: an idle executor wakes every millisecond to see whether there is work. */
#include "mutant.h"

#include <pthread.h>
#include <time.h>

static void *poll_for_ever(void *closure)
{
    const struct timespec while_asleep = {0, 1000000};

    for (;;)
        nanosleep(&while_asleep, NULL);
    return closure;
}

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);
    pthread_t thread;

    if (status == NP_OK)
        pthread_create(&thread, NULL, poll_for_ever, NULL);
    return status;
}
