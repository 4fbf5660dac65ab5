/* The bandwidth kernels in SSE2, which every x86-64 processor has: see streams_kernels.h. */
#ifdef __x86_64__

#include <emmintrin.h>

#define VECTOR       __m128d
#define LANES        2
#define TARGET       __attribute__((target("sse2")))
#define SPREAD(x)    _mm_set1_pd(x)
#define PAST         _mm_stream_pd
#define PAST_FENCE() _mm_sfence()
#define CODE         stream_sse2
#define CODE_AHEAD   stream_sse2_ahead
#define CODE_NAME    "SSE2"
#define CODE_USABLE  is_usable

static _Bool is_usable(void)
{
    return 1;
}

#include "streams_kernels.h"

#else
typedef int no_x86_64;
#endif
