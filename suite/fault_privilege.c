/*
 * Faults of privilege: capabilities taken away one by one, or all at once by becoming an ordinary user.
 */
#include "fault.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NOBODY 65534

static void set_flags(cap_value_t capability, const cap_flag_t *flags, int count, cap_flag_value_t value)
{
    cap_t own = cap_get_proc();

    if (own == NULL)
        case_error("fault: the capabilities cannot be read: %s", strerror(errno));
    for (int i = 0; i < count; i++)
        if (cap_set_flag(own, flags[i], 1, &capability, value) != 0)
            case_error("fault: capability %d cannot be changed: %s", capability, strerror(errno));
    if (cap_set_proc(own) != 0)
        case_error("fault: capability %d cannot be set to %d: %s", capability, (int)value, strerror(errno));
    cap_free(own);
    bool effective = (oracle_effective_capabilities() >> capability & 1) != 0;
    if (effective != (value == CAP_SET))
        case_error("fault: capability %d is%s effective after it was changed", capability, effective ? "" : " not");
}

void fault_drop_capability(int capability)
{
    static const cap_flag_t flags[] = {CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE};

    set_flags(capability, flags, 3, CAP_CLEAR);
}

void fault_lower_capability(int capability)
{
    set_flags(capability, (const cap_flag_t[]){CAP_EFFECTIVE}, 1, CAP_CLEAR);
}

void fault_raise_capability(int capability)
{
    set_flags(capability, (const cap_flag_t[]){CAP_EFFECTIVE}, 1, CAP_SET);
}

/*
 * A change of user makes the process undumpable, which hands /proc/self to root and blinds the oracle, and it clears the
 * signal on the parent's death: both are set again (credentials(7), prctl(2)).
 */
void fault_become_user(void)
{
    if (geteuid() == 0 &&
        (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0 || setresuid(NOBODY, NOBODY, NOBODY) != 0))
        case_error("fault: cannot become user %d: %s", NOBODY, strerror(errno));
    if (prctl(PR_SET_DUMPABLE, 1) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        case_error("fault: prctl after the change of user: %s", strerror(errno));
    if (geteuid() == 0 || oracle_effective_capabilities() != 0)
        case_error("fault: user %d still has capabilities %#llx", (int)geteuid(),
            (unsigned long long)oracle_effective_capabilities());
}
