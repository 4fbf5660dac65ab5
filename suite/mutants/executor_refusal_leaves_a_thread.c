/* Breaks EXEC-2: a refused strict build leaves a thread behind. */
#include "mutant.h"

#include <pthread.h>
#include <unistd.h>

static void *stay(void *closure)
{
    for (;;)
        pause();
    return closure;
}

np_status np_executor_create(
    const np_topology *topology, const np_executor_options *options, np_executor **executor, np_error *error)
{
    np_status status = REAL(np_executor_create)(topology, options, executor, error);
    pthread_t thread;

    if (status == NP_HARD_MODE_UNAVAILABLE)
        pthread_create(&thread, NULL, stay, NULL);
    return status;
}
