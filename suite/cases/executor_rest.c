/*
 * Threads at rest; see executor_rest.h.
 */
#include "executor_rest.h"

#include <time.h>

/*
 * The status says S of a thread that still runs into its sleep, and counts its switch later. The look at its system call waits until
 * it is off its CPU (6.1, 6.18: wait_task_inactive), and says "running" of who is not asleep. Where the kernel does not show the
 * call, the status must do.
 */
static bool is_running(pid_t thread)
{
    char path[64], call[256];

    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)thread);
    return oracle_read_file(path, call, sizeof call) && strncmp(call, "running", 7) == 0;
}

struct activity activity_of(const struct threads *threads)
{
    struct activity activity = {.switches = 0, .asleep = true};

    for (size_t i = 0; i < threads->count; i++) {
        bool runs = is_running(threads->ids[i]);
        char path[64], text[4096];
        snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)threads->ids[i]);
        if (!oracle_read_file(path, text, sizeof text))
            case_failed("a worker ended by itself: %s cannot be read", path);
        activity.switches += (uint64_t)oracle_field(text, "voluntary_ctxt_switches:");
        activity.switches += (uint64_t)oracle_field(text, "nonvoluntary_ctxt_switches:");
        activity.asleep = activity.asleep && !runs && strstr(text, "\nState:\tS") != NULL;
    }
    return activity;
}

void pass_milliseconds(long milliseconds)
{
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/*
 * All sleep, and none is switched to for 10 ms. They have many seconds, which no search for work takes, however busy the
 * machine is.
 */
uint64_t rested(const struct threads *threads)
{
    struct activity before = activity_of(threads);

    for (int i = 0; i < 700; i++) {
        pass_milliseconds(10);
        struct activity after = activity_of(threads);
        if (before.asleep && after.asleep && after.switches == before.switches)
            return after.switches;
        before = after;
    }
    case_failed("idle workers do not come to rest: they were switched to %" PRIu64 " times so far", before.switches);
}

void await_sleep(const struct threads *threads)
{
    while (!activity_of(threads).asleep)
        pass_milliseconds(1);
}
