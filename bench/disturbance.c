/*
 * Disturbances: what happens to programs on machines that they share.
 *
 * Each is made by child processes and lasts as long as they live. They end with the one that measures, however that ends: the
 * hog and the filler are killed with it; the guard of the balancing setting, which must outlive it to set things right, waits
 * for the end of a socket whose other end we alone hold, takes no signals of the terminal, and writes the old value back.
 */
#include "disturbance.h"

#include "failure.h"
#include "filler.h"
#include "placement.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A test has a file of its own. */
#ifndef BALANCING
#define BALANCING "/proc/sys/kernel/numa_balancing"
#endif

const char *disturbance_name(enum disturbance_kind kind)
{
    static const char *const names[] = {[DISTURBANCE_NONE] = "quiet",
        [DISTURBANCE_HOG] = "CPU hog",
        [DISTURBANCE_FULL] = "full node",
        [DISTURBANCE_BALANCING] = "balancing on"};

    return (size_t)kind < DISTURBANCE_KINDS ? names[kind] : "unknown";
}

bool disturbance_changes_machine(enum disturbance_kind kind)
{
    return kind == DISTURBANCE_FULL || kind == DISTURBANCE_BALANCING;
}

const char *disturbance_obstacle(enum disturbance_kind kind, size_t memory_nodes)
{
    if (kind == DISTURBANCE_FULL && memory_nodes < 2)
        return "there is one node with memory, and nowhere for pages to go instead";
    if (kind == DISTURBANCE_BALANCING && memory_nodes < 2)
        return "there is one node with memory, and nothing to balance";
    if (kind == DISTURBANCE_BALANCING && access(BALANCING, W_OK) != 0)
        return "kernel.numa_balancing is not there, or may not be written";
    return "";
}

/*
 * What a child is for, on a CPU or a node: first that by which it comes into force, 0 or the errno of why not; then what keeps
 * it so, until it is ended.
 */
struct disturber {
    int (*begin)(unsigned where, uint64_t leave_bytes);
    void (*go_on)(int requests);
};

static int move_to(unsigned cpu, uint64_t unused)
{
    (void)unused;
    return thread_move(cpu) ? 0 : errno;
}

static void compute(int unused)
{
    (void)unused;
    for (volatile uint64_t sum = 0;;)
        sum = sum + 1;
}

static const struct disturber hog = {move_to, compute}, filler = {filler_begin, filler_go_on};

static _Noreturn void disturb(
    const struct disturber *disturber, unsigned where, uint64_t leave_bytes, int socket, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Who died before this was asked for sends no signal any more. */
    if (getppid() != parent)
        _exit(1);
    int cause = disturber->begin(where, leave_bytes);
    if (write(socket, &cause, sizeof cause) != (ssize_t)sizeof cause || cause != 0)
        _exit(1);
    disturber->go_on(socket);
    _exit(1);
}

static np_status add_helper(struct disturbance *disturbance, const struct disturber *disturber, unsigned where,
    uint64_t leave_bytes, np_error *error)
{
    int ends[2], cause = EPIPE;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return failure(error, NP_SYSTEM, "no socket to a process that disturbs: %s", strerror(errno));
    pid_t parent = getpid(), helper = fork();
    if (helper == 0) {
        close(ends[0]);
        disturb(disturber, where, leave_bytes, ends[1], parent);
    }
    int problem = errno;
    close(ends[1]);
    if (helper > 0)
        disturbance->helpers[disturbance->helper_count++] = helper;
    if (helper > 0 && read(ends[0], &cause, sizeof cause) != (ssize_t)sizeof cause)
        cause = EPIPE;
    if (disturbance->kind == DISTURBANCE_FULL)
        disturbance->filler = ends[0];
    else
        close(ends[0]);
    if (helper > 0 && cause == 0)
        return NP_OK;
    return failure(
        error, NP_SYSTEM, "no %s: %s", disturbance_name(disturbance->kind), strerror(helper > 0 ? cause : problem));
}

static np_status begin_hogs(struct disturbance *disturbance, const np_cpuset *cpus, np_error *error)
{
    np_status status = NP_OK;

    for (int cpu = np_cpuset_first(cpus);
         cpu >= 0 && status == NP_OK && disturbance->helper_count < DISTURBANCE_HOGS_MAX;
         cpu = np_cpuset_next(cpus, cpu))
        status = add_helper(disturbance, &hog, (unsigned)cpu, 0, error);
    return status;
}

static bool set_balancing(const char *value)
{
    int file = open(BALANCING, O_WRONLY | O_CLOEXEC);
    bool done = file >= 0 && write(file, value, strlen(value)) == (ssize_t)strlen(value);

    if (file >= 0)
        close(file);
    return done;
}

/*
 * With all signals blocked: wait until nobody holds the other end of @socket any more, and write the old value back. It says
 * that it stands once it is out of our process group: a SIGKILL to the whole of that would end it before.
 */
static _Noreturn void guard_balancing(const char *before, int socket)
{
    char byte = 0;

    setsid();
    if (write(socket, &byte, 1) != 1)
        _exit(1);
    while (read(socket, &byte, 1) < 0 && errno == EINTR)
        continue;
    _exit(set_balancing(before) ? 0 : 1);
}

/* Our end of the guard's socket: closed by disturbance_end(), or by the kernel when we end. */
static int guard_end = -1;

static np_status begin_balancing(struct disturbance *disturbance, np_error *error)
{
    char before[16] = "";
    char byte;
    int ends[2];
    FILE *file = fopen(BALANCING, "re");

    bool known = file != NULL && fgets(before, sizeof before, file) != NULL;
    if (file != NULL)
        fclose(file);
    if (!known || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return failure(error, NP_SYSTEM, "kernel.numa_balancing cannot be read, or no guard be put beside it");
    /* Blocked before it is born: a Ctrl-C that ends us and the guard at once would leave balancing on. */
    sigset_t all, ours;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &ours);
    pid_t guard = fork();
    if (guard == 0) {
        close(ends[1]);
        guard_balancing(before, ends[0]);
    }
    pthread_sigmask(SIG_SETMASK, &ours, NULL);
    close(ends[0]);
    guard_end = ends[1];
    if (guard > 0)
        disturbance->helpers[disturbance->helper_count++] = guard;
    if (guard > 0 && read(guard_end, &byte, 1) == 1 && set_balancing("1"))
        return NP_OK;
    return failure(error, NP_SYSTEM, "kernel.numa_balancing cannot be set: %s", strerror(errno));
}

np_status disturbance_begin(struct disturbance *disturbance, enum disturbance_kind kind, const np_cpuset *cpus,
    unsigned node, uint64_t leave_bytes, np_error *error)
{
    np_status status = NP_OK;

    *disturbance =
        (struct disturbance){.kind = kind, .filler = -1, .helpers = calloc(DISTURBANCE_HOGS_MAX, sizeof(pid_t))};
    if (disturbance->helpers == NULL)
        return failure(error, NP_ALLOCATION, "no memory to keep the processes that disturb");
    if (kind == DISTURBANCE_HOG)
        status = begin_hogs(disturbance, cpus, error);
    else if (kind == DISTURBANCE_FULL)
        status = add_helper(disturbance, &filler, node, leave_bytes, error);
    else if (kind == DISTURBANCE_BALANCING)
        status = begin_balancing(disturbance, error);
    if (status != NP_OK)
        disturbance_end(disturbance, NULL);
    return status;
}

/* It is not reaped: its id stays its own until disturbance_end(). */
static bool has_ended(pid_t helper)
{
    siginfo_t ended = {.si_pid = 0};

    return waitid(P_PID, (id_t)helper, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == helper;
}

static np_status look_at_helpers(const struct disturbance *disturbance, np_error *error)
{
    for (size_t i = 0; i < disturbance->helper_count; i++)
        if (has_ended(disturbance->helpers[i]))
            return failure(error, NP_SYSTEM, "a process that disturbs (%s) has ended before it was to",
                disturbance_name(disturbance->kind));
    return NP_OK;
}

np_status disturbance_settle(const struct disturbance *disturbance, np_error *error)
{
    char answer = 0;
    ssize_t got = 0;

    if (disturbance->filler < 0)
        return look_at_helpers(disturbance, error);
    if (send(disturbance->filler, &answer, 1, MSG_NOSIGNAL) == 1)
        while ((got = read(disturbance->filler, &answer, 1)) < 0 && errno == EINTR)
            continue;
    if (got != 1)
        return failure(error, NP_SYSTEM, "the process that keeps the node full has ended, and the node is not full");
    if (answer != FILLER_FULL)
        return failure(error, NP_SYSTEM,
            "the node does not get full: others give memory back as fast as it is taken, or who takes it may have no "
            "more");
    return NP_OK;
}

double disturbance_used_seconds(const struct disturbance *disturbance)
{
    struct timespec used;
    clockid_t clock;
    double sum = 0;

    for (size_t i = 0; i < disturbance->helper_count; i++)
        if (clock_getcpuclockid(disturbance->helpers[i], &clock) == 0 && clock_gettime(clock, &used) == 0)
            sum += (double)used.tv_sec + (double)used.tv_nsec / 1e9;
    return sum;
}

np_status disturbance_end(struct disturbance *disturbance, np_error *error)
{
    np_status restored = NP_OK;

    if (disturbance->filler >= 0)
        close(disturbance->filler);
    if (disturbance->kind == DISTURBANCE_BALANCING && guard_end >= 0) {
        close(guard_end);
        guard_end = -1;
    }
    for (size_t i = 0; i < disturbance->helper_count; i++) {
        if (disturbance->kind != DISTURBANCE_BALANCING)
            kill(disturbance->helpers[i], SIGKILL);
        int how = 0;
        while (waitpid(disturbance->helpers[i], &how, 0) < 0 && errno == EINTR)
            continue;
        if (disturbance->kind == DISTURBANCE_BALANCING && (!WIFEXITED(how) || WEXITSTATUS(how) != 0))
            restored = failure(error, NP_SYSTEM,
                "kernel.numa_balancing may not be what it was before: who should have written it back %s; look at %s",
                WIFEXITED(how) ? "could not" : "was killed", BALANCING);
    }
    free(disturbance->helpers);
    *disturbance = (struct disturbance){.kind = DISTURBANCE_NONE, .filler = -1};
    return restored;
}
