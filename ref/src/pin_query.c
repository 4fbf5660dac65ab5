/*
 * What a pin got, and what has become of it since.
 *
 * The truth about now is the kernel's alone: a pin remembers what it set, and verification reads what stands. Because
 * the kernel shows of an affinity only the CPUs that are active, equality with what was asked says at once that nobody
 * changed it and that every CPU of it is online.
 */
#include "affinity.h"
#include "error_internal.h"
#include "pin_internal.h"
#include <errno.h>
#include <numaproof/pin.h>
#include <string.h>

static np_status need(const void *argument, const char *name, const char *operation, np_error *error)
{
    return argument != NULL ? NP_OK : fail(error, NP_INVALID_ARGUMENT, 0, operation, "%s is NULL", name);
}

np_status np_pin_cpus(const np_pin *pin, np_cpuset *cpus, np_error *error)
{
    static const char operation[] = "pin CPUs";
    np_status status = need(pin, "pin", operation, error);
    if (status == NP_OK)
        status = need(cpus, "cpus", operation, error);
    if (status == NP_OK)
        *cpus = pin->set.shown;
    return status;
}

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    static const char operation[] = "pin enforcement";
    np_status status = need(pin, "pin", operation, error);
    if (status == NP_OK)
        status = need(enforcement, "enforcement", operation, error);
    if (status == NP_OK)
        *enforcement = pin->got;
    return status;
}

/* @now is the affinity of the pin's thread. */
static np_enforcement judge(const np_pin *pin, const np_cpuset *now)
{
    if (pin->got.level == NP_LEVEL_NONE)
        return pin->got;
    np_enforcement present;
    if (np_cpuset_equal(now, &pin->set.whole)) {
        enforce_strict(&present);
        return present;
    }
    char reason[sizeof present.reason];
    affinity_describe_shortfall(&pin->set.whole, now, reason, sizeof reason);
    enforce(&present, np_cpuset_subset(now, &pin->set.whole) ? NP_LEVEL_BEST_EFFORT : NP_LEVEL_NONE, "%s", reason);
    return present;
}

np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error)
{
    static const char operation[] = "pin verify";
    np_status status = need(pin, "pin", operation, error);
    if (status == NP_OK)
        status = need(holds, "holds", operation, error);
    if (status != NP_OK)
        return status;
    np_cpuset now;
    const int problem = pin_stack_affinity_of(pin, &now);
    if (problem == ESRCH)
        return fail(error, NP_NOT_AVAILABLE, problem, operation, "the thread that made the pin has ended");
    np_enforcement judged;
    if (problem == 0)
        judged = judge(pin, &now);
    else
        enforce(&judged, NP_LEVEL_NONE, "the thread's affinity cannot be read: %s", strerrordesc_np(problem));
    *holds = judged.level == NP_LEVEL_STRICT;
    if (present != NULL)
        *present = judged;
    return NP_OK;
}
