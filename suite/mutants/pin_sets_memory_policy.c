/* Breaks PIN-8: a release resets the thread's memory policy to the default. */
#include "mutant.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

np_status np_pin_release(np_pin *pin, np_error *error)
{
    np_status status = REAL(np_pin_release)(pin, error);

    if (status == NP_OK && pin != NULL)
        syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
    return status;
}
