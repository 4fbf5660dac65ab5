/*
 * What a strict operation needs of the thread and the kernel before it begins.
 */
#ifndef NUMAPROOF_HARD_MODE_H
#define NUMAPROOF_HARD_MODE_H

#include <numaproof/error.h>

enum hard_mode_need { NEEDS_SYS_ADMIN = 1, NEEDS_SYS_NICE = 2, NEEDS_BALANCING_OFF = 4 };

/* The contract's table, a line an operation. */
enum hard_mode_needs_of {
    HARD_PIN_NEEDS = NEEDS_SYS_NICE,
    HARD_REGION_NEEDS = NEEDS_SYS_ADMIN | NEEDS_BALANCING_OFF,
    HARD_EXECUTOR_NEEDS = NEEDS_SYS_ADMIN | NEEDS_SYS_NICE | NEEDS_BALANCING_OFF
};

/*
 * NP_OK where the calling thread has all of @needs, a combination of the above, now. Otherwise
 * NP_HARD_MODE_UNAVAILABLE for @operation ("pin", "region", "executor"), with what is missing and what mends it. Costs
 * a system call for the capabilities, three more where balancing must be off; asks for nothing that is not needed.
 */
np_status hard_mode_require(unsigned needs, const char *operation, np_error *error);

#endif
