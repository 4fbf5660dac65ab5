/* The bandwidth kernels in AVX2: see streams_kernels.h. */
#ifdef __x86_64__

#include <immintrin.h>

#define VECTOR       __m256d
#define LANES        4
#define TARGET       __attribute__((target("avx2,fma")))
#define SPREAD(x)    _mm256_set1_pd(x)
#define PAST         _mm256_stream_pd
#define PAST_FENCE() _mm_sfence()
#define CODE         stream_avx2
#define CODE_AHEAD   stream_avx2_ahead
#define CODE_NAME    "AVX2"
#define CODE_USABLE  is_usable

/* Asks the processor, and whether the kernel saves these registers. */
static _Bool is_usable(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#include "streams_kernels.h"

#else
typedef int no_x86_64;
#endif
