/*
 * The truth table of the runner: what a case does, and what must be said of it.
 *
 * The sample cases misbehave in every way that an implementation can make a case misbehave. A runner that is wrong about
 * one of them could call a broken implementation conforming.
 */
#include "case_process.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Where a sample tells this program the process ids it leaves behind. */
static pid_t *left_behind;

static _Noreturn void wait_for_ever(void)
{
    for (;;)
        pause();
}

CASE(passes, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT_INT(1 + 1, ==, 2);
}

CASE(fails, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT_INT(1 + 1, ==, 3);
}

CASE(crashes, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT(true);
    raise(SIGSEGV);
}

CASE(is_killed, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT(true);
    kill(getpid(), SIGKILL);
}

CASE(hangs, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING, .limit_seconds = 1)
{
    EXPECT(true);
    wait_for_ever();
}

CASE(hangs_looking, "sample: looks again and again whether it may go on", CLAUSES("LAW-8"), NEEDS_NOTHING,
    .limit_seconds = 1)
{
    for (;;)
        nanosleep(&(const struct timespec){.tv_nsec = 1000000}, NULL);
}

CASE(hangs_deaf, "sample: signals blocked", CLAUSES("LAW-8"), NEEDS_NOTHING, .limit_seconds = 1)
{
    sigset_t all;

    EXPECT(true);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    wait_for_ever();
}

CASE(spins, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING, .limit_seconds = 1)
{
    EXPECT(true);
    for (volatile bool for_ever = true; for_ever;)
        continue;
}

/* The parent of a vfork(2) is in state D, as one that waits for a disk, until the child has ended (6.1, 6.18). */
static void wait_as_for_a_disk(const struct timespec *time)
{
    pid_t child = vfork();

    if (child == 0) {
        nanosleep(time, NULL);
        _exit(0);
    }
    EXPECT_INT(waitpid(child, NULL, 0), ==, child);
}

CASE(is_kept_waiting, "sample: past its limit, but not for ever", CLAUSES("LAW-8"), NEEDS_NOTHING, .limit_seconds = 1)
{
    wait_as_for_a_disk(&(const struct timespec){.tv_sec = 1, .tv_nsec = 500000000});
}

CASE(waits_in_vain, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING, .limit_seconds = 1)
{
    wait_as_for_a_disk(&(const struct timespec){.tv_sec = 1000});
}

CASE(says_nothing, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
}

CASE(skips, "sample", CLAUSES("LAW-8"), NEEDS(.nodes = 1000))
{
    EXPECT(false);
}

CASE(skips_later, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT(true);
    case_skipped("the sample found no reason to go on");
}

CASE(is_undecided, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    case_inconclusive("the sample could not tell");
}

CASE(errs, "sample", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    case_error("the sample's own fault");
}

CASE(exits_early, "sample: the implementation calls exit(0)", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    EXPECT(true);
    _exit(0);
}

CASE(fails_then_skips, "sample: a child fails, the case skips", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    pid_t child = fork();

    if (child == 0)
        EXPECT_INT(1, ==, 2);
    waitpid(child, NULL, 0);
    case_skipped("this must not hide the failure");
}

CASE(fails_then_passes, "sample: a child fails, the case goes on", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    pid_t child = fork();

    if (child == 0)
        EXPECT_STRING("one", "two");
    waitpid(child, NULL, 0);
    EXPECT(true);
}

static void *fail_in_thread(void *closure)
{
    (void)closure;
    EXPECT_INT(7, <, 6);
    return NULL;
}

CASE(fails_in_thread, "sample: another thread fails", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, fail_in_thread, NULL) == 0)
        pthread_join(thread, NULL);
    EXPECT(true);
}

CASE(leaves_processes, "sample: one in the group, one that escaped", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    int ready[2];
    char byte;

    EXPECT(pipe2(ready, O_CLOEXEC) == 0);
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        if (child == 0) {
            if (i == 1 && (setsid() < 0 || fork() != 0))
                _exit(0);
            left_behind[i] = getpid();
            if (write(ready[1], "x", 1) == 1)
                wait_for_ever();
        }
        EXPECT(read(ready[0], &byte, 1) == 1);
    }
}

struct truth {
    const struct suite_case *sample;
    enum suite_status status;
    enum suite_verdict verdict;
    const char *reason; /* part of it */
};

static const struct truth truths[] = {
    {&passes, SUITE_RAN, SUITE_PASS, ""},
    {&fails, SUITE_RAN, SUITE_FAIL, "2 == 3 is false"},
    {&crashes, SUITE_RAN, SUITE_FAIL, "SIGSEGV"},
    {&is_killed, SUITE_RAN, SUITE_FAIL, "SIGKILL"},
    {&hangs, SUITE_RAN, SUITE_FAIL, "time limit of 1 s; its threads: np_test_runner S"},
    {&hangs_looking, SUITE_RAN, SUITE_FAIL, "hung: killed after the time limit of "},
    {&hangs_deaf, SUITE_RAN, SUITE_FAIL, "time limit of 1 s"},
    {&spins, SUITE_RAN, SUITE_FAIL, "hung: killed after the time limit of "},
    {&is_kept_waiting, SUITE_RAN, SUITE_PASS, ""},
    {&waits_in_vain, SUITE_RAN, SUITE_FAIL, "time limit of 4 s"},
    {&says_nothing, SUITE_ERROR, SUITE_INCONCLUSIVE, "without having checked anything"},
    {&skips, SUITE_SKIPPED, SUITE_NOT_APPLICABLE, "1000 nodes"},
    {&skips_later, SUITE_SKIPPED, SUITE_NOT_APPLICABLE, "no reason to go on"},
    {&is_undecided, SUITE_RAN, SUITE_INCONCLUSIVE, "could not tell"},
    {&errs, SUITE_ERROR, SUITE_INCONCLUSIVE, "own fault"},
    {&exits_early, SUITE_RAN, SUITE_FAIL, "exit status 0 in the middle"},
    {&fails_then_skips, SUITE_RAN, SUITE_FAIL, "1 == 2 is false"},
    {&fails_then_passes, SUITE_RAN, SUITE_FAIL, "expected \"two\", found \"one\""},
    {&fails_in_thread, SUITE_RAN, SUITE_FAIL, "7 < 6 is false"},
    {&leaves_processes, SUITE_RAN, SUITE_PASS, ""},
};

static void check_truths(void)
{
    const struct case_setting setting = {.limit_seconds = 10};

    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        const struct truth *truth = &truths[i];
        struct suite_result result;
        case_process_run(truth->sample, &setting, &result);
        CHECK(result.status == truth->status, "%s: %s", result.id, suite_status_name(result.status));
        CHECK(result.verdict == truth->verdict, "%s: %s", result.id, suite_verdict_name(result.verdict));
        CHECK(suite_pair_is_legal(result.status, result.verdict), "%s", result.id);
        CHECK(strstr(result.reason, truth->reason) != NULL, "%s: \"%s\"", result.id, result.reason);
        CHECK((result.verdict == SUITE_PASS) == (result.reason[0] == '\0'), "%s: \"%s\"", result.id, result.reason);
    }
}

static void check_nothing_is_left(void)
{
    for (int i = 0; i < 2; i++)
        CHECK(left_behind[i] > 0 && kill(left_behind[i], 0) != 0 && errno == ESRCH, "process %d lives",
            (int)left_behind[i]);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "the runner still has a child");
}

CASE(says_where_it_is, "sample: tells its process id and stays", CLAUSES("LAW-8"), NEEDS_NOTHING)
{
    left_behind[2] = getpid();
    wait_for_ever();
}

/* Wait until @process, which is no child of this one, is gone; false if it is not after ten seconds. */
static bool is_gone_soon(pid_t process)
{
    struct timespec begin, now;

    clock_gettime(CLOCK_MONOTONIC, &begin);
    do {
        if (kill(process, 0) != 0 && errno == ESRCH)
            return true;
        sched_yield();
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begin.tv_sec < 10);
    return false;
}

/* The runner is killed in the middle of a case: its guard ends the case all the same. */
static void check_killed_runner(void)
{
    const struct case_setting setting = {.limit_seconds = 30};
    struct suite_result result;
    volatile pid_t *said = &left_behind[2];

    pid_t runner = fork();
    if (runner == 0) {
        case_process_run(&says_where_it_is, &setting, &result);
        _exit(0);
    }
    while (*said == 0)
        sched_yield();
    kill(runner, SIGKILL);
    waitpid(runner, NULL, 0);
    CHECK(is_gone_soon(*said), "the case lives on after its runner was killed");
}

int main(void)
{
    left_behind = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (left_behind == MAP_FAILED)
        return 1;
    check_truths();
    check_nothing_is_left();
    check_killed_runner();
    return test_result();
}
