/* The bandwidth kernels in NEON, which every AArch64 processor has: see streams_kernels.h. */
#ifdef __aarch64__

#include <arm_neon.h>

#define VECTOR float64x2_t
#define LANES  2
#define TARGET
#define SPREAD(x)    vdupq_n_f64(x)
#define PAST         store_past
#define PAST_FENCE() __asm__ volatile("dmb ishst" ::: "memory")
#define CODE         stream_neon
#define CODE_AHEAD   stream_neon_ahead
#define CODE_NAME    "NEON"
#define CODE_USABLE  is_usable

static _Bool is_usable(void)
{
    return 1;
}

/* STNP, a hint that the line is not wanted again; it stores a pair of registers, and there is no intrinsic for it. */
static inline void store_past(double *where, float64x2_t value)
{
    __asm__ volatile("stnp %d0, %d1, [%2]" ::"w"(value), "w"(vdupq_laneq_f64(value, 1)), "r"(where) : "memory");
}

#include "streams_kernels.h"

#else
typedef int no_aarch64;
#endif
