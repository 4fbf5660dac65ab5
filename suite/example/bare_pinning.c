/*
 * Another implementation of the contract, as small as one can be: pinning to a set of CPUs, and nothing else.
 *
 * It is not built from the reference and shares no line with it: all it has of this project is the headers. It exports nine
 * of their functions. The suite says of it what is true: what it has conforms, what it lacks does not. See the chapter
 * "Testing another implementation" of suite/README.md.
 */
#include <numaproof/pin.h>
#include <numaproof/version.h>

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <unistd.h>

#define TEXT(number)                      #number
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)
#define VERSION                           VERSION_TEXT(NP_VERSION_MAJOR, NP_VERSION_MINOR, NP_VERSION_PATCH)

struct np_pin {
    struct np_pin *outer; /* The one that this one is nested in. */
    pid_t thread;
    cpu_set_t before, now;
    np_enforcement level;
};

static _Thread_local struct np_pin *innermost;

static np_status refused(np_error *error, np_status status, const char *reason)
{
    if (error != NULL) {
        *error = (np_error){.code = (int32_t)status, .operation = "pin"};
        snprintf(error->reason, sizeof error->reason, "%s", reason);
    }
    return status;
}

static bool may_nice(void)
{
    cap_flag_value_t value = CAP_CLEAR;
    cap_t own = cap_get_proc();

    if (own != NULL)
        cap_get_flag(own, CAP_SYS_NICE, CAP_EFFECTIVE, &value);
    cap_free(own);
    return value == CAP_SET;
}

/* cpu_set_t and np_cpuset are both a bit for each id, from the lowest on; the latter holds more of them. */
static bool to_kernel_set(const np_cpuset *cpus, cpu_set_t *set)
{
    memset(set, 0, sizeof *set);
    memcpy(set, cpus, sizeof *set);
    for (size_t i = sizeof *set / sizeof cpus->words[0]; i < sizeof *cpus / sizeof cpus->words[0]; i++)
        if (cpus->words[i] != 0)
            return false;
    return true;
}

/* The ids of @cpus that are not in @got, into a text: "3, 9". */
static void name_missing(const np_cpuset *cpus, const cpu_set_t *got, char *text, size_t size)
{
    size_t used = 0;

    for (unsigned id = 0; id < NP_CPU_MAX && used < size; id++)
        if ((cpus->words[id / 64] >> id % 64 & 1) != 0 && (id >= CPU_SETSIZE || !CPU_ISSET(id, got)))
            used += (size_t)snprintf(text + used, size - used, "%s%u", used > 0 ? ", " : "", id);
}

/* Set the affinity and see what the kernel made of it. False with the reason: not one of the CPUs, or forbidden. */
static bool apply(const np_cpuset *cpus, struct np_pin *pin, char *missing, size_t size)
{
    cpu_set_t wanted;
    bool whole = to_kernel_set(cpus, &wanted);

    if (sched_setaffinity(0, sizeof wanted, &wanted) != 0 || sched_getaffinity(0, sizeof pin->now, &pin->now) != 0) {
        snprintf(missing, size, "%s", errno == EPERM ? "permission denied" : strerror(errno));
        return false;
    }
    missing[0] = '\0';
    if (!whole || !CPU_EQUAL(&wanted, &pin->now))
        name_missing(cpus, &pin->now, missing, size);
    return true;
}

/* Nothing could be had: strict refuses, soft goes on with nothing. */
static np_status pin_to_nothing(struct np_pin *pin, np_mode mode, const char *why, np_error *error)
{
    char reason[400];

    snprintf(reason, sizeof reason, "%s%.300s",
        strstr(why, "permission denied") != NULL ? "" : "affinity not fully applied: ", why);
    CPU_ZERO(&pin->now);
    pin->level.level = NP_LEVEL_NONE;
    snprintf(pin->level.reason, sizeof pin->level.reason, "%s", reason);
    return mode == NP_STRICT ? refused(error, NP_HARD_MODE_UNAVAILABLE, reason) : NP_OK;
}

static np_status place(const np_cpuset *cpus, np_mode mode, struct np_pin *pin, np_error *error)
{
    char missing[256], reason[400];

    if (sched_getaffinity(0, sizeof pin->before, &pin->before) != 0)
        return pin_to_nothing(pin, mode, "the kernel does not tell the present one", error);
    if (!apply(cpus, pin, missing, sizeof missing)) {
        char names[200];
        cpu_set_t none;
        CPU_ZERO(&none);
        name_missing(cpus, &none, names, sizeof names);
        snprintf(reason, sizeof reason, "CPUs %.150s: %.150s", names, missing);
        return pin_to_nothing(pin, mode, reason, error);
    }
    pin->level.level = missing[0] == '\0' && may_nice() ? NP_LEVEL_STRICT : NP_LEVEL_BEST_EFFORT;
    if (missing[0] != '\0')
        snprintf(reason, sizeof reason, "affinity not fully applied: CPUs %s are not available", missing);
    else
        snprintf(reason, sizeof reason, "without CAP_SYS_NICE the pin is not guaranteed");
    if (pin->level.level == NP_LEVEL_STRICT)
        return NP_OK;
    snprintf(pin->level.reason, sizeof pin->level.reason, "%s", reason);
    if (mode == NP_SOFT)
        return NP_OK;
    sched_setaffinity(0, sizeof pin->before, &pin->before);
    return refused(error, NP_HARD_MODE_UNAVAILABLE, reason);
}

np_status np_pin_to_cpus(const np_cpuset *cpus, np_mode mode, np_pin **pin, np_error *error)
{
    static const np_cpuset empty;

    if (cpus == NULL || pin == NULL || memcmp(cpus, &empty, sizeof empty) == 0)
        return refused(error, NP_INVALID_ARGUMENT, "a pin takes a set that is not empty, and a place for the pin");
    if (mode != NP_SOFT && mode != NP_STRICT)
        return refused(error, NP_INVALID_ARGUMENT, "the mode is neither NP_SOFT nor NP_STRICT");
    if (mode == NP_STRICT && !may_nice())
        return refused(error, NP_HARD_MODE_UNAVAILABLE, "permission denied: a strict pin needs CAP_SYS_NICE");
    struct np_pin *made = calloc(1, sizeof *made);
    if (made == NULL)
        return refused(error, NP_ALLOCATION, "no memory for a pin");
    np_status status = place(cpus, mode, made, error);
    if (status != NP_OK) {
        free(made);
        return status;
    }
    made->thread = gettid();
    made->outer = innermost;
    innermost = made;
    *pin = made;
    return NP_OK;
}

np_status np_pin_to_cpu(unsigned cpu, np_mode mode, np_pin **pin, np_error *error)
{
    np_cpuset one = {{0}};

    if (cpu >= NP_CPU_MAX)
        return refused(error, NP_INVALID_ARGUMENT, "no CPU can have that id");
    one.words[cpu / 64] = UINT64_C(1) << cpu % 64;
    return np_pin_to_cpus(&one, mode, pin, error);
}

np_status np_pin_current(const np_cpuset *cpus, np_pin **pin, np_error *error)
{
    return np_pin_to_cpus(cpus, NP_SOFT, pin, error);
}

np_status np_pin_release(np_pin *pin, np_error *error)
{
    if (pin == NULL)
        return NP_OK;
    if (pin != innermost)
        return refused(error, NP_INVALID_ARGUMENT, "not the innermost pin of this thread");
    if (pin->level.level != NP_LEVEL_NONE)
        sched_setaffinity(0, sizeof pin->before, &pin->before);
    innermost = pin->outer;
    free(pin);
    return NP_OK;
}

np_status np_pin_cpus(const np_pin *pin, np_cpuset *cpus, np_error *error)
{
    if (pin == NULL || cpus == NULL)
        return refused(error, NP_INVALID_ARGUMENT, "a pin and a set are needed");
    memset(cpus, 0, sizeof *cpus);
    memcpy(cpus, &pin->now, sizeof pin->now);
    return NP_OK;
}

np_status np_pin_enforcement(const np_pin *pin, np_enforcement *enforcement, np_error *error)
{
    if (pin == NULL || enforcement == NULL)
        return refused(error, NP_INVALID_ARGUMENT, "a pin and an enforcement are needed");
    *enforcement = pin->level;
    return NP_OK;
}

np_status np_pin_verify(const np_pin *pin, bool *holds, np_enforcement *present, np_error *error)
{
    np_enforcement seen;
    cpu_set_t now;

    if (pin == NULL || holds == NULL)
        return refused(error, NP_INVALID_ARGUMENT, "a pin and a place for the answer are needed");
    if (sched_getaffinity(pin->thread, sizeof now, &now) != 0)
        return refused(error, NP_NOT_AVAILABLE, "the pin's thread has ended");
    seen = pin->level;
    *holds = seen.level == NP_LEVEL_STRICT && CPU_EQUAL(&now, &pin->now);
    if (seen.level == NP_LEVEL_STRICT && !*holds) {
        seen.level = NP_LEVEL_NONE;
        snprintf(seen.reason, sizeof seen.reason, "the thread's affinity was changed since");
    }
    if (present != NULL)
        *present = seen;
    return NP_OK;
}

unsigned np_version(void)
{
    return NP_VERSION_NUMBER;
}

const char *np_version_string(void)
{
    return VERSION;
}
