/*
 * Disturbances: what happens to programs on machines that they share.
 *
 * Each is made by child processes and lasts as long as they live. They end with the one that measures, however that ends: the
 * hog and the filler are killed with it; the guard of the balancing setting, which must outlive it to set things right, waits
 * for the end of a socket whose other end we alone hold, takes no signals of the terminal, and writes the old value back.
 */
#include "disturbance.h"

#include "failure.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A test has a file of its own. */
#ifndef BALANCING
#define BALANCING "/proc/sys/kernel/numa_balancing"
#endif
#define STEP_BYTES (UINT64_C(512) << 10)
#define MASK_BITS  1024
#define LONG_BITS  (8 * sizeof(unsigned long))

/* What other processes gave back comes free late, from lists that each CPU keeps (6.1): full is what stays full. */
#define LOOKS         20
#define BETWEEN_LOOKS (&(const struct timespec){.tv_nsec = 5000000})

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

const char *disturbance_obstacle(enum disturbance_kind kind, size_t node_count)
{
    if (kind == DISTURBANCE_FULL && node_count < 2)
        return "there is one node, and nowhere for pages to go instead";
    if (kind == DISTURBANCE_BALANCING && node_count < 2)
        return "there is one node, and nothing to balance";
    if (kind == DISTURBANCE_BALANCING && access(BALANCING, W_OK) != 0)
        return "kernel.numa_balancing is not there, or may not be written";
    return "";
}

uint64_t disturbance_free_bytes(unsigned node)
{
    char path[64], line[128];
    unsigned long long kib = 0;

    snprintf(path, sizeof path, "/sys/devices/system/node/node%u/meminfo", node);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Node %*u MemFree: %llu kB", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return (uint64_t)kib << 10;
}

/*
 * The min watermarks of the node's zones: a preferred node is drawn on until there (6.1), a bound one until somebody is
 * killed. They can be tens of MiB: where transparent huge pages are on, khugepaged raises them
 * to eleven huge pages a zone (6.1).
 */
uint64_t disturbance_reserve_bytes(unsigned node)
{
    char line[256];
    unsigned current = 0, found;
    unsigned long long pages, sum = 0;
    FILE *file = fopen("/proc/zoneinfo", "re");

    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Node %u, zone", &found) == 1)
            current = found;
        else if (current == node && sscanf(line, " min %llu", &pages) == 1 && strstr(line, ":") == NULL)
            sum += pages;
    }
    if (file != NULL)
        fclose(file);
    return (uint64_t)sum * (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * What a child is for, on a CPU or a node: first that by which it comes into force, 0 or the errno of why not; then what keeps
 * it so, until it is ended.
 */
struct disturber {
    int (*begin)(unsigned where, uint64_t leave_bytes);
    void (*go_on)(unsigned where, uint64_t leave_bytes);
};

static int pin_to(unsigned cpu, uint64_t unused)
{
    unsigned long mask[NP_CPU_MAX / LONG_BITS] = {0};

    (void)unused;
    mask[cpu / LONG_BITS] = 1UL << cpu % LONG_BITS;
    return syscall(SYS_sched_setaffinity, 0, sizeof mask, mask) == 0 ? 0 : errno;
}

/* Where the scheduler finds it idle: what is measured may need the CPU that this process was last held to. */
static void be_anywhere(void)
{
    unsigned long mask[NP_CPU_MAX / LONG_BITS];

    memset(mask, 0xff, sizeof mask);
    syscall(SYS_sched_setaffinity, 0, sizeof mask, mask);
}

/* A step of memory by a policy of the node, all of it present; NULL, and errno, where there is none. */
static char *map_step(unsigned node, int policy)
{
    unsigned long mask[MASK_BITS / LONG_BITS] = {0};

    mask[node / LONG_BITS] = 1UL << node % LONG_BITS;
    char *step = mmap(NULL, STEP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (step == MAP_FAILED)
        return NULL;
    if (syscall(SYS_mbind, step, STEP_BYTES, policy, mask, MASK_BITS + 1UL, 0) == 0 &&
        madvise(step, STEP_BYTES, MADV_NOHUGEPAGE) == 0 && madvise(step, STEP_BYTES, MADV_POPULATE_WRITE) == 0)
        return step;
    int problem = errno;
    munmap(step, STEP_BYTES);
    errno = problem;
    return NULL;
}

/* Take one more step of the node's memory, for good: not to be swapped out either, where that may be asked for. */
static int take_step(unsigned node)
{
    char *step = map_step(node, MPOL_BIND);
    int problem = errno;

    if (step == NULL)
        return problem;
    mlock(step, STEP_BYTES);
    return 0;
}

/* Whether the last page of a step is on the node: where it ran out of pages, that one is not. */
static bool is_on_node(char *step, unsigned node)
{
    int found = -1;

    return syscall(SYS_get_mempolicy, &found, NULL, 0UL, step + STEP_BYTES - 1, MPOL_F_NODE | MPOL_F_ADDR) == 0 &&
           found == (int)node;
}

static int take_all_but(unsigned node, uint64_t leave_bytes)
{
    int problem = 0;

    for (int looks = 0; problem == 0 && looks < LOOKS;) {
        if (disturbance_free_bytes(node) <= leave_bytes + STEP_BYTES) {
            looks++;
            nanosleep(BETWEEN_LOOKS, NULL);
            continue;
        }
        looks = 0;
        problem = take_step(node);
    }
    return problem;
}

/*
 * Each CPU keeps free pages of its own, up to 15 MiB of a node of 512 MiB (6.1), which count as used and are handed out
 * before all others. Who takes pages on that CPU gets those first: as long as the node's free memory does not shrink by
 * what is taken, there are some left.
 */
static int take_list_of_cpu(unsigned node, unsigned cpu)
{
    int problem = pin_to(cpu, 0);

    while (problem == 0) {
        uint64_t before = disturbance_free_bytes(node);
        problem = take_step(node);
        if (disturbance_free_bytes(node) + STEP_BYTES / 2 < before)
            return problem;
    }
    return problem == EINVAL ? 0 : problem; /* A CPU that is offline has no list. */
}

#define LIST_GROWTH (2 * STEP_BYTES)

/* By CPU: the least that its list of the node's pages has held since the node was full, or what it does not give. */
static uint64_t known_lists[NP_CPU_MAX];

/* What lists hold of the node's pages, by CPU; false, and nothing is known, where the kernel does not say. */
static bool read_lists(unsigned node, uint64_t bytes[NP_CPU_MAX])
{
    char line[256];
    unsigned current = 0, found, cpu = NP_CPU_MAX;
    unsigned long long pages;
    FILE *file = fopen("/proc/zoneinfo", "re");

    if (file == NULL)
        return false;
    memset(bytes, 0, NP_CPU_MAX * sizeof *bytes);
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Node %u, zone", &found) == 1)
            current = found;
        else if (sscanf(line, " cpu: %u", &found) == 1)
            cpu = found;
        else if (current == node && cpu < NP_CPU_MAX && sscanf(line, " count: %llu", &pages) == 1)
            bytes[cpu] += pages * (uint64_t)sysconf(_SC_PAGESIZE);
    }
    fclose(file);
    return true;
}

static int fill(unsigned node, uint64_t leave_bytes)
{
    unsigned cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF);

    /* When the kernel must kill for memory it shall not be this process. */
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0 || (write(score, "-1000", 5) != 5 && write(score, "0", 1) != 1))
        return errno;
    int problem = take_all_but(node, leave_bytes + cpus * STEP_BYTES);
    for (unsigned cpu = 0; problem == 0 && cpu < cpus; cpu++)
        problem = take_list_of_cpu(node, cpu);
    problem = problem == 0 ? take_all_but(node, leave_bytes) : problem;
    read_lists(node, known_lists);
    return problem;
}

/*
 * Take @bytes from a CPU's list. By preference only, which draws on a node until its min watermark and then goes elsewhere; a
 * bound page is got there by somebody's death (6.1). True when what was taken came from what is free, not from the list, whose
 * pages are then of larger orders or other kinds.
 */
static bool take_from_list(unsigned node, unsigned cpu, uint64_t bytes)
{
    for (; bytes > STEP_BYTES; bytes -= STEP_BYTES) {
        uint64_t before = disturbance_free_bytes(node);
        char *step = pin_to(cpu, 0) == 0 ? map_step(node, MPOL_PREFERRED_MANY) : NULL;
        if (step == NULL)
            return false;
        bool was_free = disturbance_free_bytes(node) + STEP_BYTES / 2 < before;
        if (was_free || !is_on_node(step, node)) {
            munmap(step, STEP_BYTES);
            return was_free;
        }
    }
    return false;
}

/* Lists are no less room than what is free: take from them what there is beyond @leave_bytes in both together. */
static void take_what_lists_gained(unsigned node, uint64_t leave_bytes)
{
    static uint64_t now[NP_CPU_MAX];
    uint64_t room = disturbance_free_bytes(node);

    if (!read_lists(node, now))
        return;
    for (unsigned cpu = 0; cpu < NP_CPU_MAX; cpu++) {
        known_lists[cpu] = now[cpu] < known_lists[cpu] ? now[cpu] : known_lists[cpu];
        room += now[cpu] - known_lists[cpu];
    }
    for (unsigned cpu = 0; cpu < NP_CPU_MAX && room > leave_bytes + LIST_GROWTH; cpu++) {
        uint64_t gained = now[cpu] - known_lists[cpu], most = room - leave_bytes;
        if (gained > LIST_GROWTH && take_from_list(node, cpu, gained < most ? gained : most))
            known_lists[cpu] = now[cpu];
        room -= gained < most ? gained : most;
    }
}

/*
 * What other processes give back, some of it seconds later, must not make the node roomy again: neither what is free then nor
 * what CPUs keep in their lists. What the workload itself gives back is left to it.
 */
static void stay_full(unsigned node, uint64_t leave_bytes)
{
    for (unsigned looks = 0;; looks++) {
        while (disturbance_free_bytes(node) > leave_bytes + STEP_BYTES && take_step(node) == 0)
            continue;
        if (looks % LOOKS == 0) {
            take_what_lists_gained(node, leave_bytes);
            be_anywhere();
        }
        nanosleep(BETWEEN_LOOKS, NULL);
    }
}

static void compute(unsigned cpu, uint64_t unused)
{
    (void)cpu, (void)unused;
    for (volatile uint64_t sum = 0;;)
        sum = sum + 1;
}

static const struct disturber hog = {pin_to, compute}, filler = {fill, stay_full};

static _Noreturn void disturb(
    const struct disturber *disturber, unsigned where, uint64_t leave_bytes, int tell, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* Who died before this was asked for sends no signal any more. */
    if (getppid() != parent)
        _exit(1);
    int cause = disturber->begin(where, leave_bytes);
    if (write(tell, &cause, sizeof cause) != (ssize_t)sizeof cause || cause != 0)
        _exit(1);
    close(tell);
    disturber->go_on(where, leave_bytes);
    _exit(1);
}

static np_status add_helper(struct disturbance *disturbance, const struct disturber *disturber, unsigned where,
    uint64_t leave_bytes, np_error *error)
{
    int ends[2], cause = EPIPE;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return failure(error, NP_SYSTEM, "no pipe to a process that disturbs: %s", strerror(errno));
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

    *disturbance = (struct disturbance){.kind = kind, .helpers = calloc(DISTURBANCE_HOGS_MAX, sizeof(pid_t))};
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

np_status disturbance_end(struct disturbance *disturbance, np_error *error)
{
    np_status restored = NP_OK;

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
    *disturbance = (struct disturbance){.kind = DISTURBANCE_NONE};
    return restored;
}
