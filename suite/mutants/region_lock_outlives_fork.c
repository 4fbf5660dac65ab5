/* Breaks LAW-8 [needs a build without sanitizers]: a lock that another thread holds while the process forks stays locked in the child for ever. */
#include "mutant.h"

#include <pthread.h>
#include <time.h>

/* Held for so long that a fork beside it falls into it nearly always. */
static const struct timespec a_moment = {.tv_nsec = 1000000};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

np_status np_region_create(size_t bytes, const np_region_options *options, np_region **region, np_error *error)
{
    pthread_mutex_lock(&lock);
    nanosleep(&a_moment, NULL);
    np_status status = REAL(np_region_create)(bytes, options, region, error);
    pthread_mutex_unlock(&lock);
    return status;
}
