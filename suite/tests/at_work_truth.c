/*
 * Who hangs and who is only kept from a CPU: on made-up facts, and that the facts are those of the processes.
 */
#include "at_work.h"
#include "test.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *what;
    struct work work; /* seconds, of its CPUs, of the machine's, at work */
    bool is_kept;
} rows[] = {
    {"sleeps in all threads", {10, 0.01, 15, false}, false},
    {"has spun alone", {10, 9.9, 10.2, true}, false},
    {"has spun with two threads", {10, 19.8, 20, true}, false},
    {"has spun beside another", {10, 5.1, 20, true}, false},
    {"spun, and sleeps", {10, 9.9, 10.2, false}, false},
    {"waits for a CPU beside many others", {10, 1.2, 20, true}, true},
    {"waits for a disk", {10, 0.01, 0.1, true}, true},
    {"had no CPU at all", {60, 0, 119, true}, true},
    {"the emulated CPU had none, and counts the time as the thread's", {60, 58, 4, true}, true},
    {"is seen at work just below half", {10, 4.9, 20, true}, true},
    {"spins after the first limit", {20, 12, 22, true}, false},
};

static void check_decision(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK(is_kept_from_a_cpu(&rows[i].work) == rows[i].is_kept, "who %s %s", rows[i].what,
            rows[i].is_kept ? "hangs" : "is kept from a CPU");
}

/* A process in a group of its own, which has so much CPU time and then sleeps. */
static pid_t started(long milliseconds)
{
    struct timespec used = {0};

    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        while (used.tv_sec * 1000 + used.tv_nsec / 1000000 < milliseconds)
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        for (;;)
            pause();
    }
    setpgid(child, child);
    return child;
}

static void ended(pid_t child)
{
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

/* The time limit of the test ends it if what is waited for does not come. */
static void check_looks(void)
{
    double before = machine_cpu_seconds();
    pid_t sleeps = started(300), spins = started(1000000);

    while (thread_is_at_work(sleeps, sleeps))
        usleep(10000);
    struct work work = work_of_group(sleeps, 1, before);
    CHECK(!work.is_at_work, "who sleeps is at work");
    CHECK(work.cpu_seconds >= 0.25 && work.cpu_seconds < 5, "%f s were had, and not about 0.3", work.cpu_seconds);
    CHECK(thread_is_at_work(spins, spins), "who spins is not at work");
    CHECK(work_of_group(spins, 1, before).is_at_work, "a group that spins is not at work");
    CHECK(work_of_group(sleeps, 1, before).machine_seconds > 0, "nobody had a CPU");
    CHECK(work_of_group(getpid() + 0x40000000, 1, before).cpu_seconds <= 0, "a group that does not exist had a CPU");
    ended(sleeps);
    ended(spins);
    CHECK(!thread_is_at_work(spins, spins), "who has ended is at work");
}

int main(void)
{
    check_decision();
    check_looks();
    return test_result();
}
