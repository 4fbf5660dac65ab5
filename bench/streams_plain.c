/* The bandwidth kernels in plain C, for any processor: see streams_kernels.h. */
#define VECTOR double
#define LANES  1
#define TARGET
#define SPREAD(x)   ((double)(x))
#define CODE        stream_plain
#define CODE_NAME   "plain C"
#define CODE_USABLE is_usable

static _Bool is_usable(void)
{
    return 1;
}

#include "streams_kernels.h"
