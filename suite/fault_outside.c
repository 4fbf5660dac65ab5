/*
 * Others at work: processes beside this one that fill a node, re-pin a thread, move pages.
 *
 * Each is a child of the case in its process group, so that it ends with the case at the latest.
 */
#include "fault.h"
#include "oracle.h"
#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEP_BYTES (UINT64_C(4) << 20) /* The smallest step: a node is full to within this. */
#define HUGE_BYTES (UINT64_C(2) << 20) /* A step starts at a multiple, so that the kernel may fill it by huge pages. */

/*
 * Memory that a process before us gave back comes free late, from the lists that each CPU keeps (seen on 6.1: 10 MiB, some
 * 100 ms after it ended). So a node is full when it has been so for this many looks in a row.
 */
#define LOOKS         20
#define BETWEEN_LOOKS (&(const struct timespec){.tv_nsec = 10000000})

/*
 * Take @bytes of the node, for as long as the process lives: 0, or an errno; ENOSPC where the node does not give them. By
 * preference, which draws on a node until its min watermark and then goes elsewhere: for a page bound to the node the kernel
 * kills somebody there, and it need not be one of us (6.1). In huge pages it is faster, but one that the node has not comes from
 * elsewhere though it has small ones (6.1).
 */
static int take_memory(unsigned node, uint64_t bytes, bool in_huge_pages)
{
    struct ids nodes = ids_of(node);
    char *space = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *start = space + (-(uintptr_t)space & (HUGE_BYTES - 1));

    if (space == MAP_FAILED)
        return ENOMEM;
    long set =
        oracle_call(SYS_mbind, (long)start, (long)bytes, MPOL_PREFERRED_MANY, (long)&nodes, ORACLE_NODE_MAX + 1, 0);
    if (set < 0)
        return set == -EINVAL ? EOPNOTSUPP : (int)-set; /* EINVAL: before 5.15 there is no such policy. */
    if (!in_huge_pages)
        madvise(start, bytes, MADV_NOHUGEPAGE);
    if (madvise(start, bytes, MADV_POPULATE_WRITE) != 0)
        return errno;
    struct oracle_pages pages = oracle_pages(start, bytes, HUGE_BYTES), last = oracle_pages(start + bytes - 1, 1, 1);
    if (pages.on_node[node] == pages.pages && last.on_node[node] == 1)
        return 0;
    munmap(space, bytes + HUGE_BYTES);
    return ENOSPC;
}

/*
 * Steps of half of what is left to take: few looks, which cost more than the memory, and no overshoot; small ones as soon as
 * the node has not given one. ENOSPC: there is more free than was to be left, which the kernel keeps for itself.
 */
static int fill(unsigned node, uint64_t leave_bytes)
{
    bool in_halves = true;
    int cause = 0;

    for (int looks = 0; (cause == 0 || cause == ENOSPC) && looks < LOOKS;) {
        uint64_t free_bytes = oracle_node_memory(node).free;
        bool is_full = free_bytes <= leave_bytes + STEP_BYTES;
        uint64_t half = is_full ? 0 : (free_bytes - leave_bytes) / 2 & ~(STEP_BYTES - 1);
        cause = is_full ? 0 : take_memory(node, in_halves && half > STEP_BYTES ? half : STEP_BYTES, in_halves);
        is_full = is_full || (cause == ENOSPC && !in_halves);
        in_halves = in_halves && cause != ENOSPC;
        looks = is_full ? looks + 1 : 0;
        if (is_full)
            nanosleep(BETWEEN_LOOKS, NULL);
    }
    return cause;
}

/* The other process: it tells what filling came to when it is done, and holds what it took. */
static _Noreturn void fill_and_hold(unsigned node, uint64_t leave_bytes, int tell)
{
    int cause = 0;

    /* When the kernel must kill for memory it shall be the case that asks for too much, and this process last. */
    int score = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (score < 0 || (write(score, "-999", 4) != 4 && write(score, "0", 1) != 1))
        cause = errno;
    if (cause == 0)
        cause = fill(node, leave_bytes);
    if (write(tell, &cause, sizeof cause) != (ssize_t)sizeof cause)
        _exit(1);
    for (;;)
        pause();
}

void fault_fill_node(unsigned node, uint64_t leave_bytes)
{
    int ends[2], cause = EPIPE;

    if (pipe2(ends, O_CLOEXEC) != 0)
        case_error("fault: pipe: %s", strerror(errno));
    pid_t filler = fork();
    if (filler == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        fill_and_hold(node, leave_bytes, ends[1]);
    }
    close(ends[1]);
    if (filler < 0 || read(ends[0], &cause, sizeof cause) != (ssize_t)sizeof cause || (cause != 0 && cause != ENOSPC))
        case_error("fault: node %u cannot be filled: %s", node, strerror(cause));
    close(ends[0]);
    uint64_t free_bytes = oracle_node_memory(node).free;
    if (cause == 0 && free_bytes > leave_bytes + FAULT_FILL_SLACK_BYTES)
        case_error("fault: node %u still has %" PRIu64 " bytes free, %" PRIu64 " were to be left", node, free_bytes,
            leave_bytes);
}

/*
 * Run one system call in a process of its own; its errno, or 0. By vfork(2), which shares the memory: a fork would share
 * every page copy-on-write, and move_pages(2) refuses a page that two processes map with -EACCES (seen on 6.1).
 */
static int call_from_outside(long number, long a, long b, long c, long d, long e, long f)
{
    int status = 0;

    pid_t other = vfork();
    if (other < 0)
        case_error("fault: no process to act from outside: %s", strerror(errno));
    if (other == 0) {
        long result = oracle_call(number, a, b, c, d, e, f);
        _exit(result < 0 ? (int)-result : 0);
    }
    while (waitpid(other, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

void fault_repin_from_outside(pid_t thread, const struct ids *cpus)
{
    int cause = call_from_outside(SYS_sched_setaffinity, thread, sizeof *cpus, (long)cpus, 0, 0, 0);
    struct ids found = oracle_affinity(thread);

    if (cause != 0 || !ids_equal(&found, cpus))
        case_error("fault: thread %d cannot be re-pinned to %s from outside: %s; it is on %s", (int)thread,
            ids_text(cpus).text, strerror(cause), ids_text(&found).text);
}

void fault_move_page_from_outside(void *address, unsigned node)
{
    int target = (int)node, status = -ECHILD;

    int cause =
        call_from_outside(SYS_move_pages, getpid(), 1, (long)&address, (long)&target, (long)&status, MPOL_MF_MOVE);
    if (cause != 0 || status != target)
        case_error("fault: the page at %p cannot be moved to node %u from outside: %s, its status is %d", address, node,
            strerror(cause), status);
}
