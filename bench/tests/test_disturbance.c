/*
 * The balancing setting is written back however the one who changed it ends, and who cannot write it back says so. In place
 * of the kernel's setting there is a file in a folder of the test's own (BALANCING, at compile time). And what those use who
 * disturb is known.
 */
#include "disturbance.h"
#include "run_suites.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 2000 /* Looks, of 10 ms. */

static void write_setting(const char *value)
{
    FILE *file = fopen(BALANCING, "we");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(value, file);
    fclose(file);
}

static char read_setting(void)
{
    FILE *file = fopen(BALANCING, "re");
    int value = file != NULL ? fgetc(file) : EOF;

    if (file != NULL)
        fclose(file);
    return (char)value;
}

static bool comes_to_be(char value)
{
    for (int look = 0; look < LONGEST && read_setting() != value; look++)
        nanosleep(&(const struct timespec){.tv_nsec = 10000000}, NULL);
    return read_setting() == value;
}

static np_status begin(struct disturbance *disturbance)
{
    const np_cpuset none = {0};
    np_error error;

    return disturbance_begin(disturbance, DISTURBANCE_BALANCING, &none, 0, 0, &error);
}

static void it_is_written_back_at_the_end(void)
{
    struct disturbance disturbance;
    np_error error = {0};

    write_setting("0\n");
    CU_ASSERT_EQUAL_FATAL(begin(&disturbance), NP_OK);
    CU_ASSERT_EQUAL(read_setting(), '1');
    CU_ASSERT_EQUAL(disturbance_end(&disturbance, &error), NP_OK);
    CU_ASSERT_EQUAL(read_setting(), '0');
}

/* As in a shell's foreground, whatever was ignored or blocked where the test was started, as under nohup(1). */
static void take_signals(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        signal(ends[i], SIG_DFL);
        sigaddset(&set, ends[i]);
    }
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* A process that has switched it on and measures for ever; the guard's id comes through the pipe. */
static pid_t measure_for_ever(pid_t *guard)
{
    int ends[2];

    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    pid_t measuring = fork();
    if (measuring == 0) {
        struct disturbance disturbance;
        setpgid(0, 0);
        take_signals();
        bool begun = begin(&disturbance) == NP_OK;
        pid_t helper = begun ? disturbance.helpers[0] : -1;
        if (write(ends[1], &helper, sizeof helper) != (ssize_t)sizeof helper)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    CU_ASSERT_EQUAL_FATAL(read(ends[0], guard, sizeof *guard), (ssize_t)sizeof *guard);
    close(ends[0]);
    return measuring;
}

/* Ctrl-C goes to all of the terminal's processes, and who ends a service sends SIGTERM to all of its: to the guard too. */
static void it_is_written_back_after(int signal_number)
{
    pid_t guard = -1;

    write_setting("0\n");
    pid_t measuring = measure_for_ever(&guard);
    CU_ASSERT_TRUE_FATAL(measuring > 0 && guard > 0);
    CU_ASSERT_EQUAL(read_setting(), '1');
    kill(guard, signal_number == SIGKILL ? SIGTERM : signal_number);
    kill(-measuring, signal_number);
    while (waitpid(measuring, NULL, 0) < 0)
        continue;
    CU_ASSERT_TRUE(comes_to_be('0'));
}

static void it_is_written_back_after_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};

    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        it_is_written_back_after(signals[i]);
}

static void who_cannot_write_it_back_says_so(void)
{
    struct disturbance disturbance;
    np_error error = {0};

    write_setting("0\n");
    CU_ASSERT_EQUAL_FATAL(begin(&disturbance), NP_OK);
    unlink(BALANCING);
    CU_ASSERT_EQUAL_FATAL(mkdir(BALANCING, 0700), 0); /* Root may write any file, and no folder. */
    CU_ASSERT_EQUAL(disturbance_end(&disturbance, &error), NP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.reason, "kernel.numa_balancing may not be what it was"));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.reason, "could not"));
    rmdir(BALANCING);
}

static void a_killed_guard_is_told(void)
{
    struct disturbance disturbance;
    np_error error = {0};

    write_setting("0\n");
    CU_ASSERT_EQUAL_FATAL(begin(&disturbance), NP_OK);
    kill(disturbance.helpers[0], SIGKILL);
    CU_ASSERT_EQUAL(disturbance_end(&disturbance, &error), NP_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.reason, "was killed"));
}

static double monotonic_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* However little the test's neighbours leave it of its CPU, a hog gets on, and by no more than the time that passes. */
static void what_a_hog_uses_is_known(void)
{
    struct disturbance disturbance;
    np_cpuset here = {0};
    double used = 0, begun = monotonic_seconds();
    np_error error;

    CU_ASSERT_EQUAL_FATAL(np_cpuset_add(&here, (unsigned)sched_getcpu(), &error), NP_OK);
    CU_ASSERT_EQUAL_FATAL(disturbance_begin(&disturbance, DISTURBANCE_HOG, &here, 0, 0, &error), NP_OK);
    for (int look = 0; look < LONGEST && used < 0.1; look++) {
        nanosleep(&(const struct timespec){.tv_nsec = 10000000}, NULL);
        used = disturbance_used_seconds(&disturbance);
    }
    CU_ASSERT(used >= 0.1 && used <= monotonic_seconds() - begun);
    CU_ASSERT_EQUAL(disturbance_end(&disturbance, &error), NP_OK);
    CU_ASSERT_EQUAL(disturbance_used_seconds(&disturbance), 0);
}

/* Its runs would pass for disturbed ones. */
static void a_killed_hog_is_told(void)
{
    struct disturbance disturbance;
    np_cpuset here = {0};
    siginfo_t ended;
    np_error error = {0};

    CU_ASSERT_EQUAL_FATAL(np_cpuset_add(&here, (unsigned)sched_getcpu(), &error), NP_OK);
    CU_ASSERT_EQUAL_FATAL(disturbance_begin(&disturbance, DISTURBANCE_HOG, &here, 0, 0, &error), NP_OK);
    CU_ASSERT_EQUAL(disturbance_settle(&disturbance, &error), NP_OK);
    kill(disturbance.helpers[0], SIGKILL);
    while (waitid(P_PID, (id_t)disturbance.helpers[0], &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        continue;
    CU_ASSERT_EQUAL(disturbance_settle(&disturbance, &error), NP_SYSTEM);
    CU_ASSERT_STRING_EQUAL(error.reason, "a process that disturbs (CPU hog) has ended before it was to");
    CU_ASSERT_EQUAL(disturbance_end(&disturbance, &error), NP_OK);
}

int main(void)
{
    char folder[] = "/tmp/numaproof-disturbance-XXXXXX";
    CU_TestInfo tests[] = {{"it is written back at the end", it_is_written_back_at_the_end},
        {"it is written back after signals", it_is_written_back_after_signals},
        {"who cannot write it back says so", who_cannot_write_it_back_says_so},
        {"a killed guard is told", a_killed_guard_is_told}, {"what a hog uses is known", what_a_hog_uses_is_known},
        {"a killed hog is told", a_killed_hog_is_told}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"disturbances", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 1;
    int status = run_suites(suites);
    unlink(BALANCING);
    rmdir(folder);
    return status;
}
