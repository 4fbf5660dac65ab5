/*
 * One case in processes of its own.
 *
 * Two processes, not one. The runner forks a guard, the guard forks the case:
 *
 *   runner -- guard -- case (own process group) -- whatever it forks
 *
 * The case may be wrecked in any way by the implementation under test. The guard runs no foreign code: it waits with the
 * time limit, then kills the group, and since it is a subreaper it inherits every process that escaped from the group, and
 * ends those too. Then it undoes the faults that changed the machine. It does the same when the runner is interrupted or
 * killed, so that nothing is ever left. All three share one page for what the case says (outcome.h).
 */
#include "case_process.h"
#include "at_work.h"
#include "fault_journal.h"
#include "machine_lock.h"
#include "oracle_access.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A case that at its time limit is kept from a CPU is given the limit once more, and so on, up to this many times: on a busy
 * machine a case of 10 ms had none for 54 s. That is so of who is seen at work in most looks: one who has work may be asleep in some,
 * between two pieces of it, and one who hangs may be awake in some, to look whether what it waits for has come.
 */
#define MOST_LIMITS   4
#define LONGEST_SLICE 1.0 /* Seconds. */
#define LOOKS         15
#define BETWEEN_LOOKS (&(const struct timespec){.tv_nsec = 10000000})

/* What the three processes share. */
struct shared {
    struct outcome outcome;
    bool guarded; /* The guard came to its end: the fields below are true. */
    bool timed_out;
    unsigned given_seconds; /* The time limit, or so many of it as the case was given. */
    int wait_status;        /* Of the case, as waitpid(2) gives it. */
    bool memory_kill;       /* The kernel's out-of-memory killer ran meanwhile. */
    double seconds;
    char trouble[256]; /* What the guard could not do. */
    char threads[512]; /* What the case's were at when its time was over. */
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ---- In the case's process ---- */

static void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);

    if (file < 0)
        return;
    if (write(file, text, strlen(text)) < 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
    close(file);
}

/* A machine described by the environment (HWLOC_XMLFILE, HWLOC_SYNTHETIC) is not this machine, and proves nothing. */
static void forget_faked_machines(void)
{
    static const char *const names[] = {"HWLOC_XMLFILE", "HWLOC_SYNTHETIC", "HWLOC_FSROOT", "HWLOC_CPUID_PATH",
        "HWLOC_COMPONENTS", "HWLOC_THISSYSTEM", "HWLOC_PLUGINS_PATH"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* Standard input is nothing, and what the implementation prints does not mix with the runner's own output. */
static void settle(pid_t guard)
{
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != guard)
        _exit(1);
    setpgid(0, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    write_file("/proc/self/oom_score_adj", "1000");
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0)
        dup2(nothing, STDIN_FILENO);
    if (nothing > STDERR_FILENO)
        close(nothing);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    forget_faked_machines();
}

static _Noreturn void be_the_case(
    const struct suite_case *test, const struct case_setting *setting, struct shared *shared, pid_t guard)
{
    static np_error error;
    char reason[900];

    outcome_use(&shared->outcome);
    settle(guard);
    if (!needs_are_met(&test->needs, setting->allow_system_changes, reason, sizeof reason))
        case_skipped("%s", reason);
    if (test->needs.balancing_off && oracle_balancing() != 0)
        fault_balancing(0);
    if (setting->implementation != NULL && !implementation_load(setting->implementation, reason, sizeof reason))
        case_error("%s", reason);
    expect_prepare(&error);
    test->run(test, &error);
    atomic_store(&shared->outcome.arrived, true);
    _exit(0);
}

/* ---- In the guard ---- */

/* Kill every process whose parent is this one. Returns how many there were. */
static unsigned kill_children(void)
{
    unsigned killed = 0;
    struct dirent *entry;

    DIR *processes = opendir("/proc");
    while (processes != NULL && (entry = readdir(processes)) != NULL) {
        char path[280], status[512];
        int pid = atoi(entry->d_name);
        snprintf(path, sizeof path, "/proc/%s/status", entry->d_name);
        if (pid <= 0 || !oracle_read_file(path, status, sizeof status) || oracle_field(status, "PPid:") != getpid())
            continue;
        kill(pid, SIGKILL);
        killed++;
    }
    if (processes != NULL)
        closedir(processes);
    return killed;
}

/* End all that is left of the case. A child that ends leaves its own children to this process, so that none escapes. */
static void end_descendants(pid_t group)
{
    kill(-group, SIGKILL);
    for (;;) {
        pid_t ended = waitpid(-1, NULL, WNOHANG);
        if (ended < 0 && errno == ECHILD)
            return;
        if (ended == 0 && kill_children() > 0)
            waitpid(-1, NULL, 0);
    }
}

static long out_of_memory_kills(void)
{
    char text[16384];

    return oracle_read_file("/proc/vmstat", text, sizeof text) ? (long)oracle_field(text, "oom_kill ") : -1;
}

/*
 * The signals that end the runner; blocked in the guard before the case exists, so that none is lost. One that the runner ignores,
 * as under nohup(1), does not end it; but it would arrive here, since the kernel keeps even an ignored signal while it is blocked
 * (tried, Linux 6.18). SIGTERM is always among them: it tells that the runner is dead.
 */
static int watch_interruptions(void)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    sigset_t signals;

    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct sigaction action;
        if (ends[i] == SIGTERM || sigaction(ends[i], NULL, &action) != 0 || action.sa_handler != SIG_IGN)
            sigaddset(&signals, ends[i]);
    }
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* When a case was begun, and what the machine's CPUs had done until then. */
struct beginning {
    double time, machine_cpu_seconds;
};

static struct beginning begin_now(void)
{
    return (struct beginning){.time = now(), .machine_cpu_seconds = machine_cpu_seconds()};
}

static bool would_go_on(pid_t group, const struct beginning *begin)
{
    int kept = 0;

    for (int i = 0; i < LOOKS; i++) {
        struct work work = work_of_group(group, now() - begin->time, begin->machine_cpu_seconds);
        kept += is_kept_from_a_cpu(&work);
        nanosleep(BETWEEN_LOOKS, NULL);
    }
    return kept > LOOKS / 2;
}

/*
 * Until one of both has something to tell, or @seconds have passed: what poll(2) says. In slices, of each of which no more counts
 * than was asked for: a machine that stood still meanwhile, as a guest whose emulator was stopped, let the case do nothing either.
 */
static int poll_for(struct pollfd watched[2], double seconds)
{
    int ready = 0;

    while (ready == 0 && seconds > 0) {
        double slice = seconds < LONGEST_SLICE ? seconds : LONGEST_SLICE, begin = now();
        ready = poll(watched, 2, (int)(slice * 1000) + 1);
        if (ready < 0 && errno == EINTR)
            ready = 0;
        double passed = now() - begin;
        seconds -= passed < slice ? passed : slice;
    }
    return ready;
}

/* Wait for the case to end, what it is given to pass or the runner to be interrupted; true if it ended by itself. */
static bool wait_for_case(
    pid_t pid, const struct beginning *begin, unsigned limit_seconds, int interruptions, struct shared *shared)
{
    int process = pidfd_open(pid, 0);
    struct pollfd watched[] = {{.fd = process, .events = POLLIN}, {.fd = interruptions, .events = POLLIN}};
    int ready = -1;

    if (process < 0) {
        snprintf(shared->trouble, sizeof shared->trouble, "pidfd_open: %s", strerror(errno));
        return false;
    }
    for (unsigned limits = 1; limits <= MOST_LIMITS; limits++) {
        shared->given_seconds = limits * limit_seconds;
        ready = poll_for(watched, limit_seconds);
        if (ready != 0 || limits == MOST_LIMITS || !would_go_on(pid, begin))
            break;
    }
    /* It may have ended while it was looked at. */
    if (ready == 0)
        ready = poll(watched, 2, 0);
    shared->timed_out = ready == 0;
    if (shared->timed_out)
        threads_in_words(pid, shared->threads, sizeof shared->threads);
    close(process);
    return ready > 0 && watched[0].revents != 0;
}

/* Lock the machine, to change it or to look at it. */
static bool lock_machine(bool to_change, struct shared *shared)
{
    bool locked = machine_lock(to_change);

    if (!locked)
        snprintf(shared->trouble, sizeof shared->trouble, "another run is changing this machine, and does not end");
    return locked;
}

/*
 * The machine for this case, alone or shared with other runs, and the journal where it may be changed. A case that needs the
 * access counter has it to itself; where there is none the case will be skipped, and waits for nobody. Balancing that is off
 * need not be switched off; whether it still is can be told only with the lock held.
 */
static bool take_machine(const struct suite_case *test, const struct case_setting *setting, struct shared *shared)
{
    bool may_change = setting->allow_system_changes || oracle_is_guest();
    bool changes = may_change && (test->needs.faults & FAULTS_OF_THE_MACHINE) != 0;
    bool counts = test->needs.access_counter && oracle_has_access_counter();

    if (!lock_machine(changes || counts, shared))
        return false;
    if (!changes && may_change && test->needs.balancing_off && oracle_balancing() != 0) {
        machine_unlock();
        changes = true;
        if (!lock_machine(changes, shared))
            return false;
    }
    if (changes)
        journal_open(true);
    return true;
}

static void undo_faults(struct shared *shared)
{
    char said[200];

    if (!journal_undo(said, sizeof said))
        snprintf(shared->trouble, sizeof shared->trouble, "a fault was not undone: %s", said);
    journal_close();
    machine_unlock();
}

static _Noreturn void be_the_guard(
    const struct suite_case *test, const struct case_setting *setting, struct shared *shared, pid_t runner)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (getppid() != runner || !take_machine(test, setting, shared))
        _exit(1);
    int interruptions = watch_interruptions();
    if (interruptions < 0)
        _exit(1);

    long kills = out_of_memory_kills();
    struct beginning begin = begin_now();
    pid_t guard = getpid(), pid = fork();
    if (pid < 0) {
        snprintf(shared->trouble, sizeof shared->trouble, "no process for the case: %s", strerror(errno));
        _exit(1);
    }
    if (pid == 0)
        be_the_case(test, setting, shared, guard);
    setpgid(pid, pid);
    unsigned limit = test->limit_seconds > 0 ? test->limit_seconds : setting->limit_seconds;
    if (!wait_for_case(pid, &begin, limit, interruptions, shared))
        kill(pid, SIGKILL);
    waitpid(pid, &shared->wait_status, 0);
    end_descendants(pid);
    shared->seconds = now() - begin.time;
    undo_faults(shared);
    shared->memory_kill = out_of_memory_kills() != kills;
    shared->guarded = true;
    _exit(0);
}

/* ---- In the runner ---- */

static void conclude(struct suite_result *result, enum suite_status status, enum suite_verdict verdict,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
static void conclude(
    struct suite_result *result, enum suite_status status, enum suite_verdict verdict, const char *format, ...)
{
    va_list arguments;

    result->status = status;
    result->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(result->reason, sizeof result->reason, format, arguments);
    va_end(arguments);
}

/* The case ended by itself and said nothing worse than that it arrived. */
static void judge_silence(const struct shared *shared, struct suite_result *result)
{
    const struct outcome *outcome = &shared->outcome;

    if (!atomic_load(&outcome->arrived))
        conclude(result, SUITE_RAN, SUITE_FAIL, "the process was ended with exit status %d in the middle of the case",
            WEXITSTATUS(shared->wait_status));
    else if (atomic_load(&outcome->checks) == 0)
        conclude(result, SUITE_ERROR, SUITE_INCONCLUSIVE, "the case ended without having checked anything");
    else
        conclude(result, SUITE_RAN, SUITE_PASS, "%s", "");
}

static void judge(const struct shared *shared, struct suite_result *result)
{
    const char *reason = shared->outcome.reason;
    int word = atomic_load(&shared->outcome.word);

    if (!shared->guarded || shared->trouble[0] != '\0')
        conclude(result, SUITE_ERROR, SUITE_INCONCLUSIVE, "%s",
            shared->trouble[0] != '\0' ? shared->trouble : "the case's guard was killed");
    else if (word == OUTCOME_FAILED)
        conclude(result, SUITE_RAN, SUITE_FAIL, "%s", reason);
    else if (shared->timed_out)
        conclude(result, SUITE_RAN, SUITE_FAIL, "hung: killed after the time limit of %u s; its threads: %s",
            shared->given_seconds, shared->threads);
    else if (WIFSIGNALED(shared->wait_status))
        conclude(result, SUITE_RAN, SUITE_FAIL, "killed by SIG%s%s", sigabbrev_np(WTERMSIG(shared->wait_status)),
            shared->memory_kill ? ": the kernel's out-of-memory killer ran" : "");
    else if (word == OUTCOME_ERROR)
        conclude(result, SUITE_ERROR, SUITE_INCONCLUSIVE, "%s", reason);
    else if (word == OUTCOME_INCONCLUSIVE)
        conclude(result, SUITE_RAN, SUITE_INCONCLUSIVE, "%s", reason);
    else if (word == OUTCOME_SKIPPED)
        conclude(result, SUITE_SKIPPED, SUITE_NOT_APPLICABLE, "%s", reason);
    else
        judge_silence(shared, result);
}

bool case_runs_alone(const struct suite_case *test)
{
    return test->alone || test->needs.access_counter || (test->needs.faults & FAULTS_OF_THE_MACHINE) != 0;
}

void case_process_start(const struct suite_case *test, const struct case_setting *setting, struct case_run *run)
{
    pid_t runner = getpid();

    *run = (struct case_run){.test = test, .guard = -1, .ended = -1};
    struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        run->trouble = errno;
        return;
    }
    run->shared = shared;
    fflush(NULL);
    run->guard = fork();
    if (run->guard == 0)
        be_the_guard(test, setting, shared, runner);
    if (run->guard < 0)
        snprintf(shared->trouble, sizeof shared->trouble, "no process for the guard: %s", strerror(errno));
    else
        run->ended = pidfd_open(run->guard, 0);
}

void case_process_interrupt(const struct case_run *run)
{
    if (run->guard > 0)
        kill(run->guard, SIGTERM);
}

void case_process_finish(struct case_run *run, struct suite_result *result)
{
    const struct suite_case *test = run->test;

    *result = (struct suite_result){.id = test->id, .meaning = test->meaning, .clauses = test->clauses, .runs = 1};
    if (run->shared == NULL) {
        conclude(result, SUITE_ERROR, SUITE_INCONCLUSIVE, "no page to share with the case: %s", strerror(run->trouble));
        return;
    }
    while (run->guard > 0 && waitpid(run->guard, NULL, 0) < 0 && errno == EINTR)
        continue;
    judge(run->shared, result);
    result->seconds = run->shared->seconds;
    if (run->ended >= 0)
        close(run->ended);
    munmap(run->shared, sizeof *run->shared);
    *run = (struct case_run){.guard = -1, .ended = -1};
}

void case_process_run(const struct suite_case *test, const struct case_setting *setting, struct suite_result *result)
{
    struct case_run run;

    case_process_start(test, setting, &run);
    case_process_finish(&run, result);
}
