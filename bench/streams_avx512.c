/* The bandwidth kernels in AVX-512: see streams_kernels.h. */
#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR       __m512d
#define LANES        8
#define TARGET       __attribute__((target("avx512f")))
#define SPREAD(x)    _mm512_set1_pd(x)
#define PAST         _mm512_stream_pd
#define PAST_FENCE() _mm_sfence()
#define CODE         stream_avx512
#define CODE_AHEAD   stream_avx512_ahead
#define CODE_NAME    "AVX-512"
#define CODE_USABLE  is_usable

/* Asks the processor, and whether the kernel saves these registers. */
static _Bool is_usable(void)
{
    return __builtin_cpu_supports("avx512f");
}

#include "streams_kernels.h"

#else
typedef int no_x86_64;
#endif
