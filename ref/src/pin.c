/*
 * Pinning the calling thread.
 *
 * Everything rests on two system calls and on what they do not say (affinity.c). Soft makes two of them: read the
 * former affinity, set the new one. What was asked for and was in the former affinity a moment ago was available then,
 * and needs no reading back; only a pin to other CPUs costs a third call, to learn which of them were had. Strict
 * always reads back, and looks at the CPU that it runs on: the kernel moves the thread before sched_setaffinity
 * returns, and strict means that somebody checked.
 *
 * What is restored is the whole former affinity with the CPUs in it that are offline, which sched_getaffinity hides: a
 * thread that nobody ever pinned may use a CPU that comes online later, and still may after a pin. The whole is in
 * /proc, ten times as dear as the call; so it is looked up once and remembered as long as sched_getaffinity shows what
 * our last call left. Linux keeps offline CPUs in a mask that is set since 6.2. Before, it drops them whoever sets it, and
 * nobody can give them back: one more reason why a refusal that can be foreseen leaves the affinity alone (LAW-2).
 */
#include "affinity.h"
#include "error_internal.h"
#include "hard_mode.h"
#include "linux.h"
#include "pin_internal.h"
#include <errno.h>
#include <numaproof/pin.h>
#include <string.h>

#define OPERATION "pin"

/* What @now is before a pin, which often is there already: left by the release of the one before. */
static int read_affinity(struct affinity *now)
{
    struct pin_stack *stack = pin_stack();
    np_cpuset shown;
    const int error = linux_get_affinity(0, &shown);
    if (error != 0)
        return error;
    if (stack->standing != NULL && np_cpuset_equal(&shown, &stack->standing->shown)) {
        if (stack->standing != now)
            *now = *stack->standing;
        return 0;
    }
    /* What was only seen is not remembered: the pin may be refused, and another program may change it unseen. */
    if (stack->standing == now)
        stack->standing = NULL;
    now->shown = shown;
    if (linux_get_whole_affinity(&now->whole) != 0 || !np_cpuset_subset(&now->shown, &now->whole))
        now->whole = now->shown;
    return 0;
}

/* Why an affinity call on @cpus failed with @system_errno: EINVAL says that none of them can be had. */
static void describe_failure(const np_cpuset *cpus, int system_errno, char *reason, size_t size)
{
    static const np_cpuset none = {0};
    if (system_errno == EINVAL)
        affinity_describe_shortfall(cpus, &none, reason, size);
    else
        affinity_describe_errno(system_errno, reason, size);
}

static np_status refuse(const np_cpuset *cpus, int system_errno, np_error *error)
{
    char reason[sizeof error->reason];
    describe_failure(cpus, system_errno, reason, sizeof reason);
    return fail(error, NP_HARD_MODE_UNAVAILABLE, system_errno, OPERATION, "%s", reason);
}

/* Refuse because the thread would have @got in place of what was asked for. */
static np_status refuse_shortfall(const np_pin *pin, const np_cpuset *got, np_error *error)
{
    char reason[sizeof error->reason];
    affinity_describe_shortfall(&pin->set.whole, got, reason, sizeof reason);
    return fail(error, NP_HARD_MODE_UNAVAILABLE, 0, OPERATION, "%s", reason);
}

/* The affinity was set, and @got is not what was asked for: go back (LAW-2), and say what was wrong. */
static np_status go_back(const np_pin *pin, const np_cpuset *got, np_error *error)
{
    const int undo = linux_set_affinity(0, &pin->before.whole);
    if (undo == 0)
        return refuse_shortfall(pin, got, error);
    return fail(error, NP_HARD_MODE_UNAVAILABLE, undo, OPERATION,
        "affinity not fully applied: asked for CPUs %s, got %s, and the former affinity could not be restored: %s",
        cpus_in_words(&pin->set.whole).text, cpus_in_words(got).text, strerrordesc_np(undo));
}

/* Whether all of @asked can be online, for all one knows; if not, @online is what of it is. */
static bool may_be_online(const np_cpuset *asked, np_cpuset *online)
{
    if (linux_online_cpus(online) != 0)
        return true;
    np_cpuset_intersection(asked, online, online, NULL);
    return np_cpuset_equal(asked, online);
}

static np_status apply_strict(np_pin *pin, np_error *error)
{
    int problem = read_affinity(&pin->before);
    if (problem != 0)
        return refuse(&pin->set.whole, problem, error);
    np_cpuset online;
    if (!np_cpuset_subset(&pin->set.whole, &pin->before.shown) && !may_be_online(&pin->set.whole, &online))
        return refuse_shortfall(pin, &online, error);
    problem = linux_set_affinity(0, &pin->set.whole);
    if (problem != 0)
        return refuse(&pin->set.whole, problem, error);

    np_cpuset got;
    problem = linux_get_affinity(0, &got);
    if (problem != 0)
        np_cpuset_clear(&got);
    if (problem != 0 || !np_cpuset_equal(&got, &pin->set.whole))
        return go_back(pin, &got, error);
    const int cpu = linux_current_cpu();
    if (cpu < 0 || !np_cpuset_contains(&pin->set.whole, (unsigned)cpu)) {
        np_cpuset_clear(&got);
        np_cpuset_add(&got, (unsigned)cpu, NULL);
        return go_back(pin, &got, error);
    }
    pin->set.shown = pin->set.whole;
    enforce_strict(&pin->got);
    return NP_OK;
}

static void pin_nothing(np_pin *pin, const char *reason)
{
    np_cpuset_clear(&pin->set.shown);
    enforce(&pin->got, NP_LEVEL_NONE, "%s", reason);
}

static void apply_soft(np_pin *pin)
{
    char reason[sizeof pin->got.reason];
    int problem = read_affinity(&pin->before);
    if (problem == 0)
        problem = linux_set_affinity(0, &pin->set.whole);
    if (problem != 0) {
        describe_failure(&pin->set.whole, problem, reason, sizeof reason);
        pin_nothing(pin, reason);
        return;
    }
    pin->set.shown = pin->set.whole;
    if (!np_cpuset_subset(&pin->set.whole, &pin->before.shown))
        linux_get_affinity(0, &pin->set.shown);
    if (np_cpuset_equal(&pin->set.shown, &pin->set.whole)) {
        enforce_plainly(&pin->got, NP_LEVEL_BEST_EFFORT, "soft mode: the affinity is set, and nobody watches over it");
        return;
    }
    affinity_describe_shortfall(&pin->set.whole, &pin->set.shown, reason, sizeof reason);
    enforce(&pin->got, NP_LEVEL_BEST_EFFORT, "%s", reason);
}

/* A pin to @cpus, which are none where a soft pin can have nothing: @nothing_because says why then. */
static np_status make_pin(
    const np_cpuset *cpus, np_mode mode, const char *nothing_because, np_pin **result, np_error *error)
{
    np_pin *pin;
    const int problem = pin_stack_push(&pin);
    if (problem != 0)
        return fail(error, NP_ALLOCATION, problem, OPERATION, "no memory for a pin of %zu bytes: %s", sizeof *pin,
            strerrordesc_np(problem));
    pin->set.whole = *cpus;
    np_status status = NP_OK;
    if (nothing_because != NULL)
        pin_nothing(pin, nothing_because);
    else if (mode == NP_STRICT)
        status = apply_strict(pin, error);
    else
        apply_soft(pin);
    if (status != NP_OK) {
        pin_stack_pop();
        return status;
    }
    if (pin->got.level != NP_LEVEL_NONE)
        pin_stack()->standing = &pin->set;
    *result = pin;
    return NP_OK;
}

static np_status check_call(np_mode mode, np_pin **pin, np_error *error)
{
    if (pin == NULL)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "there is nowhere to put the pin: pin is NULL");
    if (mode != NP_SOFT && mode != NP_STRICT)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "mode %d is neither NP_SOFT (0) nor NP_STRICT (1)", mode);
    return NP_OK;
}

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = check_call(mode, pin, error);
    if (status != NP_OK)
        return status;
    if (np_cpuset_first(cpus) < 0)
        return fail(
            error, NP_INVALID_ARGUMENT, 0, OPERATION, cpus == NULL ? "the CPUs are NULL" : "the set of CPUs is empty");
    if (mode == NP_STRICT)
        status = hard_mode_require(HARD_PIN_NEEDS, OPERATION, error);
    return status == NP_OK ? make_pin(cpus, mode, NULL, pin, error) : status;
}

np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset cpus = {0};
    if (np_cpuset_add(&cpus, cpu, NULL) != NP_OK)
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION, "CPU %u: the highest is %d", cpu, NP_CPU_MAX - 1);
    return np_pin_to_cpus(&cpus, mode, pin, error);
}

np_status np_pin_to_node(const np_topology *topology, unsigned node, np_mode mode, np_pin **pin, np_error *error)
{
    np_status status = check_call(mode, pin, error);
    if (status != NP_OK)
        return status;
    np_cpuset cpus;
    status = np_topology_cpus_of_node(topology, node, &cpus, error);
    if (status != NP_OK)
        return status;
    if (!np_topology_is_this_machine(topology))
        return fail(error, NP_INVALID_ARGUMENT, 0, OPERATION,
            "the topology is made from a description and is not this machine: there is no node %u to pin to", node);
    if (np_cpuset_first(&cpus) >= 0)
        return np_pin_to_cpus(&cpus, mode, pin, error);

    static const char no_cpus[] = "affinity not fully applied: the node has no online CPUs";
    if (mode == NP_SOFT)
        return make_pin(&cpus, mode, no_cpus, pin, error);
    status = hard_mode_require(HARD_PIN_NEEDS, OPERATION, error);
    return status == NP_OK ? fail(error, NP_HARD_MODE_UNAVAILABLE, 0, OPERATION, "%s (node %u)", no_cpus, node)
                           : status;
}

np_status np_pin_current(const np_cpuset *cpus, np_pin **pin, np_error *error)
{
    return np_pin_to_cpus(cpus, NP_SOFT, pin, error);
}

np_status np_pin_release(np_pin *pin, np_error *error)
{
    static const char operation[] = "pin release";
    if (pin == NULL)
        return NP_OK;
    if (pin_stack() == NULL || pin != pin_stack()->innermost) {
        if (pin_stack_free_orphan(pin))
            return NP_OK;
        return fail(error, NP_INVALID_ARGUMENT, 0, operation,
            "not the calling thread's innermost pin: release on the thread that pinned, innermost first");
    }
    if (pin->got.level != NP_LEVEL_NONE) {
        const int problem = linux_set_affinity(0, &pin->before.whole);
        if (problem != 0) {
            char reason[sizeof error->reason];
            describe_failure(&pin->before.whole, problem, reason, sizeof reason);
            return fail(error, NP_SYSTEM, problem, operation, "the former affinity cannot be restored: %s", reason);
        }
        pin_stack()->standing = &pin->before;
    }
    pin_stack_pop();
    return NP_OK;
}
